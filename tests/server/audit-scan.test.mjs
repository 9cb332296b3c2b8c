// A scan of a namespace, as Kubewarden's audit scanner makes it: each object that is there is put to the policy as if it
// were just created, with its kind where a resource should stand, by nobody, and a Namespace without a namespace.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { Cluster } from "./cluster.mjs";
import { CONTEXT_AWARE, PolicyServer, policy } from "./policyServer.mjs";
import { sample } from "./requests.mjs";
import { Workplace, skipped } from "./workplace.mjs";

const NAMESPACE = "payments";
const LABELS = { "pod-security.kubernetes.io/enforce": "baseline" };
const BAD = { hostPID: true, containers: [{ name: "shell", image: "registry.example/shell:v1" }] };
const FINE = { containers: [{ name: "web", image: "registry.example/web:v1" }] };
const WHY = 'violates PodSecurity "baseline:latest": host namespaces (hostPID=true)';

const object = (apiVersion, kind, name, spec) => ({ apiVersion, kind, metadata: { name, namespace: NAMESPACE, uid: `uid-of-${name}` }, spec });
const templated = (apiVersion, kind, name, spec) => object(apiVersion, kind, name, { template: { spec } });

/** What is in the namespace, and what an enforcing policy says of it: the resource and name that it rejects. */
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

/** The request that the scanner makes of an object. */
function scanned(object) {
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

describe("a scan", { skip: skipped("policy-server", "openssl") }, () => {
  const workplace = new Workplace();
  let cluster, server;
  before(async () => {
    cluster = await new Cluster({ namespaces: { [NAMESPACE]: LABELS } }).open();
    const labels = { defaults: {}, namespaceLabels: "honor" };
    const policies = {
      warning: policy(labels, CONTEXT_AWARE),
      enforcing: policy({ ...labels, workloads: "enforce" }, CONTEXT_AWARE),
      exempting: policy({ ...labels, workloads: "enforce", exemptions: { namespaces: [NAMESPACE] } }, CONTEXT_AWARE),
      // Nobody is in no group.
      "exempting-users": policy({ level: "baseline", workloads: "enforce", exemptions: { usernames: ["alice"], groups: ["developers"] } }),
    };
    server = await PolicyServer.start(workplace, policies, { cluster });
    assert.equal(server.ended, undefined, server.log());
  });
  after(async () => {
    await workplace.close();
    await cluster?.close();
  });

  test("the requests are as the sample, which is the scanner's own", () => {
    const { object, uid, ...own } = sample("scanned-pod");
    const { object: _, uid: __, ...made } = scanned(object);
    assert.deepEqual(made, own);
  });

  for (const [object, rejected] of OBJECTS) {
    test(`${object.kind} ${object.metadata.name}`, async () => {
      const request = scanned(object);
      const verdict = async (id) => {
        const { uid, allowed, status } = await server.audit(id, request);
        assert.equal(uid, request.uid);
        return allowed ? "passes" : `${status.code} ${status.message}`;
      };
      const fails = rejected ? `403 ${rejected} is forbidden: ${WHY}` : "passes";
      assert.equal(await verdict("enforcing"), fails);
      assert.equal(await verdict("exempting-users"), fails);
      assert.equal(await verdict("warning"), object.kind === "Pod" ? fails : "passes");
      assert.equal(await verdict("exempting"), "passes");
    });
  }

  test("nothing is listed for it", () => {
    assert.deepEqual([...new Set(cluster.asked)], ["discover /api/v1", `get namespaces /api/v1/namespaces/${NAMESPACE}`]);
  });
});
