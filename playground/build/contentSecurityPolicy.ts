// Adds the Content-Security-Policy to the built page: everything that the page loads is from its own origin. Requests of its code
// can go to other servers too, by HTTPS, because it opens manifests from URLs: src/remote has the only such request, and
// tests/isolation.mjs checks that there is no other.

import type { Plugin } from "vite";

const POLICY = {
  "default-src": "'none'",
  // Compiling WebAssembly needs its own keyword.
  "script-src": "'self' 'wasm-unsafe-eval'",
  "style-src": "'self'",
  "img-src": "'self' data:",
  "connect-src": "'self' https:",
  "worker-src": "'self'",
  "manifest-src": "'self'",
  "base-uri": "'none'",
  "form-action": "'none'",
};

export const policyText = Object.entries(POLICY)
  .map(([directive, sources]) => `${directive} ${sources}`)
  .join("; ");

/** For the built page only: the development server has inline scripts and styles. */
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
          // It applies only to elements after it.
          injectTo: "head-prepend",
        },
      ],
    },
  };
}
