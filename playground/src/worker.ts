// The Web Worker of the core.

import init, * as core from "../core/pkg/core.js";
import { serve } from "./workerServer.ts";

serve(init, core);
