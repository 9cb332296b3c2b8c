// The engine: the functions of the core, in its Web Worker.

import coreUrl from "../core/pkg/core_bg.wasm?url";
import type * as core from "../core/pkg/core.js";
import type { Comparison, Engine, FindingKey, ManifestFile } from "./app.ts";
import { createReportCompletion } from "./documents.ts";
import { startWorker } from "./workerCalls.ts";

/** Starts the core. It loads while the page is being built. */
export function startEngine(): Engine {
  const call = startWorker<keyof typeof core>({
    name: "core",
    url: coreUrl,
    worker: () => new Worker(new URL("./worker.ts", import.meta.url), { type: "module" }),
  });
  const complete = createReportCompletion();
  return {
    async evaluate(files, options) {
      return complete(await call<core.FilesReport>("evaluateFiles", ...columns(files), options));
    },
    fix: (files, options, selection) => call("fixFiles", ...columns(files), options, undefined, selection?.map(keyOf)),
    policy: (options) => call("policy", options),
    async compare(files, from, to) {
      const comparisons = await Promise.all(files.map(({ text }) => call<core.Comparison>("compare", text, from, to)));
      const result: Comparison = { ...(comparisons[0] as core.Comparison), documents: [] };
      comparisons.forEach(({ documents }, file) => result.documents.push(...documents.map((document) => ({ ...document, file }))));
      return result;
    },
    checks: () => call("checks"),
    versions: () => call("versions"),
    // The name of the function in the core.
    checksInMessage: (message) => call("checksInMessage", message),
    onUpdate() {},
  };
}

/** The names and the texts of files. */
const columns = (files: readonly ManifestFile[]): [string[], string[]] => [files.map(({ name }) => name), files.map(({ text }) => text)];

/** The key of a finding as the core parses it. */
const keyOf = ({ file, index, item, check, path, value }: FindingKey): string =>
  [file, index, item ?? "", check, path, value === null ? "" : `=${value}`].join("\n");
