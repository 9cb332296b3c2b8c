// Large requests to policy-server: each response is correct and within the time limit. `make load` prints the times and the
// memory.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { Cluster } from "./cluster.mjs";
import { CASES, INSTANCES, LABELS, LIMIT, isRight, pods } from "./large-requests.mjs";
import { PolicyServer, policy } from "./policy-server.mjs";
import { TemporaryDirectory, skipReason } from "./temporary-directory.mjs";

/** The number of repetitions; the first time, policy-server lists the pods of the namespace. */
const REPETITIONS = 3;

describe("large requests", { skip: skipReason("policy-server", "openssl") }, () => {
  const directory = new TemporaryDirectory();
  let cluster, server;
  before(async () => {
    cluster = await new Cluster({ namespaces: LABELS, pods: pods() }).open();
    const policies = Object.entries(INSTANCES).map(([id, [settings, more]]) => [id, policy(settings, more)]);
    server = await PolicyServer.start(directory, Object.fromEntries(policies), { cluster });
    assert.equal(server.exitCode, undefined, server.log());
  });
  after(async () => {
    await directory.close();
    await cluster?.close();
  });

  for (const example of CASES) {
    test(example.name, async () => {
      for (let time = 0; time < REPETITIONS; time += 1) {
        const { status, text, millis } = await server.post(`/validate/${example.instance}`, example.request);
        assert.equal(status, 200);
        assert.ok(isRight(example, JSON.parse(text).response), text.slice(0, 1000));
        assert.ok(millis < LIMIT, `it took ${millis} ms`);
      }
    });
  }
});
