// The engine: the functions of the modules, in Web Workers. The core is small and evaluates until the engine is loaded, which also has
// fixes, unknown fields, the output of kubectl and everything else.

import coreUrl from "../core/pkg/core_bg.wasm?url";
import type * as modules from "../engine/pkg/engine.js";
import engineUrl from "../engine/pkg/engine_bg.wasm?url";
import type { Comparison, Engine, FindingKey, ManifestFile } from "./app.ts";
import { createReportCompletion } from "./documents.ts";
import { type Caller, startWorker } from "./workerCalls.ts";

/** Starts the core. It loads while the page is being built. */
export function startEngine(): Engine {
  const core = startWorker<"evaluateFiles">({
    name: "core",
    url: coreUrl,
    worker: () => new Worker(new URL("./worker.ts", import.meta.url), { type: "module" }),
  });
  const listeners: (() => void)[] = [];
  let whole: Caller<keyof typeof modules> | null = null;
  /** The functions of the engine, which the first call loads. */
  const engine = (): Caller<keyof typeof modules> =>
    (whole ??= startWorker({
      name: "engine",
      url: engineUrl,
      worker: () => new Worker(new URL("./engineWorker.ts", import.meta.url), { type: "module" }),
    }));

  // Each module refers to its own last report.
  let evaluator: Caller<"evaluateFiles"> = core;
  let complete = createReportCompletion();
  let replacing: Promise<void> | null = null;

  /** Lets the engine evaluate in the place of the core, once it is loaded. */
  function replaceCore(): void {
    if (evaluator !== core || replacing) return;
    replacing = engine()<string[]>("versions").then(
      () => {
        evaluator = engine();
        complete = createReportCompletion();
        core.stop();
        for (const listener of listeners) listener();
      },
      // The next evaluation tries it again.
      () => void (replacing = null),
    );
  }

  return {
    async evaluate(files, options) {
      const [own, completion] = [evaluator, complete];
      const report = completion(await own<modules.FilesReport>("evaluateFiles", ...columns(files), options));
      // In a task of its own, after the report is shown.
      setTimeout(replaceCore);
      return { ...report, isComplete: own !== core };
    },
    fix: (files, options, selection) => engine()("fixFiles", ...columns(files), options, selection?.map(keyOf)),
    policy: (options) => engine()("policy", options),
    async compare(files, from, to) {
      const comparisons = await Promise.all(files.map(({ text }) => engine()<modules.Comparison>("compare", text, from, to)));
      const result: Comparison = { ...(comparisons[0] as modules.Comparison), documents: [] };
      comparisons.forEach(({ documents }, file) => result.documents.push(...documents.map((document) => ({ ...document, file }))));
      return result;
    },
    report: (files, options, format) => engine()("report", ...columns(files), options, format),
    checks: () => engine()("checks"),
    versions: () => engine()("versions"),
    checksInMessage: (message) => engine()("checksInMessage", message),
    complete: async (document, line, column, policy, waits) => (waits || evaluator !== core ? engine()("complete", document, line, column, policy) : null),
    hover: async (document, line, column, policy, waits) => (waits || evaluator !== core ? engine()("hover", document, line, column, policy) : null),
    onUpdate: (listener) => void listeners.push(listener),
  };
}

/** The names and the texts of files. */
const columns = (files: readonly ManifestFile[]): [string[], string[]] => [files.map(({ name }) => name), files.map(({ text }) => text)];

/** The key of a finding as the core parses it. */
const keyOf = ({ file, index, item, check, path, value }: FindingKey): string =>
  [file, index, item ?? "", check, path, value === null ? "" : `=${value}`].join("\n");
