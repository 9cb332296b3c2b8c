// The engine: the functions of the core, in its Web Worker.

import coreUrl from "../core/pkg/core_bg.wasm?url";
import type * as core from "../core/pkg/core.js";
import type { Comparison, Engine, Report } from "./app.ts";
import { startWorker } from "./workerCalls.ts";

/** Starts the core. It loads while the page is being built. */
export function startEngine(): Engine {
  const call = startWorker<keyof typeof core>({
    name: "core",
    url: coreUrl,
    worker: () => new Worker(new URL("./worker.ts", import.meta.url), { type: "module" }),
  });
  return {
    async evaluate(files, options) {
      const reports = await Promise.all(files.map(({ text }) => call<core.Report>("evaluate", text, options)));
      const { errors, warnings } = reports[0] as core.Report;
      const report: Report = { errors, warnings, documents: [], terminal: [] };
      reports.forEach(({ documents, terminal }, file) => {
        report.documents.push(...documents.map((document) => ({ ...document, file })));
        report.terminal.push(...terminal);
      });
      return report;
    },
    fix: (files, options) => Promise.all(files.map(({ text }) => call<string>("fix", text, options))),
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
