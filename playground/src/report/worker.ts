// The Web Worker of the module for reports.

import { initSync, report } from "../../report/pkg/report.js";
import { serve } from "../workerServer.ts";

// Named imports leave out the code that loads a module from a URL.
serve(({ module_or_path }) => initSync({ module: module_or_path }), { report });
