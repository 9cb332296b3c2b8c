// The part of a Web Worker that runs the functions of a module, one call after the other.

import type { Answer, Request } from "./workerMessages.ts";

const send = (message: Answer): void => self.postMessage(message);

/** Answers the messages of the page with a module: its initialization, and its functions by their names. */
export function serve(init: (options: { module_or_path: never }) => unknown, functions: object): void {
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
      const call = (functions as Record<string, unknown>)[request.name] as (...values: unknown[]) => unknown;
      const start = performance.now();
      const value = call(...request.values);
      // For developer tools and the tests; only the last measure of each name is kept.
      performance.clearMeasures(request.name);
      performance.measure(request.name, { start });
      send({ type: "answer", id: request.id, value });
    } catch (error) {
      // A module returns errors for invalid input. An exception means that its memory is in an undefined state, so the page
      // restarts the worker.
      send({ type: "callError", id: request.id, message: String(error) });
    }
  });
}
