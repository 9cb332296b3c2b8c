// The engine: calls the core in its Web Worker, and restarts a worker that hangs or fails.

import coreUrl from "../core/pkg/core_bg.wasm?url";
import type { Engine } from "./app.ts";
import type { Answer, CallName, Request } from "./worker.ts";

/** The time limit of a call, in milliseconds; the largest text that the core accepts takes far less. */
const CALL_TIMEOUT = 10_000;

interface Call {
  id: number;
  name: CallName;
  values: unknown[];
  resolve: (value: never) => void;
  reject: (error: Error) => void;
}

/** Starts the core. It loads while the page is being built. */
export function startEngine(): Engine {
  const queue: Call[] = [];
  let running: Call | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let worker: Worker | null = null;
  let ready = false;
  let lastId = 0;
  let compiled: Promise<WebAssembly.Module> | null = null;

  function compile(): Promise<WebAssembly.Module> {
    compiled ??= load().catch((error: unknown) => {
      // The next call loads it again: the error can be one of the network.
      compiled = null;
      throw error;
    });
    return compiled;
  }

  function start(): void {
    const started = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
    worker = started;
    ready = false;
    started.addEventListener("message", (event: MessageEvent<Answer>) => {
      if (worker === started) handleAnswer(event.data);
    });
    started.addEventListener("error", (event) => {
      event.preventDefault();
      if (worker === started) fail(event.message || "its worker could not be started");
    });
    compile().then(
      (module) => started.postMessage({ type: "start", module } satisfies Request),
      (error: unknown) => {
        if (worker === started) fail(error instanceof Error ? error.message : String(error));
      },
    );
  }

  function handleAnswer(answer: Answer): void {
    if (answer.type === "ready") {
      ready = true;
      next();
    } else if (answer.type === "startError") {
      fail(answer.message);
    } else if (running && running.id === answer.id) {
      const call = running;
      if (answer.type === "answer") {
        settle();
        call.resolve(answer.value as never);
        next();
      } else {
        restart(`The core failed for this text (${answer.message}) and was restarted.`);
      }
    }
  }

  function settle(): void {
    clearTimeout(timer);
    running = null;
  }

  function next(): void {
    if (running || !queue.length) return;
    if (!worker) return start();
    if (!ready) return;
    const call = queue.shift() as Call;
    running = call;
    timer = setTimeout(() => {
      restart(`The core took more than ${CALL_TIMEOUT / 1000} seconds and was stopped.`);
    }, CALL_TIMEOUT);
    const { id, name, values } = call;
    worker.postMessage({ type: "call", id, name, values } satisfies Request);
  }

  /** Terminates the worker, rejects its running call and starts a new worker. */
  function restart(message: string): void {
    const call = running;
    settle();
    worker?.terminate();
    start();
    call?.reject(new Error(message));
  }

  /** Terminates a worker that did not start or that died, and rejects all calls. */
  function fail(message: string): void {
    const calls = running ? [running, ...queue] : [...queue];
    settle();
    queue.length = 0;
    worker?.terminate();
    worker = null;
    for (const call of calls) call.reject(new Error(`The core could not be started: ${message}`));
  }

  function call<T>(name: CallName, ...values: unknown[]): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      lastId += 1;
      queue.push({ id: lastId, name, values, resolve, reject });
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
    // The name of the function in the core.
    checksInMessage: (message) => call("checksInMessage", message),
  };
}

async function load(): Promise<WebAssembly.Module> {
  const response = await fetch(coreUrl);
  if (!response.ok) throw new Error(`its file could not be loaded (${response.status})`);
  // Not compileStreaming, which fails if the server sends another content type.
  return WebAssembly.compile(await response.arrayBuffer());
}
