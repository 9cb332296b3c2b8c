// A scan of a namespace by Kubewarden's audit scanner: for each existing object the policy gets a request to create it, with
// the kind in the field of the resource, without a user, and for a Namespace without a namespace.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { Cluster } from "./cluster.mjs";
import { CONTEXT_AWARE, PolicyServer, policy } from "./policy-server.mjs";
import { sample } from "./requests.mjs";
import { TemporaryDirectory, skipReason } from "./temporary-directory.mjs";

const NAMESPACE = "payments";
const LABELS = { "pod-security.kubernetes.io/enforce": "baseline" };
const BAD = { hostPID: true, containers: [{ name: "shell", image: "registry.example/shell:v1" }] };
const FINE = { containers: [{ name: "web", image: "registry.example/web:v1" }] };
const VIOLATION = 'violates PodSecurity "baseline:latest": host namespaces (hostPID=true)';

const object = (apiVersion, kind, name, spec) => ({ apiVersion, kind, metadata: { name, namespace: NAMESPACE, uid: `uid-of-${name}` }, spec });
const templated = (apiVersion, kind, name, spec) => object(apiVersion, kind, name, { template: { spec } });

/** The objects, and the resource and name in the rejection by an enforcing policy. */
const OBJECTS = [
  [object("v1", "Pod", "good", FINE)],
  [object("v1", "Pod", "bad", BAD), 'pods "bad"'],
  [templated("v1", "ReplicationController", "rc", BAD), 'replicationcontrollers "rc"'],
  [{ ...templated("v1", "PodTemplate", "template"), spec: undefined, template: { spec: BAD } }, 'podtemplates "template"'],
  [templated("apps/v1", "Deployment", "good", FINE)],
  [templated("apps/v1", "Deployment", "bad", BAD), 'deployments.apps "bad"'],
  [templated("apps/v1", "ReplicaSet", "rs", BAD), 'replicasets.apps "rs"'],
  [templated("apps/v1", "StatefulSet", "db", BAD), 'statefulsets.apps "db"'],
  [templated("apps/v1", "DaemonSet", "agent", BAD), 'daemonsets.apps "agent"'],
  [templated("batch/v1", "Job", "once", BAD), 'jobs.batch "once"'],
  [object("batch/v1", "CronJob", "hourly", { jobTemplate: { spec: { template: { spec: BAD } } } }), 'cronjobs.batch "hourly"'],
  [{ apiVersion: "v1", kind: "Namespace", metadata: { name: NAMESPACE, uid: "uid-of-payments", labels: LABELS } }],
  [{ apiVersion: "v1", kind: "Service", metadata: { name: "web", namespace: NAMESPACE }, spec: { ports: [] } }],
];

/** The scanner's request for an object. */
function scanRequest(object) {
  const [group, version] = object.apiVersion.includes("/") ? object.apiVersion.split("/") : ["", object.apiVersion];
  const { kind, metadata } = object;
  const request = { ...sample("scanned-pod"), uid: `scan-of-${kind}-${metadata.name}`, object };
  Object.assign(request, {
    kind: { group, version, kind },
    resource: { group, version, resource: kind },
    name: metadata.name,
    operation: "CREATE",
    userInfo: {},
  });
  if (metadata.namespace === undefined) delete request.namespace;
  else request.namespace = metadata.namespace;
  return request;
}

describe("a scan", { skip: skipReason("policy-server", "openssl") }, () => {
  const directory = new TemporaryDirectory();
  let cluster, server;
  before(async () => {
    cluster = await new Cluster({ namespaces: { [NAMESPACE]: LABELS } }).open();
    const labels = { defaults: {}, namespaceLabels: "honor" };
    const policies = {
      warning: policy(labels, CONTEXT_AWARE),
      enforcing: policy({ ...labels, workloads: "enforce" }, CONTEXT_AWARE),
      exempting: policy({ ...labels, workloads: "enforce", exemptions: { namespaces: [NAMESPACE] } }, CONTEXT_AWARE),
      // A request without a user matches no exempt user or group.
      "exempting-users": policy({ level: "baseline", workloads: "enforce", exemptions: { usernames: ["alice"], groups: ["developers"] } }),
    };
    server = await PolicyServer.start(directory, policies, { cluster });
    assert.equal(server.exitCode, undefined, server.log());
  });
  after(async () => {
    await directory.close();
    await cluster?.close();
  });

  test("the requests have the form of the sample, which the scanner has sent", () => {
    const { object, uid, ...own } = sample("scanned-pod");
    const { object: _, uid: __, ...fields } = scanRequest(object);
    assert.deepEqual(fields, own);
  });

  for (const [object, rejected] of OBJECTS) {
    test(`${object.kind} ${object.metadata.name}`, async () => {
      const request = scanRequest(object);
      const verdict = async (id) => {
        const { uid, allowed, status } = await server.audit(id, request);
        assert.equal(uid, request.uid);
        return allowed ? "passes" : `${status.code} ${status.message}`;
      };
      const fails = rejected ? `403 ${rejected} is forbidden: ${VIOLATION}` : "passes";
      assert.equal(await verdict("enforcing"), fails);
      assert.equal(await verdict("exempting-users"), fails);
      assert.equal(await verdict("warning"), object.kind === "Pod" ? fails : "passes");
      assert.equal(await verdict("exempting"), "passes");
    });
  }

  test("a scan lists no pods", () => {
    assert.deepEqual([...new Set(cluster.requests)], ["discover /api/v1", `get namespaces /api/v1/namespaces/${NAMESPACE}`]);
  });
});
