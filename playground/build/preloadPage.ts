// Adds modulepreload links for all of the page's code, so that a browser loads the modules at once and not one import after
// the other.

import type { Plugin } from "vite";

export function preloadPage(): Plugin {
  return {
    name: "preload-page",
    apply: "build",
    transformIndexHtml: {
      order: "post",
      handler: (_html, { bundle }) =>
        Object.values(bundle ?? {})
          .filter((chunk) => chunk.type === "chunk" && !chunk.isEntry)
          .map(({ fileName }) => ({
            tag: "link",
            attrs: { rel: "modulepreload", crossorigin: true, href: `./${fileName}` },
            injectTo: "head",
          })),
    },
  };
}
