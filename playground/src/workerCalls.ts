// Calls of the functions of a module in its Web Worker, which is restarted if it hangs or fails.

import type { Answer, Request } from "./workerMessages.ts";

/** The time limit of a call, in milliseconds; the largest text that a module accepts takes far less. */
const CALL_TIMEOUT = 10_000;

interface Call {
  id: number;
  name: string;
  values: unknown[];
  resolve: (value: never) => void;
  reject: (error: Error) => void;
}

/** Calls a function of the module. Invalid input is part of the result; a promise is rejected only if the module fails. */
export interface Caller<Name> {
  <T>(name: Name, ...values: unknown[]): Promise<T>;
  /** Terminates the worker; no call follows. */
  stop(): void;
}

/** A module that a worker runs. */
export interface WorkerModule {
  /** Its name in messages: `core`. */
  name: string;
  /** The address of its file. */
  url: string;
  /** Creates its worker. */
  worker(): Worker;
}

/** Loads a module and starts its worker. `Name` are the names of its functions. */
export function startWorker<Name extends string>(module: WorkerModule): Caller<Name> {
  const queue: Call[] = [];
  let running: Call | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let worker: Worker | null = null;
  let ready = false;
  let lastId = 0;
  let compiled: Promise<WebAssembly.Module> | null = null;

  function compile(): Promise<WebAssembly.Module> {
    compiled ??= load(module.url).catch((error: unknown) => {
      // The next call loads it again: the error can be one of the network.
      compiled = null;
      throw error;
    });
    return compiled;
  }

  function start(): void {
    const started = module.worker();
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
      (compiledModule) => started.postMessage({ type: "start", module: compiledModule } satisfies Request),
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
        restart(`The ${module.name} failed for this text (${answer.message}) and was restarted.`);
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
      restart(`The ${module.name} took more than ${CALL_TIMEOUT / 1000} seconds and was stopped.`);
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
    for (const call of calls) call.reject(new Error(`The ${module.name} could not be started: ${message}`));
  }

  function call<T>(name: Name, ...values: unknown[]): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      lastId += 1;
      queue.push({ id: lastId, name, values, resolve, reject });
      next();
    });
  }

  start();
  return Object.assign(call, { stop: () => worker?.terminate() });
}

async function load(url: string): Promise<WebAssembly.Module> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`its file could not be loaded (${response.status})`);
  // Not compileStreaming, which fails if the server sends another content type.
  return WebAssembly.compile(await response.arrayBuffer());
}
