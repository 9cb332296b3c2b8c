// The Web Worker of the engine.

import {
  checks,
  checksInMessage,
  compare,
  complete,
  evaluateFiles,
  fixFiles,
  hover,
  initSync,
  outline,
  policy,
  report,
  versions,
} from "../engine/pkg/engine.js";
import { serve } from "./workerServer.ts";

// Named imports leave out the code that loads a module from a URL.
serve(({ module_or_path }) => initSync({ module: module_or_path }), {
  checks,
  checksInMessage,
  compare,
  complete,
  evaluateFiles,
  fixFiles,
  hover,
  outline,
  policy,
  report,
  versions,
});
