// CodeMirror's own styles. By default CodeMirror adds a <style> element, which the page's Content-Security-Policy does not
// allow; a constructed style sheet is allowed. It is in a layer, so that the page's style sheets take precedence.

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
