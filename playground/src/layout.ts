// The layout: values that are kept on the device for all sessions, such as open panels and filters.

import type { Layout } from "./app.ts";
import { embedded } from "./embed.ts";

const KEY = "layout";

function read(): Record<string, unknown> {
  if (embedded) return {};
  try {
    const value: unknown = JSON.parse(localStorage.getItem(KEY) ?? "{}");
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
  } catch {
    return {}; // Invalid, or the browser forbids storage.
  }
}

let values = read();

export const layout: Layout = {
  get: (key) => (Object.hasOwn(values, key) ? values[key] : undefined),
  set(key, value) {
    // Read again, because another tab can have changed other keys.
    values = { ...values, ...read(), [key]: value };
    if (embedded) return;
    try {
      localStorage.setItem(KEY, JSON.stringify(values));
    } catch {
      // It applies until the page is closed.
    }
  },
};
