// Adds the Content-Security-Policy to the built page: the page can load from and send to its own origin only.

import type { Plugin } from "vite";

const POLICY = {
  "default-src": "'none'",
  // Compiling WebAssembly needs its own keyword.
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
