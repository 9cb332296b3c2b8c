// A policy-server with errors in the settings of a policy: it does not start, or rejects requests to this policy, with the
// messages of the policy.

import assert from "node:assert/strict";
import { after, describe, test } from "node:test";

import { PolicyServer, policy } from "./policy-server.mjs";
import { sample } from "./requests.mjs";
import { TemporaryDirectory, skipReason } from "./temporary-directory.mjs";

const INVALID = {
  defaults: { enforce: "Restricted", warn_version: "v1.34" },
  exemptions: { namespace: ["kube-system"] },
  namespaceLabels: "honour",
};
const MESSAGE = `Policy settings are invalid: 4 mistakes:
- defaults.warn_version: unknown key; did you mean "warn-version"?
- exemptions.namespace: unknown key; did you mean "namespaces"?
- defaults.enforce: must be one of privileged, baseline, restricted, not "Restricted"; did you mean "restricted"?
- namespaceLabels: must be one of ignore, honor, tighten, set, not "honour"; did you mean "honor"?`;

describe("invalid settings", { skip: skipReason("policy-server", "openssl") }, () => {
  const directory = new TemporaryDirectory();
  after(() => directory.close());
  const policies = { invalid: policy(INVALID), valid: policy({ level: "baseline" }) };

  test("the policy server does not start, and logs every error", async () => {
    const server = await PolicyServer.start(directory, policies);
    assert.equal(server.exitCode, 1, "it started");
    assert.ok(server.log().includes(MESSAGE), server.log());
  });

  test("missing settings are an error too", async () => {
    const server = await PolicyServer.start(directory, { empty: { module: policies.valid.module } });
    assert.equal(server.exitCode, 1, "it started");
    assert.match(server.log(), /Policy settings are invalid: .*level.*defaults/);
  });

  test("with --continue-on-errors it starts, and rejects requests to this policy with every error", async () => {
    const server = await PolicyServer.start(directory, policies, { args: ["--continue-on-errors"] });
    assert.equal(server.exitCode, undefined, server.log());
    const request = sample("restricted-pod");
    const rejected = { uid: request.uid, allowed: false, status: { message: MESSAGE, code: 500 }, auditAnnotations: null, warnings: null };
    assert.deepEqual(await server.validate("invalid", request), rejected);
    assert.deepEqual(await server.audit("invalid", request), rejected);
    assert.equal((await server.validate("valid", request)).allowed, true);
  });
});
