// The Web Worker: runs the core, one call after the other.

import init, * as core from "../core/pkg/core.js";

/** The messages from the page: first the compiled module, then calls. */
export type Request =
  | { type: "start"; module: WebAssembly.Module }
  | { type: "call"; id: number; name: CallName; values: unknown[] };

/** The messages to the page. */
export type Answer =
  | { type: "ready" }
  | { type: "startError"; message: string }
  | { type: "answer"; id: number; value: unknown }
  | { type: "callError"; id: number; message: string };

export type CallName = "evaluate" | "fix" | "policy" | "compare" | "checks" | "versions" | "checksInMessage";

const send = (message: Answer): void => self.postMessage(message);

self.addEventListener("message", async (event: MessageEvent<Request>) => {
  const request = event.data;
  if (request.type === "start") {
    try {
      await init({ module_or_path: request.module as never });
      send({ type: "ready" });
    } catch (error) {
      send({ type: "startError", message: String(error) });
    }
    return;
  }
  try {
    const call = core[request.name] as (...values: unknown[]) => unknown;
    const start = performance.now();
    const value = call(...request.values);
    // For developer tools and the tests; only the last measure of each name is kept.
    performance.clearMeasures(request.name);
    performance.measure(request.name, { start });
    send({ type: "answer", id: request.id, value });
  } catch (error) {
    // The core returns errors for invalid input. An exception means that its memory is in an undefined state, so the page
    // restarts the worker.
    send({ type: "callError", id: request.id, message: String(error) });
  }
});
