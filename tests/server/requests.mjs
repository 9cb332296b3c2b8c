// Admission requests of an API server and of the audit scanner, from the samples in tests/data.

import { readFileSync } from "node:fs";
import { join } from "node:path";

import { ROOT } from "./temporary-directory.mjs";

/** A sample request of tests/data/e2e. */
export function sample(name) {
  return JSON.parse(readFileSync(join(ROOT, "tests/data/e2e", `${name}.json`), "utf8"));
}

/** The request with another namespace; a request for a Namespace gets its name. */
export function inNamespace(request, namespace) {
  const copy = structuredClone({ ...request, namespace });
  for (const object of [copy.object, copy.oldObject]) {
    if (object?.kind === "Namespace") object.metadata.name = copy.name = namespace;
    else if (object) object.metadata.namespace = namespace;
  }
  return copy;
}
