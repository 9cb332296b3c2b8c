// The functions of the module for migration, in its Web Worker. It is started with the first call.

import type * as migrate from "../../migrate/pkg/migrate.js";
import migrateUrl from "../../migrate/pkg/migrate_bg.wasm?url";
import type { Inspection, PlanReport, SettingsReport } from "../../migrate/pkg/migrate.js";
import { startWorker } from "../workerCalls.ts";

export interface MigrationEngine {
  /** Finds the objects of a text to migrate from. */
  inspect(text: string): Promise<Inspection>;
  /** Converts a configuration of the text to settings. */
  settings(text: string, document: number, name: string): Promise<SettingsReport>;
  /** Plans what takes the place of the PodSecurityPolicies of the text. */
  plan(text: string): Promise<PlanReport>;
}

/** Loads the module. */
export function startMigration(): MigrationEngine {
  const call = startWorker<keyof typeof migrate>({
    name: "migration",
    url: migrateUrl,
    worker: () => new Worker(new URL("./migrationWorker.ts", import.meta.url), { type: "module" }),
  });
  return {
    inspect: (text) => call("inspect", text),
    settings: (text, document, name) => call("settings", text, document, name),
    plan: (text) => call("plan", text),
  };
}
