// The messages between the page and a Web Worker that runs a module.

/** The messages from the page: first the compiled module, then calls of its functions. */
export type Request =
  | { type: "start"; module: WebAssembly.Module }
  | { type: "call"; id: number; name: string; values: unknown[] };

/** The messages to the page. */
export type Answer =
  | { type: "ready" }
  | { type: "startError"; message: string }
  | { type: "answer"; id: number; value: unknown }
  | { type: "callError"; id: number; message: string };
