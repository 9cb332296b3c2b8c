// CodeMirror's own styles. It would write them into a <style> element, which the page's
// Content-Security-Policy does not let in; a constructed sheet may. They go into a layer, so that whatever
// the page's style sheets say comes before them.

import { StyleModule } from "style-mod";

const sheet = new CSSStyleSheet();
let mounted: readonly StyleModule[] = [];

StyleModule.mount = (_root, modules) => {
  const own = Array.isArray(modules) ? modules : [modules];
  if (own.every((module) => mounted.includes(module))) return;
  mounted = [...mounted.filter((module) => !own.includes(module)), ...own];
  sheet.replaceSync(`@layer codemirror {\n${mounted.map((module) => module.getRules()).join("\n")}\n}`);
  if (!document.adoptedStyleSheets.includes(sheet)) document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
};
