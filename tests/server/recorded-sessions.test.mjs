// The recorded sessions in tests/data are equal to those that kwctl records for the current policy.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { Cluster, RIGHTS, WORKLOAD_RIGHTS } from "./cluster.mjs";
import { POLICY, ROOT, TemporaryDirectory, skipReason } from "./temporary-directory.mjs";

const HONOR = '{"defaults":{},"namespaceLabels":"honor"}';
const WORKLOADS = '{"defaults":{},"namespaceLabels":"honor","existing":"workloads"}';

/** The exchanges of a session: each request, and the message of each error response. */
function exchanges(session) {
  return session
    .split("- type: Exchange\n")
    .slice(1)
    .map((exchange) => {
      const [question, answer] = exchange.split("  response:\n");
      const error = /^ +message: (.*)$/m.exec(answer)?.[1] ?? "";
      // The quotes of the same text can differ.
      return { question, error: error.replace(/^(["'])(.*)\1$/, "$2").replaceAll('\\"', '"') };
    });
}

describe("recorded sessions", { skip: skipReason("kwctl") }, () => {
  const directory = new TemporaryDirectory();
  let cluster;
  before(async () => (cluster = await new Cluster({ namespaces: { payments: {}, shop: {} } }).open()));
  after(async () => {
    await directory.close();
    await cluster?.close();
  });

  const revoke = (...rights) => rights.forEach((right) => cluster.rights.delete(right));
  for (const [request, session, arrange, settings = HONOR] of [
    ["e2e/restricted-pod.json", "e2e/namespace.session.yml", () => {}],
    ["e2e/restricted-pod.json", "e2e/no-namespace.session.yml", () => delete cluster.namespaces.payments],
    ["e2e/relabelled-namespace.json", "e2e/pods.session.yml", () => {}],
    ["e2e/relabelled-namespace.json", "e2e/forbidden-pods.session.yml", () => revoke("get pods", "list pods")],
    ["e2e/relabelled-namespace.json", "e2e/workloads.session.yml", () => WORKLOAD_RIGHTS.forEach((right) => cluster.rights.add(right)), WORKLOADS],
    ["namespace-label-change.json", "namespace-label-change.session.yml", () => {}],
  ]) {
    test(session, async () => {
      arrange();
      const file = directory.file("recorded.yml");
      const { code, stderr } = await directory.run(
        "kwctl",
        [
          ...["run", POLICY, "--request-path", join(ROOT, "tests/data", request), "--settings-json", settings],
          ...["--allow-context-aware", "--record-host-capabilities-interactions", file],
          ...["--sigstore-trust-config", directory.file("trust.json", {})],
        ],
        { env: { KUBECONFIG: directory.file("kubeconfig", cluster.kubeconfig()) } },
      );
      assert.equal(code, 0, stderr);
      const stored = readFileSync(join(ROOT, "tests/data", session), "utf8");
      assert.deepEqual(exchanges(stored), exchanges(readFileSync(file, "utf8")));
      cluster.rights = new Set(RIGHTS);
      cluster.namespaces.payments = {};
    });
  }
});
