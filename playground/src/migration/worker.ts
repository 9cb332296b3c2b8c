// The Web Worker of the module for migration.

import init, * as migrate from "../../migrate/pkg/migrate.js";
import { serve } from "../workerServer.ts";

serve(init, migrate);
