// The recorded sessions of tests/data are what kwctl records: of the policy as it is, before an API server.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { Cluster } from "./cluster.mjs";
import { POLICY, ROOT, Workplace, skipped } from "./workplace.mjs";

const HONOR = '{"defaults":{},"namespaceLabels":"honor"}';

/** Of a session: each question to the letter, and each answer that is an error. */
function exchanges(session) {
  return session
    .split("- type: Exchange\n")
    .slice(1)
    .map((exchange) => {
      const [question, answer] = exchange.split("  response:\n");
      const error = /^ +message: (.*)$/m.exec(answer)?.[1] ?? "";
      // Both write the same text in quotes of their own.
      return { question, error: error.replace(/^(["'])(.*)\1$/, "$2").replaceAll('\\"', '"') };
    });
}

describe("recorded sessions", { skip: skipped("kwctl") }, () => {
  const workplace = new Workplace();
  let cluster;
  before(async () => (cluster = await new Cluster({ namespaces: { payments: {}, shop: {} } }).open()));
  after(async () => {
    await workplace.close();
    await cluster?.close();
  });

  const lacking = (...rights) => rights.forEach((right) => cluster.rights.delete(right));
  for (const [request, session, arrange] of [
    ["e2e/restricted-pod.json", "e2e/namespace.session.yml", () => {}],
    ["e2e/restricted-pod.json", "e2e/no-namespace.session.yml", () => delete cluster.namespaces.payments],
    ["e2e/relabelled-namespace.json", "e2e/pods.session.yml", () => {}],
    ["e2e/relabelled-namespace.json", "e2e/forbidden-pods.session.yml", () => lacking("get pods", "list pods")],
    ["namespace-label-change.json", "namespace-label-change.session.yml", () => {}],
  ]) {
    test(session, async () => {
      arrange();
      const file = workplace.file("recorded.yml");
      const { code, stderr } = await workplace.run(
        "kwctl",
        [
          ...["run", POLICY, "--request-path", join(ROOT, "tests/data", request), "--settings-json", HONOR],
          ...["--allow-context-aware", "--record-host-capabilities-interactions", file],
          ...["--sigstore-trust-config", workplace.file("trust.json", {})],
        ],
        { env: { KUBECONFIG: workplace.file("kubeconfig", cluster.kubeconfig()) } },
      );
      assert.equal(code, 0, stderr);
      const kept = readFileSync(join(ROOT, "tests/data", session), "utf8");
      assert.deepEqual(exchanges(kept), exchanges(readFileSync(file, "utf8")));
      cluster.rights = new Set(["get namespaces", "get pods", "list pods", "watch pods"]);
      cluster.namespaces.payments = {};
    });
  }
});
