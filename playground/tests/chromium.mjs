// Chromium for the tests and the benchmark of the page.
// @ts-check

import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

/** Other hosts cannot be resolved, so a request to one is an error. */
export const CHROMIUM_ARGUMENTS = ["--no-sandbox", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"];

/** The path of the browser. */
export const chromiumPath = () =>
  execFileSync(fileURLToPath(new URL("../../scripts/setup-browser", import.meta.url)), ["find"], { encoding: "utf8" }).trim();
