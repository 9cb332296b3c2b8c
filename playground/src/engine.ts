// The engine: the functions of the core, in its Web Worker.

import coreUrl from "../core/pkg/core_bg.wasm?url";
import type * as core from "../core/pkg/core.js";
import type { Engine } from "./app.ts";
import { startWorker } from "./workerCalls.ts";

/** Starts the core. It loads while the page is being built. */
export function startEngine(): Engine {
  const call = startWorker<keyof typeof core>({
    name: "core",
    url: coreUrl,
    worker: () => new Worker(new URL("./worker.ts", import.meta.url), { type: "module" }),
  });
  return {
    evaluate: (manifests, options) => call("evaluate", manifests, options),
    fix: (manifests, options) => call("fix", manifests, options),
    policy: (options) => call("policy", options),
    compare: (manifests, from, to) => call("compare", manifests, from, to),
    checks: () => call("checks"),
    versions: () => call("versions"),
    // The name of the function in the core.
    checksInMessage: (message) => call("checksInMessage", message),
  };
}

