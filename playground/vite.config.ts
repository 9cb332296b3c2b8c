// How the page is built: static files that run from any path, with nothing from anywhere else.

import { defineConfig } from "vite";
import { contentSecurityPolicy } from "./build/contentSecurityPolicy.ts";
import { serviceWorker } from "./build/serviceWorker.ts";

export default defineConfig({
  base: "./",
  plugins: [contentSecurityPolicy(), serviceWorker()],
  build: {
    target: "es2022",
    // Else light-dark() would be rewritten for browsers that lack what the page needs anyway.
    cssTarget: ["chrome123", "firefox120", "safari17.5"],
    // An inlined file would be a data: address, which the Content-Security-Policy does not allow.
    assetsInlineLimit: 0,
    // Its helper for old browsers is not needed by any that can run the page.
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  worker: { format: "es" },
});
