// Adds modulepreload links for the page's code, so that a browser loads the modules at once and not one import after the
// other. The code for migration and for manifests from URLs is loaded on demand.

import type { Plugin } from "vite";

/** The directories of the code that is loaded on demand. */
const ON_DEMAND = ["/src/migration/", "/src/remote/"];

export function preloadPage(): Plugin {
  return {
    name: "preload-page",
    apply: "build",
    transformIndexHtml: {
      order: "post",
      handler: (_html, { bundle }) =>
        Object.values(bundle ?? {})
          .filter((chunk) => chunk.type === "chunk" && !chunk.isEntry && !ON_DEMAND.some((directory) => chunk.facadeModuleId?.includes(directory)))
          .map(({ fileName }) => ({
            tag: "link",
            attrs: { rel: "modulepreload", crossorigin: true, href: `./${fileName}` },
            injectTo: "head",
          })),
    },
  };
}
