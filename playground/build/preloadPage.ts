// Adds modulepreload links for the page's code, so that a browser loads the modules at once and not one import after the
// other. Code that only a part of the page imports on demand is left out.

import type { Plugin } from "vite";

/** The module that the entry point imports once the first verdict is shown. */
const PAGE = "/src/page.ts";

export function preloadPage(): Plugin {
  return {
    name: "preload-page",
    apply: "build",
    transformIndexHtml: {
      order: "post",
      handler: (_html, { bundle }) => {
        const chunks = Object.values(bundle ?? {}).filter((chunk) => chunk.type === "chunk");
        const names = new Set<string>();
        const add = (fileName: string): void => {
          const chunk = chunks.find((own) => own.fileName === fileName);
          if (!chunk || names.has(fileName)) return;
          names.add(fileName);
          chunk.imports.forEach(add);
        };
        for (const { fileName, isEntry, facadeModuleId } of chunks) if (isEntry || facadeModuleId?.endsWith(PAGE)) add(fileName);
        return [...names]
          .filter((fileName) => !chunks.some((chunk) => chunk.isEntry && chunk.fileName === fileName))
          .map((fileName) => ({
            tag: "link",
            attrs: { rel: "modulepreload", crossorigin: true, href: `./${fileName}` },
            injectTo: "head",
          }));
      },
    },
  };
}
