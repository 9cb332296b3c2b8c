// Admission requests as an API server and the audit scanner send them, made of the samples in tests/data.

import { readFileSync } from "node:fs";
import { join } from "node:path";

import { ROOT } from "./workplace.mjs";

/** A sample request of tests/data/e2e. */
export function sample(name) {
  return JSON.parse(readFileSync(join(ROOT, "tests/data/e2e", `${name}.json`), "utf8"));
}

/** The same request for another namespace; a request for a namespace is for that one. */
export function inNamespace(request, namespace) {
  const moved = structuredClone({ ...request, namespace });
  for (const object of [moved.object, moved.oldObject]) {
    if (object?.kind === "Namespace") object.metadata.name = moved.name = namespace;
    else if (object) object.metadata.namespace = namespace;
  }
  return moved;
}
