// The panel for migration is loaded when a text may have something to migrate from.

import type { App } from "./app.ts";
import type { MigrationPanel } from "./migration/panel.ts";

/** The names in a text that has something to migrate from: kinds, a resource, and the keys of charts. */
const NAMES = /PodSecurityPolic|podsecuritypolic|PodSecurityAdmissionConfigurationTemplate|AdmissionConfiguration|PodSecurityConfiguration|psp\w{0,16}["']?\s{0,4}:/i;

/** Returns a function that shows the panel for a text, or hides it. */
export function mountMigrationOnDemand(host: HTMLElement, app: App): (text: string) => void {
  let panel: MigrationPanel | null = null;
  let loading = false;
  let latest = "";

  async function load(): Promise<void> {
    loading = true;
    try {
      const { mountMigration } = await import("./migration/panel.ts");
      panel = mountMigration(host, app);
      show(latest);
    } catch {
      app.announce("The part of the page for migration could not be loaded. It is loaded again after the next change.");
    } finally {
      loading = false;
    }
  }

  function show(text: string): void {
    latest = text;
    if (!NAMES.test(text)) panel?.hide();
    else if (panel) panel.show(text);
    else if (!loading) void load();
  }
  return show;
}
