// The Web Worker of the module for reports.

import init, * as report from "../../report/pkg/report.js";
import { serve } from "../workerServer.ts";

serve(init, report);
