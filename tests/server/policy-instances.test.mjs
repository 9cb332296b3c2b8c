// Several instances of this policy on one policy-server, each with its own settings: the complete responses to the
// AdmissionReviews of an API server and of the audit scanner.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { Cluster } from "./cluster.mjs";
import { CONTEXT_AWARE, PolicyServer, policy } from "./policy-server.mjs";
import { inNamespace, sample } from "./requests.mjs";
import { TemporaryDirectory, skipReason } from "./temporary-directory.mjs";

const HARDEN = { harden: ["allowPrivilegeEscalation", "capabilities_restricted", "runAsNonRoot", "seccompProfile_restricted"] };

/** Settings with a rule for all violations of the privileged pod, which ends on a day. */
const until = (expires) => ({
  defaults: { enforce: "baseline" },
  exemptions: { checks: [{ checks: ["privileged", "hostNamespaces", "hostPathVolumes"], reason: "r", expires }] },
  help: "#platform",
});

const POLICIES = {
  short: policy({ level: "restricted" }),
  defaults: policy({ defaults: { enforce: "baseline", audit: "restricted", "audit-version": "v1.7", warn: "restricted" } }),
  honor: policy({ defaults: {}, namespaceLabels: "honor" }, CONTEXT_AWARE),
  tighten: policy({ level: "baseline", namespaceLabels: "tighten" }, CONTEXT_AWARE),
  harden: policy({ level: "restricted", ...HARDEN }, { allowedToMutate: true }),
  "harden-alone": policy({ level: "restricted", ...HARDEN }),
  "before-the-end": policy(until("9999-12-31")),
  "after-the-end": policy(until("2020-02-29")),
  monitored: policy({ level: "restricted" }, { policyMode: "monitor" }),
  group: {
    expression: "baseline() || small()",
    message: "neither baseline nor exempt",
    policies: {
      baseline: policy({ level: "baseline" }),
      small: policy({ level: "restricted", exemptions: { namespaces: ["small"] } }),
    },
  },
};

/** The violations of the Deployment, for restricted. */
const UNHARDENED =
  'allowPrivilegeEscalation != false (container "web" must set securityContext.allowPrivilegeEscalation=false), unrestricted capabilities (container "web" must set securityContext.capabilities.drop=["ALL"]), runAsNonRoot != true (pod or container "web" must set securityContext.runAsNonRoot=true), seccompProfile (pod or container "web" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")';
/** The violations of the privileged pod, for baseline and for restricted. */
const SHELL_AT_BASELINE =
  'host namespaces (hostPID=true), hostPath volumes (volume "root"), privileged (container "shell" must not set securityContext.privileged=true)';
const SHELL =
  'host namespaces (hostPID=true), privileged (container "shell" must not set securityContext.privileged=true), allowPrivilegeEscalation != false (container "shell" must set securityContext.allowPrivilegeEscalation=false), unrestricted capabilities (container "shell" must set securityContext.capabilities.drop=["ALL"]), restricted volume types (volume "root" uses restricted volume type "hostPath"), runAsNonRoot != true (pod or container "shell" must set securityContext.runAsNonRoot=true), seccompProfile (pod or container "shell" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")';
const SHELL_AT_RESTRICTED_1_7 =
  'host namespaces (hostPID=true), privileged (container "shell" must not set securityContext.privileged=true), restricted volume types (volume "root" uses restricted volume type "hostPath"), runAsNonRoot != true (pod or container "shell" must set securityContext.runAsNonRoot=true)';

const would = (level, violations) => `would violate PodSecurity "${level}": ${violations}`;
const forbidden = (level, violations) => ({ message: `pods "node-shell" is forbidden: violates PodSecurity "${level}": ${violations}`, code: 403 });

const accepted = (auditAnnotations = null, warnings = null) => ({ allowed: true, auditAnnotations, warnings });
const rejected = (status, auditAnnotations = null, warnings = null) => ({ allowed: false, status, auditAnnotations, warnings });

/** The fields that hardening sets. */
const SECURITY_CONTEXT = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ["ALL"] },
  runAsNonRoot: true,
  seccompProfile: { type: "RuntimeDefault" },
};
const HARDENED_AT = ["allowPrivilegeEscalation=false", 'capabilities.drop=["ALL"]', "runAsNonRoot=true", 'seccompProfile.type="RuntimeDefault"'];
const HARDENED = {
  hardened: HARDENED_AT.map((field) => `spec.template.spec.containers[0].securityContext.${field}`).join(", "),
};
const HARDENED_WARNING = [`hardened: container "web" got ${HARDENED_AT.join(", ")}`];
const PATCHED = {
  allowed: true,
  patchType: "JSONPatch",
  patch: [{ op: "add", path: "/spec/template/spec/containers/0/securityContext", value: SECURITY_CONTEXT }],
  auditAnnotations: HARDENED,
  warnings: HARDENED_WARNING,
};

const pod = sample("privileged-pod");
const good = sample("restricted-pod");
const deployment = sample("deployment");
const relabelled = sample("relabelled-namespace");

