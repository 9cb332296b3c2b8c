// How the page is built: static files that run from any path, with nothing from anywhere else.

import { defineConfig } from "vite";
import { contentSecurityPolicy } from "./build/contentSecurityPolicy.ts";
import { preloadPage } from "./build/preloadPage.ts";
import { serviceWorker } from "./build/serviceWorker.ts";

export default defineConfig({
  base: "./",
  plugins: [contentSecurityPolicy(), preloadPage(), serviceWorker()],
  build: {
    target: "es2022",
    // Else light-dark() would be rewritten for browsers that lack what the page needs anyway.
    cssTarget: ["chrome123", "firefox120", "safari17.5"],
    // An inlined file would be a data: address, which the Content-Security-Policy does not allow.
    assetsInlineLimit: 0,
    // What is loaded later is named in the page's head already.
    modulePreload: false,
    reportCompressedSize: false,
  },
  worker: { format: "es" },
});
