// The worker: holds the core and answers one call after the other.

import init, * as core from "../core/pkg/core.js";

/** What the page sends: first the compiled module, then calls. */
export type Request =
  | { type: "start"; module: WebAssembly.Module }
  | { type: "call"; id: number; name: CallName; values: unknown[] };

/** What comes back. */
export type Answer =
  | { type: "ready" }
  | { type: "failed"; message: string }
  | { type: "answer"; id: number; value: unknown }
  | { type: "broke"; id: number; message: string };

export type CallName = "evaluate" | "fix" | "policy" | "compare" | "checks" | "versions" | "named";

const answer = (message: Answer): void => self.postMessage(message);

self.addEventListener("message", async (event: MessageEvent<Request>) => {
  const request = event.data;
  if (request.type === "start") {
    try {
      await init({ module_or_path: request.module as never });
      answer({ type: "ready" });
    } catch (error) {
      answer({ type: "failed", message: String(error) });
    }
    return;
  }
  try {
    const call = core[request.name] as (...values: unknown[]) => unknown;
    const start = performance.now();
    const value = call(...request.values);
    // For developer tools and the tests; only the last of each name is kept.
    performance.clearMeasures(request.name);
    performance.measure(request.name, { start });
    answer({ type: "answer", id: request.id, value });
  } catch (error) {
    // The core answers bad input and never throws for it. If it does throw it is broken, and its memory
    // with it, so the page starts a new one.
    answer({ type: "broke", id: request.id, message: String(error) });
  }
});
