// Failing lookups in the cluster: the table "When something cannot be read" of docs/operations.md, on policy-server, with an API
// server that rejects requests, fails, is unavailable or is slow.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { Cluster, RIGHTS, USER, WORKLOAD_RIGHTS } from "./cluster.mjs";
import { CONTEXT_AWARE, PolicyServer, READING_WORKLOADS, policy } from "./policy-server.mjs";
import { inNamespace, sample } from "./requests.mjs";
import { ROOT, TemporaryDirectory, skipReason, sleep } from "./temporary-directory.mjs";

/** The time limit of the policy server, and the response time of a slow API server, in seconds. */
const [TIMEOUT, SLOW_RESPONSE] = [2, 2.5];
/** The limit of a prompt response, in milliseconds. */
const PROMPT_LIMIT = 1000;

const HONOR = { defaults: {}, namespaceLabels: "honor" };
const POLICIES = {
  honor: policy(HONOR, CONTEXT_AWARE),
  "honor-enforcing": policy({ ...HONOR, workloads: "enforce" }, CONTEXT_AWARE),
  selecting: policy({ level: "restricted", exemptions: { namespaceSelector: { matchLabels: { exempt: "true" } } } }, CONTEXT_AWARE),
  workloads: policy({ ...HONOR, existing: "workloads" }, READING_WORKLOADS),
  "workloads-without-grants": policy({ ...HONOR, existing: "workloads" }, CONTEXT_AWARE),
  unrelated: policy({ level: "baseline" }),
  "no-resources": policy(HONOR, { hostCapabilities: CONTEXT_AWARE.hostCapabilities }),
  "no-capabilities": policy(HONOR, { contextAwareResources: CONTEXT_AWARE.contextAwareResources }),
};

const FAILED_LIST = "failed to list pods while checking new PodSecurity enforce level";
const MAY_GET_NAMESPACES = "the service account of the policy server must be allowed to get namespaces";
const MAY_LIST_PODS = "the service account of the policy server must be allowed to get, list and watch pods";
const NEEDS_NAMESPACES = "the policy needs v1/Namespace in its contextAwareResources";
const INTERRUPTED = {
  message: "Policy execution interrupted because it exceeded the allowed execution time",
  code: 500,
};

/** Faults of the API server: whether the message names the missing permission, and the text of the error. */
const FAULTS = [
  {
    name: "forbidden",
    arrange: (cluster, resource) => ["get", "list", "watch"].forEach((verb) => cluster.rights.delete(`${verb} ${resource}`)),
    grants: true,
    errorText: (resource) => `User "${USER}" cannot get resource "${resource}"`,
  },
  {
    name: "an error of the API server",
    arrange: (cluster, resource) => ["get", "list"].forEach((verb) => (cluster.faults[`${verb} ${resource}`] = "500")),
    errorText: () => "Internal error occurred: etcdserver: no leader",
  },
  {
    name: "a connection that is reset",
    arrange: (cluster, resource) => ["get", "list"].forEach((verb) => (cluster.faults[`${verb} ${resource}`] = "reset")),
    errorText: () => "ServiceError: client error (SendRequest)",
  },
  { name: "connections refused", arrange: (cluster) => cluster.close(), errorText: () => "ServiceError: client error (Connect)" },
];

