// The function of the module for reports, in its Web Worker. It is started with the first call.

import type * as report from "../../report/pkg/report.js";
import reportUrl from "../../report/pkg/report_bg.wasm?url";
import type { ReportResult } from "../../report/pkg/report.js";
import type { ManifestFile, Options } from "../app.ts";
import { type Caller, startWorker } from "../workerCalls.ts";

let call: Caller<keyof typeof report> | null = null;

/** The report that `pss check` prints for files in a format: `text`, `markdown`, `json` or `sarif`. */
export function reportOn(files: readonly ManifestFile[], options: Options, format: string): Promise<ReportResult> {
  call ??= startWorker({
    name: "module for reports",
    url: reportUrl,
    worker: () => new Worker(new URL("./worker.ts", import.meta.url), { type: "module" }),
  });
  return call("report", files.map(({ name }) => name), files.map(({ text }) => text), options, format);
}
