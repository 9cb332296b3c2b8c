// Saves the session of this tab after each change, and before the page is closed.

import type { App } from "./app.ts";
import { saveSession, saveSessionNow } from "./sessions.ts";

/** How long after a change the session is saved, in milliseconds. */
const DELAY = 400;

export interface Saving {
  /** The state has changed. */
  schedule(): void;
  /** Saves the last change at once. */
  finish(): Promise<void>;
  /** Runs a function whose changes are not saved, because they are those of another session. */
  pause(change: () => void): void;
}

export function startSaving(app: App): Saving {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let running: Promise<void> = Promise.resolve();
  /** Whether the last change is not saved yet. */
  let changed = false;
  let paused = false;
  let warned = false;

  async function save(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    const { state } = app;
    const isKept = await saveSession(state);
    if (state === app.state) changed = false;
    if (isKept || warned) return;
    warned = true;
    app.announce("This browser allows no storage, so the text and the settings are not kept after the page is closed.");
  }

  const run = (): Promise<void> => (running = running.then(save));

  const saveNow = (): void => {
    if (!changed) return;
    saveSessionNow(app.state);
    void run();
  };
  window.addEventListener("pagehide", saveNow);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") saveNow();
  });

  return {
    schedule() {
      if (paused) return;
      changed = true;
      timer ??= setTimeout(() => void run(), DELAY);
    },
    async finish() {
      if (changed) await run();
    },
    pause(change) {
      paused = true;
      change();
      paused = false;
    },
  };
}
