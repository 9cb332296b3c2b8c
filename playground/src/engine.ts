// The engine: calls of the core become promises, and a core that hangs or breaks is replaced.

import coreUrl from "../core/pkg/core_bg.wasm?url";
import type { Engine } from "./app.ts";
import type { Answer, CallName, Request } from "./worker.ts";

/** A call that takes longer is given up. The largest text that the core accepts takes far less. */
const LIMIT = 10_000;

interface Call {
  id: number;
  name: CallName;
  values: unknown[];
  resolve: (value: never) => void;
  reject: (error: Error) => void;
}

/** Starts the core at once, so that it loads while the page is being built. */
export function startEngine(): Engine {
  const waiting: Call[] = [];
  let running: Call | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let worker: Worker | null = null;
  let ready = false;
  let lastId = 0;
  let compiled: Promise<WebAssembly.Module> | null = null;

  function compile(): Promise<WebAssembly.Module> {
    compiled ??= load().catch((error: unknown) => {
      // The next call tries again: the network may be back by then.
      compiled = null;
      throw error;
    });
    return compiled;
  }

  function start(): void {
    const own = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
    worker = own;
    ready = false;
    own.addEventListener("message", (event: MessageEvent<Answer>) => {
      if (worker === own) hear(event.data);
    });
    own.addEventListener("error", (event) => {
      event.preventDefault();
      if (worker === own) fail(event.message || "its worker could not be started");
    });
    compile().then(
      (module) => own.postMessage({ type: "start", module } satisfies Request),
      (error: unknown) => {
        if (worker === own) fail(error instanceof Error ? error.message : String(error));
      },
    );
  }

  function hear(answer: Answer): void {
    if (answer.type === "ready") {
      ready = true;
      next();
    } else if (answer.type === "failed") {
      fail(answer.message);
    } else if (running && running.id === answer.id) {
      const call = running;
      if (answer.type === "answer") {
        settle();
        call.resolve(answer.value as never);
        next();
      } else {
        replace(`The core broke down over this text (${answer.message}). It was started anew.`);
      }
    }
  }

  function settle(): void {
    clearTimeout(timer);
    running = null;
  }

  function next(): void {
    if (running || !waiting.length) return;
    if (!worker) return start();
    if (!ready) return;
    const call = waiting.shift() as Call;
    running = call;
    timer = setTimeout(() => {
      replace(`The core took more than ${LIMIT / 1000} seconds and was stopped.`);
    }, LIMIT);
    const { id, name, values } = call;
    worker.postMessage({ type: "call", id, name, values } satisfies Request);
  }

  /** Ends the worker, whose running call fails, and goes on with a new one. */
  function replace(message: string): void {
    const call = running;
    settle();
    worker?.terminate();
    start();
    call?.reject(new Error(message));
  }

  /** Ends a worker that never came up, or died: nobody should wait for it. */
  function fail(message: string): void {
    const lost = running ? [running, ...waiting] : [...waiting];
    settle();
    waiting.length = 0;
    worker?.terminate();
    worker = null;
    for (const call of lost) call.reject(new Error(`The core could not be run: ${message}`));
  }

  function call<T>(name: CallName, ...values: unknown[]): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      lastId += 1;
      waiting.push({ id: lastId, name, values, resolve, reject });
      next();
    });
  }

  start();
  return {
    evaluate: (manifests, options) => call("evaluate", manifests, options),
    fix: (manifests, options) => call("fix", manifests, options),
    policy: (options) => call("policy", options),
    compare: (manifests, from, to) => call("compare", manifests, from, to),
    checks: () => call("checks"),
    versions: () => call("versions"),
    named: (message) => call("named", message),
  };
}

async function load(): Promise<WebAssembly.Module> {
  const response = await fetch(coreUrl);
  if (!response.ok) throw new Error(`its file could not be loaded (${response.status})`);
  // A server that does not know the type of the file must not keep the page from working.
  return WebAssembly.compile(await response.arrayBuffer());
}