describe("failing lookups", { skip: skipReason("policy-server", "openssl") }, () => {
  const directory = new TemporaryDirectory();
  let cluster, server;
  before(async () => {
    cluster = await new Cluster().open();
    server = await PolicyServer.start(directory, POLICIES, { cluster, args: ["--policy-timeout", String(TIMEOUT)] });
    assert.equal(server.exitCode, undefined, server.log());
    // The server requests the list of resources once.
    cluster.namespaces.first = {};
    await server.validate("honor", inNamespace(sample("privileged-pod"), "first"));
    await server.validate("honor", inNamespace(sample("relabelled-namespace"), "first"));
  });
  after(async () => {
    await directory.close();
    await cluster?.close();
  });

  /** A test in its own namespace, which is not cached; afterwards the cluster is reset. */
  let namespaces = 0;
  function testIn(name, body) {
    test(name, async () => {
      const namespace = `namespace-${(namespaces += 1)}`;
      cluster.namespaces[namespace] = { "pod-security.kubernetes.io/enforce": "restricted" };
      cluster.requests = [];
      try {
        await body(namespace);
      } finally {
        cluster.rights = new Set(RIGHTS);
        cluster.faults = {};
        [cluster.pods, cluster.workloads] = [[], []];
        if (!cluster.server.listening) await cluster.open();
      }
    });
  }

  /** The response to a request, which must be prompt and must not delay a request without lookups. */
  async function promptResponse(id, request, within = PROMPT_LIMIT) {
    const started = performance.now();
    const timed = server.validate(id, request).then((answer) => ({ answer, millis: performance.now() - started }));
    const [{ answer, millis }, responsive] = await Promise.all([timed, isResponsive()]);
    assert.ok(millis < within, `it took ${millis} ms`);
    assert.ok(responsive);
    return answer;
  }

  /** Whether the server responds promptly to a request without lookups. */
  async function isResponsive() {
    const { status, text, millis } = await server.post("/validate/unrelated", sample("privileged-pod"), PROMPT_LIMIT / 1000);
    assert.equal(status, 200, `no answer within ${millis} ms`);
    assert.match(JSON.parse(text).response.status.message, /violates PodSecurity "baseline:latest"/);
    return millis < PROMPT_LIMIT;
  }

  const pod = (namespace) => inNamespace(sample("restricted-pod"), namespace);
  const deployment = (namespace) => inNamespace(sample("deployment"), namespace);
  const relabelled = (namespace) => inNamespace(sample("relabelled-namespace"), namespace);

  for (const { name, arrange, grants, errorText } of FAULTS) {
    describe(name, () => {
      const failed = (namespace) => `failed to lookup namespace "${namespace}"${grants ? `: ${MAY_GET_NAMESPACES}` : ""}`;

      /** Checks a rejection: its message names the missing permission, its annotation contains the error. */
      const assertRejected = (namespace, { uid, allowed, status, auditAnnotations, warnings }, request) => {
        assert.deepEqual({ uid, allowed, warnings }, { uid: request.uid, allowed: false, warnings: null });
        assert.deepEqual(status, { message: `Internal error occurred: ${failed(namespace)}`, code: 500 });
        assert.deepEqual(Object.keys(auditAnnotations), ["error"]);
        assert.ok(auditAnnotations.error.startsWith(`${status.message}: Host error: `), auditAnnotations.error);
        assert.ok(auditAnnotations.error.includes(errorText("namespaces")), auditAnnotations.error);
      };

      for (const [id, description, request] of [
        ["honor", "a pod", pod],
        ["selecting", "a pod, with exemptions by a namespace selector", pod],
        ["honor-enforcing", "a Deployment, with enforced workloads", deployment],
      ]) {
        testIn(`${description} is rejected if its namespace is unknown`, async (namespace) => {
          await arrange(cluster, "namespaces");
          assertRejected(namespace, await promptResponse(id, request(namespace)), request(namespace));
        });
      }

      testIn("a Deployment is accepted if its namespace is unknown", async (namespace) => {
        await arrange(cluster, "namespaces");
        const { auditAnnotations, ...answer } = await promptResponse("honor", deployment(namespace));
        assert.deepEqual(answer, { uid: deployment(namespace).uid, allowed: true, warnings: null });
        assert.deepEqual(Object.keys(auditAnnotations), ["error"]);
        assert.ok(auditAnnotations.error.startsWith(`${failed(namespace)}: Host error: `), auditAnnotations.error);
        assert.ok(auditAnnotations.error.includes(errorText("namespaces")), auditAnnotations.error);
      });

      testIn("a namespace can be relabelled, with a warning that its pods are unknown", async (namespace) => {
        await arrange(cluster, "pods");
        const { auditAnnotations, ...answer } = await promptResponse("honor", relabelled(namespace));
        const warnings = [FAILED_LIST, ...(grants ? [MAY_LIST_PODS] : [])];
        assert.deepEqual(answer, { uid: relabelled(namespace).uid, allowed: true, warnings });
        assert.deepEqual(Object.keys(auditAnnotations), ["error"]);
        assert.ok(auditAnnotations.error.startsWith(`${warnings.join(": ")}: Host error: `), auditAnnotations.error);
        assert.ok(auditAnnotations.error.includes(errorText("pods")), auditAnnotations.error);
        // policy-server would retry the list without end.
        assert.deepEqual(cluster.requests.filter((request) => request.startsWith("list ") && request.includes(namespace)), []);
      });
    });
  }

  describe("no such namespace", () => {
    testIn("a pod is rejected, a Deployment is not", async (namespace) => {
      delete cluster.namespaces[namespace];
      const failed = `failed to lookup namespace "${namespace}"`;
      const errorText = `Host error: Callback evaluation failure: Cannot find v1/Namespace named '${namespace}' inside of namespace 'None'`;
      assert.deepEqual(await promptResponse("honor", pod(namespace)), {
        uid: pod(namespace).uid,
        allowed: false,
        status: { message: `Internal error occurred: ${failed}`, code: 500 },
        auditAnnotations: { error: `Internal error occurred: ${failed}: ${errorText}` },
        warnings: null,
      });
      assert.deepEqual(await promptResponse("honor", deployment(namespace)), {
        uid: deployment(namespace).uid,
        allowed: true,
        auditAnnotations: { error: `${failed}: ${errorText}` },
        warnings: null,
      });
    });

    testIn("a namespace without pods can be relabelled", async (namespace) => {
      delete cluster.namespaces[namespace];
      const expected = { uid: relabelled(namespace).uid, allowed: true, auditAnnotations: null, warnings: null };
      assert.deepEqual(await promptResponse("honor", relabelled(namespace)), expected);
    });
  });

  describe("a slow API server", () => {
    testIn("the verdict is the usual one within the time limit", async (namespace) => {
      Object.assign(cluster.faults, { "get namespaces": 300, "get pods": 300, "list pods": 300 });
      const { allowed, status } = await promptResponse("honor", inNamespace(sample("privileged-pod"), namespace), 2 * PROMPT_LIMIT);
      assert.deepEqual([allowed, status.code], [false, 403]);
      const answer = await promptResponse("honor", relabelled(namespace), 2 * PROMPT_LIMIT);
      assert.deepEqual(answer, { uid: relabelled(namespace).uid, allowed: true, auditAnnotations: null, warnings: null });
    });

    for (const [description, lookup, id, request] of [
      ["a pod", "get namespaces", "honor", pod],
      ["a Deployment, which is accepted for other errors,", "get namespaces", "honor", deployment],
      ["a namespace, for get pods,", "get pods", "honor", relabelled],
      ["a namespace, for list pods,", "list pods", "honor", relabelled],
    ]) {
      testIn(`${description} is rejected after the time limit, when the API server responds`, async (namespace) => {
        cluster.faults[lookup] = SLOW_RESPONSE * 1000;
        const started = performance.now();
        const { uid, allowed, status } = await promptResponse(id, request(namespace), (SLOW_RESPONSE + 2) * 1000);
        assert.deepEqual({ uid, allowed, status }, { uid: request(namespace).uid, allowed: false, status: INTERRUPTED });
        assert.ok(performance.now() - started > SLOW_RESPONSE * 1000 - 100);
      });
    }
  });

  /** Pods of the namespace that violate every level. */
  const running = (namespace, ...names) => {
    const { object } = inNamespace(sample("privileged-pod"), namespace);
    return names.map((name) => ({ ...object, metadata: { name, namespace, uid: name } }));
  };

  describe("permissions that are needed together", () => {
    const warnings = (namespace, names) => [
      `existing pods in namespace "${namespace}" violate the new PodSecurity enforce level "restricted:v1.25"`,
      `${names}: host namespaces, privileged, allowPrivilegeEscalation != false, unrestricted capabilities, restricted volume types, runAsNonRoot != true, seccompProfile`,
    ];

    testIn("with get and list but not watch, the pods are those of the first list", async (namespace) => {
      cluster.rights.delete("watch pods");
      cluster.pods = running(namespace, "first");
      assert.deepEqual((await promptResponse("honor", relabelled(namespace))).warnings, warnings(namespace, "first"));
      cluster.pods = running(namespace, "first", "second");
      assert.deepEqual((await promptResponse("honor", relabelled(namespace))).warnings, warnings(namespace, "first"));
      const lists = cluster.requests.filter((request) => request.startsWith("list ") && request.includes(namespace));
      assert.equal(lists.length, 1);
    });

    testIn("with get but not list, there is no response until list is granted", async (namespace) => {
      cluster.rights.delete("list pods");
      const pending = server.post("/validate/honor", relabelled(namespace), 20);
      assert.equal(await Promise.race([pending, sleep((TIMEOUT + 1) * 1000).then(() => "pending")]), "pending");
      assert.ok(await isResponsive());
      assert.match(server.log(), /cannot list resource \\?"pods\\?"/);
      cluster.rights.add("list pods");
      const { status, text } = await pending;
      assert.equal(status, 200);
      assert.deepEqual(JSON.parse(text).response.status, INTERRUPTED);
    });

    testIn("with get but not list, other requests wait if every worker is blocked", async (namespace) => {
      cluster.rights.delete("list pods");
      // As many requests as workers.
      const blocking = [1, 2].map(() => server.post("/validate/honor", relabelled(namespace), 2));
      await sleep(500);
      const started = performance.now();
      const { status } = await server.post("/validate/unrelated", sample("privileged-pod"), 10);
      const millis = performance.now() - started;
      assert.equal(status, 200);
      assert.ok(millis > 1000 && millis < 3000, `it took ${millis} ms`);
      for (const { status } of await Promise.all(blocking)) assert.equal(status, undefined);
    });
  });

  describe("existing workloads", () => {
    const KINDS = [
      ["cronjobs.batch", "batch/v1/CronJob"],
      ["deployments.apps", "apps/v1/Deployment"],
      ["statefulsets.apps", "apps/v1/StatefulSet"],
      ["daemonsets.apps", "apps/v1/DaemonSet"],
      ["jobs.batch", "batch/v1/Job"],
      ["replicasets.apps", "apps/v1/ReplicaSet"],
      ["replicationcontrollers", "v1/ReplicationController"],
    ];
    const failed = (resources) => `failed to list ${resources} while checking new PodSecurity enforce level`;
    const header = (what, namespace) => `existing ${what} in namespace "${namespace}" violate the new PodSecurity enforce level "restricted:v1.25"`;
    const missing = "allowPrivilegeEscalation != false, unrestricted capabilities, runAsNonRoot != true, seccompProfile";

    /** A workload with a template without security fields. */
    const workload = (apiVersion, kind, namespace, name, controller) => {
      const { object } = sample("deployment");
      const { template } = object.spec;
      const ownerReferences = controller ? [{ apiVersion: "v1", kind: "Owner", name: "owner", uid: controller, controller: true }] : undefined;
      const spec = kind === "CronJob" ? { schedule: "@daily", jobTemplate: { spec: { template } } } : { template };
      return { apiVersion, kind, metadata: { name, namespace, uid: `uid-of-${name}`, ownerReferences }, spec };
    };
    const arrange = (namespace) => {
      WORKLOAD_RIGHTS.forEach((right) => cluster.rights.add(right));
      cluster.workloads = [
        workload("apps/v1", "Deployment", namespace, "web"),
        workload("apps/v1", "ReplicaSet", namespace, "web-1", "uid-of-web"),
        workload("batch/v1", "CronJob", namespace, "backup"),
        workload("batch/v1", "Job", "another-namespace", "other"),
      ];
      const { spec } = sample("deployment").object.spec.template;
      const metadata = { name: "web-1-a", namespace, ownerReferences: [{ apiVersion: "apps/v1", kind: "ReplicaSet", name: "web-1", uid: "uid-of-web-1", controller: true }] };
      cluster.pods = [{ apiVersion: "v1", kind: "Pod", metadata, spec }];
    };
    const ofPods = (namespace) => [header("pods", namespace), `web-1-a: ${missing}`];
    const ofWorkloads = (namespace) => [header("workloads", namespace), `CronJob backup: ${missing}`, `Deployment web (with 1 pod): ${missing}`];

    testIn("are evaluated with their pods", async (namespace) => {
      arrange(namespace);
      const answer = await promptResponse("workloads", relabelled(namespace), 2 * PROMPT_LIMIT);
      const warnings = [...ofPods(namespace), ...ofWorkloads(namespace)];
      assert.deepEqual(answer, { uid: relabelled(namespace).uid, allowed: true, auditAnnotations: null, warnings });
      // Each list is preceded by a lookup, and by default there are none.
      const lists = cluster.requests.filter((request) => request.startsWith("list ") && request.includes(namespace));
      const lookups = cluster.requests.filter((request) => request.includes("/may_"));
      assert.deepEqual([lists.length, lookups.length], [1 + KINDS.length, 1 + KINDS.length]);
      const byDefault = await promptResponse("honor", relabelled(namespace));
      assert.deepEqual(byDefault.warnings, ofPods(namespace));
    });

    testIn("are not listed without permission, and those that are allowed are evaluated", async (namespace) => {
      arrange(namespace);
      for (const verb of ["get", "list", "watch"]) ["jobs", "deployments"].forEach((resource) => cluster.rights.delete(`${verb} ${resource}`));
      const { allowed, warnings, auditAnnotations } = await promptResponse("workloads", relabelled(namespace), 2 * PROMPT_LIMIT);
      assert.deepEqual([allowed, warnings], [
        true,
        [
          ...ofPods(namespace),
          failed("deployments.apps, jobs.batch"),
          "the service account of the policy server must be allowed to get, list and watch deployments.apps, jobs.batch",
          header("workloads", namespace),
          `CronJob backup: ${missing}`,
        ],
      ]);
      assert.ok(auditAnnotations.error.startsWith(`${failed("deployments.apps, jobs.batch")}: Host error: `), auditAnnotations.error);
      assert.ok(auditAnnotations.error.includes(`User "${USER}" cannot get resource "jobs" in API group "batch"`), auditAnnotations.error);
      const forbidden = cluster.requests.filter((request) => /^(list|watch) (jobs|deployments) /.test(request) && request.includes(namespace));
      assert.deepEqual(forbidden, []);
    });

    testIn("need grants of Kubewarden", async (namespace) => {
      arrange(namespace);
      const { allowed, warnings } = await promptResponse("workloads-without-grants", relabelled(namespace));
      const all = failed(KINDS.map(([resource]) => resource).join(", "));
      const needs = `the policy needs ${KINDS.map(([, kind]) => kind).join(", ")} in its contextAwareResources`;
      assert.deepEqual([allowed, warnings], [true, [...ofPods(namespace), all, needs]]);
      assert.deepEqual(cluster.requests.filter((request) => request.includes("/may_")).length, 1);
    });

    for (const [description, fault] of [
      ["an error of the API server", "500"],
      ["a connection that is reset", "reset"],
    ]) {
      testIn(`are not looked up further after ${description}`, async (namespace) => {
        arrange(namespace);
        cluster.faults["get deployments"] = fault;
        const { allowed, warnings } = await promptResponse("workloads", relabelled(namespace), 2 * PROMPT_LIMIT);
        const skipped = KINDS.slice(2).map(([resource]) => resource);
        assert.deepEqual([allowed, warnings], [
          true,
          [
            ...ofPods(namespace),
            `new PodSecurity enforce level not checked against existing ${skipped.join(", ")}`,
            failed("deployments.apps"),
            header("workloads", namespace),
            `CronJob backup: ${missing}`,
          ],
        ]);
      });
    }

    testIn("are not looked up after half a second, so that the server does not interrupt the request", async (namespace) => {
      arrange(namespace);
      Object.assign(cluster.faults, { "get deployments": 260, "list deployments": 260 });
      const { allowed, warnings } = await promptResponse("workloads", relabelled(namespace), 2 * PROMPT_LIMIT);
      const skipped = KINDS.slice(2).map(([resource]) => resource);
      assert.deepEqual([allowed, warnings], [
        true,
        [
          ...ofPods(namespace),
          "new PodSecurity enforce level only checked against the first 0 of 1 existing deployments.apps",
          `new PodSecurity enforce level not checked against existing ${skipped.join(", ")}`,
          header("workloads", namespace),
          `CronJob backup: ${missing}`,
        ],
      ]);
    });
  });

  describe("resources and capabilities that Kubewarden does not grant", () => {
    for (const [id, namespaceError, podError] of [
      ["no-resources", NEEDS_NAMESPACES, "the policy needs v1/Pod in its contextAwareResources"],
      ["no-capabilities", ...Array(2).fill("the policy needs the host capability kubernetes/get_resource")],
    ]) {
      testIn(id, async (namespace) => {
        const { allowed, status } = await promptResponse(id, pod(namespace));
        const message = `Internal error occurred: failed to lookup namespace "${namespace}": ${namespaceError}`;
        assert.deepEqual({ allowed, status }, { allowed: false, status: { message, code: 500 } });
        const answer = await promptResponse(id, relabelled(namespace));
        assert.deepEqual([answer.allowed, answer.warnings], [true, [FAILED_LIST, podError]]);
        assert.deepEqual(cluster.requests.filter((request) => request.includes(`/${namespace}`)), []);
      });
    }
  });
});

