// The Web Worker of the core.

import { evaluateFiles, initSync } from "../core/pkg/core.js";
import { serve } from "./workerServer.ts";

// Named imports leave out the code that loads a module from a URL.
serve(({ module_or_path }) => initSync({ module: module_or_path }), { evaluateFiles });