/** A policy, a request, and the response; a second response if that for the audit scanner differs. */
const CASES = [
  ["short", good, accepted({ "enforce-policy": "restricted:latest" })],
  [
    "short",
    pod,
    rejected(forbidden("restricted:latest", SHELL), {
      "enforce-policy": "restricted:latest",
      "audit-violations": would("restricted:latest", SHELL),
    }),
  ],
  [
    "short",
    deployment,
    accepted({ "audit-violations": would("restricted:latest", UNHARDENED) }, [would("restricted:latest", UNHARDENED)]),
  ],
  [
    "defaults",
    pod,
    rejected(forbidden("baseline:latest", SHELL_AT_BASELINE), {
      "enforce-policy": "baseline:latest",
      "audit-violations": would("restricted:v1.7", SHELL_AT_RESTRICTED_1_7),
    }),
  ],
  ["honor", pod, rejected(forbidden("baseline:v1.30", SHELL_AT_BASELINE), { "enforce-policy": "baseline:v1.30" })],
  ["honor", inNamespace(pod, "bare"), accepted({ "enforce-policy": "privileged:latest" })],
  [
    "honor",
    relabelled,
    accepted(null, [
      'existing pods in namespace "payments" violate the new PodSecurity enforce level "restricted:v1.25"',
      "api (and 1 other pod): allowPrivilegeEscalation != false, unrestricted capabilities, runAsNonRoot != true, seccompProfile",
      "node-shell: host namespaces, privileged, allowPrivilegeEscalation != false, unrestricted capabilities, restricted volume types, runAsNonRoot != true, seccompProfile",
    ]),
  ],
  [
    "tighten",
    inNamespace(pod, "bare"),
    rejected(forbidden("baseline:latest", SHELL_AT_BASELINE), {
      "enforce-policy": "baseline:latest",
      "audit-violations": would("baseline:latest", SHELL_AT_BASELINE),
    }),
  ],
  ["tighten", inNamespace(good, "strict"), accepted({ "enforce-policy": "restricted:latest" })],
  ["harden", deployment, PATCHED],
  [
    "harden-alone",
    deployment,
    rejected(
      {
        message:
          "Request rejected by policy harden-alone. The policy attempted to mutate the request, but it is currently configured to not allow mutations.",
      },
      HARDENED,
      HARDENED_WARNING,
    ),
    PATCHED,
  ],
  ["harden-alone", good, accepted({ "enforce-policy": "restricted:latest" })],
  // The server gives a clock.
  [
    "before-the-end",
    pod,
    accepted({
      "enforce-policy": "baseline:latest",
      "exempt-checks":
        "hostNamespaces (spec.hostPID): r; hostPathVolumes (spec.volumes[0].hostPath): r; privileged (spec.containers[0].securityContext.privileged): r",
    }),
  ],
  [
    "after-the-end",
    pod,
    rejected(
      {
        ...forbidden("baseline:latest", SHELL_AT_BASELINE),
        message: `${forbidden("baseline:latest", SHELL_AT_BASELINE).message}; rule exemptions.checks[0] for hostNamespaces, hostPathVolumes, privileged expired at the end of 2020-02-29 (UTC) (#platform)`,
      },
      { "enforce-policy": "baseline:latest" },
    ),
  ],
  [
    "monitored",
    pod,
    accepted({ "enforce-policy": "restricted:latest", "audit-violations": would("restricted:latest", SHELL) }),
    rejected(forbidden("restricted:latest", SHELL), {
      "enforce-policy": "restricted:latest",
      "audit-violations": would("restricted:latest", SHELL),
    }),
  ],
  // Of the members of a group, policy-server returns the messages, but neither annotations nor warnings.
  ["group", deployment, accepted()],
  ["group", inNamespace(pod, "small"), accepted()],
  [
    "group",
    pod,
    rejected({
      message: "neither baseline nor exempt",
      details: {
        causes: [
          { field: "spec.policies.baseline", message: forbidden("baseline:latest", SHELL_AT_BASELINE).message, reason: null },
          { field: "spec.policies.small", message: forbidden("restricted:latest", SHELL).message, reason: null },
        ],
      },
    }),
  ],
];

describe("several instances on one policy-server", { skip: skipReason("policy-server", "openssl") }, () => {
  const directory = new TemporaryDirectory();
  let cluster, server;
  before(async () => {
    const running = (name, request) => ({ ...request.object, metadata: { name, namespace: "payments", uid: name } });
    cluster = await new Cluster({
      namespaces: {
        payments: { "pod-security.kubernetes.io/enforce": "baseline", "pod-security.kubernetes.io/enforce-version": "v1.30" },
        bare: {},
        strict: { "pod-security.kubernetes.io/enforce": "restricted" },
      },
      pods: [running("node-shell", pod), running("web", sample("scanned-pod")), running("api", sample("scanned-pod"))],
    }).open();
    server = await PolicyServer.start(directory, POLICIES, { cluster });
    assert.equal(server.exitCode, undefined, server.log());
  });
  after(async () => {
    await directory.close();
    await cluster?.close();
  });

  for (const [id, request, expected, scanned = expected] of CASES) {
    const description = `${id}: ${request.operation} ${request.kind.kind} in ${request.namespace}`;
    for (const [path, answer] of [
      ["validate", expected],
      ["audit", scanned],
    ]) {
      test(`${description}, to /${path}`, async () => {
        const response = await server[path](id, request);
        response.status?.details?.causes.sort((one, other) => (one.field < other.field ? -1 : 1));
        assert.deepEqual(response, { uid: request.uid, ...answer });
      });
    }
  }

  test("an unknown policy is not found", async () => {
    const { status, text } = await server.post("/validate/nobody", pod);
    assert.equal(status, 404);
    assert.match(text, /nobody/);
  });

  test("the server accepts only TLS connections that trust its certificate", async () => {
    const { port } = server;
    await assert.rejects(fetch(`http://127.0.0.1:${port}/validate/short`, { method: "POST", body: "{}" }));
    await assert.rejects(fetch(`https://127.0.0.1:${port}/validate/short`, { method: "POST", body: "{}" }));
  });
});