test("the table in docs/operations.md lists the messages", () => {
  const page = readFileSync(join(ROOT, "docs", "operations.md"), "utf8");
  const table = page.split("## When something cannot be read\n")[1].split("\n## ")[0];
  for (const message of [FAILED_LIST, MAY_LIST_PODS, NEEDS_NAMESPACES, INTERRUPTED.message, "may_pods_be_listed"]) {
    assert.ok(table.includes(`\`${message}\``), message);
  }
});

describe("a policy server without a cluster", { skip: skipReason("policy-server", "openssl") }, () => {
  const directory = new TemporaryDirectory();
  after(() => directory.close());

  test("rejects pods, and accepts relabelled namespaces with a warning", async () => {
    const server = await PolicyServer.start(directory, { honor: policy(HONOR, CONTEXT_AWARE) });
    assert.equal(server.exitCode, undefined, server.log());
    const errorText = "Host error: Callback evaluation failure: kube::Client was not initialized properly";
    const pod = sample("restricted-pod");
    const failed = 'Internal error occurred: failed to lookup namespace "payments"';
    const closed = await server.validate("honor", pod);
    assert.deepEqual(closed, {
      uid: pod.uid,
      allowed: false,
      status: { message: failed, code: 500 },
      auditAnnotations: { error: `${failed}: ${errorText}` },
      warnings: null,
    });
    const namespace = sample("relabelled-namespace");
    const opened = await server.validate("honor", namespace);
    assert.deepEqual(opened, {
      uid: namespace.uid,
      allowed: true,
      auditAnnotations: { error: `${FAILED_LIST}: ${errorText}` },
      warnings: [FAILED_LIST],
    });
  });
});
