// Puts the Content-Security-Policy into the built page: nothing may be loaded from, or sent to, anywhere
// but the place that the page itself came from.

import type { Plugin } from "vite";

const POLICY = {
  "default-src": "'none'",
  // WebAssembly counts as script, and compiling it needs to be allowed by itself.
  "script-src": "'self' 'wasm-unsafe-eval'",
  "style-src": "'self'",
  "img-src": "'self' data:",
  "connect-src": "'self'",
  "worker-src": "'self'",
  "manifest-src": "'self'",
  "base-uri": "'none'",
  "form-action": "'none'",
};

export const policyText = Object.entries(POLICY)
  .map(([directive, sources]) => `${directive} ${sources}`)
  .join("; ");

/** In the built page only: the development server's own script and styles are inline. */
export function contentSecurityPolicy(): Plugin {
  return {
    name: "content-security-policy",
    apply: "build",
    transformIndexHtml: {
      order: "post",
      handler: () => [
        {
          tag: "meta",
          attrs: { "http-equiv": "Content-Security-Policy", content: policyText },
          // It holds only for what comes after it.
          injectTo: "head-prepend",
        },
      ],
    },
  };
}
