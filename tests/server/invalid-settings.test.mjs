// A policy-server whose policies.yml has mistakes in the settings: it refuses to start, or to judge, and says why in the
// policy's own words.

import assert from "node:assert/strict";
import { after, describe, test } from "node:test";

import { PolicyServer, policy } from "./policyServer.mjs";
import { sample } from "./requests.mjs";
import { Workplace, skipped } from "./workplace.mjs";

const BROKEN = {
  defaults: { enforce: "Restricted", warn_version: "v1.34" },
  exemptions: { namespace: ["kube-system"] },
  namespaceLabels: "honour",
};
const MISTAKES = `Policy settings are invalid: 4 mistakes:
- defaults.warn_version: unknown key; did you mean "warn-version"?
- exemptions.namespace: unknown key; did you mean "namespaces"?
- defaults.enforce: must be one of privileged, baseline, restricted, not "Restricted"; did you mean "restricted"?
- namespaceLabels: must be one of ignore, honor, tighten, set, not "honour"; did you mean "honor"?`;

describe("settings with mistakes", { skip: skipped("policy-server", "openssl") }, () => {
  const workplace = new Workplace();
  after(() => workplace.close());
  const policies = { broken: policy(BROKEN), sound: policy({ level: "baseline" }) };

  test("the policy server does not start, and its log has every mistake", async () => {
    const server = await PolicyServer.start(workplace, policies);
    assert.equal(server.ended, 1, "it started");
    assert.ok(server.log().includes(MISTAKES), server.log());
  });

  test("no settings at all are a mistake too", async () => {
    const server = await PolicyServer.start(workplace, { empty: { module: policies.sound.module } });
    assert.equal(server.ended, 1, "it started");
    assert.match(server.log(), /Policy settings are invalid: .*level.*defaults/);
  });

  test("with --continue-on-errors it starts, and rejects what is put to this policy with every mistake", async () => {
    const server = await PolicyServer.start(workplace, policies, { args: ["--continue-on-errors"] });
    assert.equal(server.ended, undefined, server.log());
    const request = sample("restricted-pod");
    const rejected = { uid: request.uid, allowed: false, status: { message: MISTAKES, code: 500 }, auditAnnotations: null, warnings: null };
    assert.deepEqual(await server.validate("broken", request), rejected);
    assert.deepEqual(await server.audit("broken", request), rejected);
    assert.equal((await server.validate("sound", request)).allowed, true);
  });
});
