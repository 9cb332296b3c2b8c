// The build of the page: static files that can be served from any path and load nothing from other origins.

import { defineConfig } from "vite";
import { contentSecurityPolicy } from "./build/contentSecurityPolicy.ts";
import { preloadPage } from "./build/preloadPage.ts";
import { serviceWorker } from "./build/serviceWorker.ts";

export default defineConfig({
  base: "./",
  plugins: [contentSecurityPolicy(), preloadPage(), serviceWorker()],
  build: {
    target: "es2022",
    // Without it, light-dark() would be rewritten for browsers that the page does not support.
    cssTarget: ["chrome123", "firefox120", "safari17.5"],
    // An inlined file would be a data: address, which the Content-Security-Policy does not allow.
    assetsInlineLimit: 0,
    // preloadPage adds the links.
    modulePreload: false,
    reportCompressedSize: false,
  },
  worker: { format: "es" },
});
