// The Web Worker of the module for migration.

import { initSync, inspect, plan, settings } from "../../migrate/pkg/migrate.js";
import { serve } from "../workerServer.ts";

// Named imports leave out the code that loads a module from a URL.
serve(({ module_or_path }) => initSync({ module: module_or_path }), { inspect, plan, settings });
