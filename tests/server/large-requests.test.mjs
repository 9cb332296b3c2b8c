// Large requests to the real policy-server: each is answered rightly, and soon enough. `make load` prints how soon, and how
// much memory that takes.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { Cluster } from "./cluster.mjs";
import { CASES, INSTANCES, LABELS, LIMIT, isRight, pods } from "./large.mjs";
import { PolicyServer, policy } from "./policyServer.mjs";
import { Workplace, skipped } from "./workplace.mjs";

/** How often each is asked; the first time, the policy server lists the pods of the namespace. */
const TIMES = 3;

describe("large requests", { skip: skipped("policy-server", "openssl") }, () => {
  const workplace = new Workplace();
  let cluster, server;
  before(async () => {
    cluster = await new Cluster({ namespaces: LABELS, pods: pods() }).open();
    const policies = Object.entries(INSTANCES).map(([id, [settings, more]]) => [id, policy(settings, more)]);
    server = await PolicyServer.start(workplace, Object.fromEntries(policies), { cluster });
    assert.equal(server.ended, undefined, server.log());
  });
  after(async () => {
    await workplace.close();
    await cluster?.close();
  });

  for (const asked of CASES) {
    test(asked.name, async () => {
      for (let time = 0; time < TIMES; time += 1) {
        const { status, text, millis } = await server.post(`/validate/${asked.instance}`, asked.request);
        assert.equal(status, 200);
        assert.ok(isRight(asked, JSON.parse(text).response), text.slice(0, 1000));
        assert.ok(millis < LIMIT, `it took ${millis} ms`);
      }
    });
  }
});
