// What the policy answers when the cluster cannot be asked: the table "When something cannot be read" of the README, on
// the real policy-server, before an API server that refuses, fails, is away or is slow.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { Cluster, USER } from "./cluster.mjs";
import { CONTEXT_AWARE, PolicyServer, policy } from "./policyServer.mjs";
import { inNamespace, sample } from "./requests.mjs";
import { ROOT, Workplace, skipped, sleep } from "./workplace.mjs";

/** How long the policy server lets a request take, and how long a slow API server takes, in seconds. */
const [LIMIT, SLOW] = [2, 2.5];
/** What counts as prompt, in milliseconds. */
const PROMPT = 1000;

const HONOR = { defaults: {}, namespaceLabels: "honor" };
const POLICIES = {
  honor: policy(HONOR, CONTEXT_AWARE),
  "honor-enforcing": policy({ ...HONOR, workloads: "enforce" }, CONTEXT_AWARE),
  selecting: policy({ level: "restricted", exemptions: { namespaceSelector: { matchLabels: { exempt: "true" } } } }, CONTEXT_AWARE),
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

/** What goes wrong with a request to the API server; what the message adds of what is to be granted; why. */
const TROUBLES = [
  {
    name: "forbidden",
    arrange: (cluster, resource) => ["get", "list", "watch"].forEach((verb) => cluster.rights.delete(`${verb} ${resource}`)),
    grants: true,
    why: (resource) => `User "${USER}" cannot get resource "${resource}"`,
  },
  {
    name: "an error of the API server",
    arrange: (cluster, resource) => ["get", "list"].forEach((verb) => (cluster.faults[`${verb} ${resource}`] = "500")),
    why: () => "Internal error occurred: etcdserver: no leader",
  },
  {
    name: "a connection that breaks",
    arrange: (cluster, resource) => ["get", "list"].forEach((verb) => (cluster.faults[`${verb} ${resource}`] = "reset")),
    why: () => "ServiceError: client error (SendRequest)",
  },
  { name: "connections refused", arrange: (cluster) => cluster.close(), why: () => "ServiceError: client error (Connect)" },
];

describe("a cluster that cannot be asked", { skip: skipped("policy-server", "openssl") }, () => {
  const workplace = new Workplace();
  let cluster, server;
  before(async () => {
    cluster = await new Cluster().open();
    server = await PolicyServer.start(workplace, POLICIES, { cluster, args: ["--policy-timeout", String(LIMIT)] });
    assert.equal(server.ended, undefined, server.log());
    // The server asks once what kinds there are.
    cluster.namespaces.first = {};
    await server.validate("honor", inNamespace(sample("privileged-pod"), "first"));
    await server.validate("honor", inNamespace(sample("relabelled-namespace"), "first"));
  });
  after(async () => {
    await workplace.close();
    await cluster?.close();
  });

  /** A test in a namespace of its own, of which nothing is remembered; afterwards the cluster is well again. */
  let namespaces = 0;
  function testIn(name, body) {
    test(name, async () => {
      const namespace = `namespace-${(namespaces += 1)}`;
      cluster.namespaces[namespace] = { "pod-security.kubernetes.io/enforce": "restricted" };
      cluster.asked = [];
      try {
        await body(namespace);
      } finally {
        cluster.rights = new Set(["get namespaces", "get pods", "list pods", "watch pods"]);
        cluster.faults = {};
        if (!cluster.server.listening) await cluster.open();
      }
    });
  }

  /** The answer to a request, which must come promptly; one that asks no cluster must not have to wait for it. */
  async function promptly(id, request, within = PROMPT) {
    const started = performance.now();
    const timed = server.validate(id, request).then((answer) => ({ answer, millis: performance.now() - started }));
    const [{ answer, millis }, unhindered] = await Promise.all([timed, isUnhindered()]);
    assert.ok(millis < within, `it took ${millis} ms`);
    assert.ok(unhindered);
    return answer;
  }

  /** Whether the server has time for a request that asks no cluster. */
  async function isUnhindered() {
    const { status, text, millis } = await server.post("/validate/unrelated", sample("privileged-pod"), PROMPT / 1000);
    assert.equal(status, 200, `no answer within ${millis} ms`);
    assert.match(JSON.parse(text).response.status.message, /violates PodSecurity "baseline:latest"/);
    return millis < PROMPT;
  }

  const pod = (namespace) => inNamespace(sample("restricted-pod"), namespace);
  const deployment = (namespace) => inNamespace(sample("deployment"), namespace);
  const relabelled = (namespace) => inNamespace(sample("relabelled-namespace"), namespace);

  for (const { name, arrange, grants, why } of TROUBLES) {
    describe(name, () => {
      const failed = (namespace) => `failed to lookup namespace "${namespace}"${grants ? `: ${MAY_GET_NAMESPACES}` : ""}`;

      /** Enforcing fails closed: the message says what to grant, the annotation why. */
      const isClosed = (namespace, { uid, allowed, status, auditAnnotations, warnings }, request) => {
        assert.deepEqual({ uid, allowed, warnings }, { uid: request.uid, allowed: false, warnings: null });
        assert.deepEqual(status, { message: `Internal error occurred: ${failed(namespace)}`, code: 500 });
        assert.deepEqual(Object.keys(auditAnnotations), ["error"]);
        assert.ok(auditAnnotations.error.startsWith(`${status.message}: Host error: `), auditAnnotations.error);
        assert.ok(auditAnnotations.error.includes(why("namespaces")), auditAnnotations.error);
      };

      for (const [id, what, request] of [
        ["honor", "a pod", pod],
        ["selecting", "a pod, for the selector of exemptions", pod],
        ["honor-enforcing", "a Deployment that is enforced", deployment],
      ]) {
        testIn(`${what} is rejected, its namespace not being known`, async (namespace) => {
          await arrange(cluster, "namespaces");
          isClosed(namespace, await promptly(id, request(namespace)), request(namespace));
        });
      }

      testIn("a Deployment is accepted, its namespace not being known", async (namespace) => {
        await arrange(cluster, "namespaces");
        const { auditAnnotations, ...answer } = await promptly("honor", deployment(namespace));
        assert.deepEqual(answer, { uid: deployment(namespace).uid, allowed: true, warnings: null });
        assert.deepEqual(Object.keys(auditAnnotations), ["error"]);
        assert.ok(auditAnnotations.error.startsWith(`${failed(namespace)}: Host error: `), auditAnnotations.error);
        assert.ok(auditAnnotations.error.includes(why("namespaces")), auditAnnotations.error);
      });

      testIn("a namespace is relabelled, with a warning that its pods are not known", async (namespace) => {
        await arrange(cluster, "pods");
        const { auditAnnotations, ...answer } = await promptly("honor", relabelled(namespace));
        const warnings = [FAILED_LIST, ...(grants ? [MAY_LIST_PODS] : [])];
        assert.deepEqual(answer, { uid: relabelled(namespace).uid, allowed: true, warnings });
        assert.deepEqual(Object.keys(auditAnnotations), ["error"]);
        assert.ok(auditAnnotations.error.startsWith(`${warnings.join(": ")}: Host error: `), auditAnnotations.error);
        assert.ok(auditAnnotations.error.includes(why("pods")), auditAnnotations.error);
        // The list would have been tried for ever.
        assert.deepEqual(cluster.asked.filter((asked) => asked.startsWith("list ") && asked.includes(namespace)), []);
      });
    });
  }

  describe("no such namespace", () => {
    testIn("a pod is rejected, a Deployment is not", async (namespace) => {
      delete cluster.namespaces[namespace];
      const failed = `failed to lookup namespace "${namespace}"`;
      const why = `Host error: Callback evaluation failure: Cannot find v1/Namespace named '${namespace}' inside of namespace 'None'`;
      assert.deepEqual(await promptly("honor", pod(namespace)), {
        uid: pod(namespace).uid,
        allowed: false,
        status: { message: `Internal error occurred: ${failed}`, code: 500 },
        auditAnnotations: { error: `Internal error occurred: ${failed}: ${why}` },
        warnings: null,
      });
      assert.deepEqual(await promptly("honor", deployment(namespace)), {
        uid: deployment(namespace).uid,
        allowed: true,
        auditAnnotations: { error: `${failed}: ${why}` },
        warnings: null,
      });
    });

    testIn("a namespace is relabelled: it has no pods", async (namespace) => {
      delete cluster.namespaces[namespace];
      const expected = { uid: relabelled(namespace).uid, allowed: true, auditAnnotations: null, warnings: null };
      assert.deepEqual(await promptly("honor", relabelled(namespace)), expected);
    });
  });

  describe("a slow API server", () => {
    testIn("within the limit, the verdict is as ever", async (namespace) => {
      Object.assign(cluster.faults, { "get namespaces": 300, "get pods": 300, "list pods": 300 });
      const { allowed, status } = await promptly("honor", inNamespace(sample("privileged-pod"), namespace), 2 * PROMPT);
      assert.deepEqual([allowed, status.code], [false, 403]);
      const answer = await promptly("honor", relabelled(namespace), 2 * PROMPT);
      assert.deepEqual(answer, { uid: relabelled(namespace).uid, allowed: true, auditAnnotations: null, warnings: null });
    });

    for (const [what, question, id, request] of [
      ["a pod", "get namespaces", "honor", pod],
      ["a Deployment, which fails open else,", "get namespaces", "honor", deployment],
      ["a namespace, for the look,", "get pods", "honor", relabelled],
      ["a namespace, for the list,", "list pods", "honor", relabelled],
    ]) {
      testIn(`beyond it, ${what} is rejected, once the API server has answered`, async (namespace) => {
        cluster.faults[question] = SLOW * 1000;
        const started = performance.now();
        const { uid, allowed, status } = await promptly(id, request(namespace), (SLOW + 2) * 1000);
        assert.deepEqual({ uid, allowed, status }, { uid: request(namespace).uid, allowed: false, status: INTERRUPTED });
        assert.ok(performance.now() - started > SLOW * 1000 - 100);
      });
    }
  });

  describe("rights that go together", () => {
    /** Pods of the namespace, of which those named after a fault violate every level. */
    const running = (namespace, ...names) => {
      const { object } = inNamespace(sample("privileged-pod"), namespace);
      return names.map((name) => ({ ...object, metadata: { name, namespace, uid: name } }));
    };
    const warnings = (namespace, names) => [
      `existing pods in namespace "${namespace}" violate the new PodSecurity enforce level "restricted:v1.25"`,
      `${names}: host namespaces, privileged, allowPrivilegeEscalation != false, unrestricted capabilities, restricted volume types, runAsNonRoot != true, seccompProfile`,
    ];

    testIn("get and list without watch: the pods are those of the first list", async (namespace) => {
      cluster.rights.delete("watch pods");
      cluster.pods = running(namespace, "first");
      assert.deepEqual((await promptly("honor", relabelled(namespace))).warnings, warnings(namespace, "first"));
      cluster.pods = running(namespace, "first", "second");
      assert.deepEqual((await promptly("honor", relabelled(namespace))).warnings, warnings(namespace, "first"));
      const lists = cluster.asked.filter((asked) => asked.startsWith("list ") && asked.includes(namespace));
      assert.equal(lists.length, 1);
    });

    testIn("get without list: no answer until list is granted", async (namespace) => {
      cluster.rights.delete("list pods");
      const held = server.post("/validate/honor", relabelled(namespace), 20);
      assert.equal(await Promise.race([held, sleep((LIMIT + 1) * 1000).then(() => "held")]), "held");
      assert.ok(await isUnhindered());
      assert.match(server.log(), /cannot list resource \\?"pods\\?"/);
      cluster.rights.add("list pods");
      const { status, text } = await held;
      assert.equal(status, 200);
      assert.deepEqual(JSON.parse(text).response.status, INTERRUPTED);
    });

    testIn("get without list: whatever comes waits until the API server gives up, if every worker is held", async (namespace) => {
      cluster.rights.delete("list pods");
      // As many as there are workers.
      const held = [1, 2].map(() => server.post("/validate/honor", relabelled(namespace), 2));
      await sleep(500);
      const started = performance.now();
      const { status } = await server.post("/validate/unrelated", sample("privileged-pod"), 10);
      const millis = performance.now() - started;
      assert.equal(status, 200);
      assert.ok(millis > 1000 && millis < 3000, `it took ${millis} ms`);
      for (const { status } of await Promise.all(held)) assert.equal(status, undefined);
    });
  });

  describe("what Kubewarden has not been told to grant", () => {
    for (const [id, grant, right] of [
      ["no-resources", NEEDS_NAMESPACES, "the policy needs v1/Pod in its contextAwareResources"],
      ["no-capabilities", ...Array(2).fill("the policy needs the host capability kubernetes/get_resource")],
    ]) {
      testIn(id, async (namespace) => {
        const { allowed, status } = await promptly(id, pod(namespace));
        const message = `Internal error occurred: failed to lookup namespace "${namespace}": ${grant}`;
        assert.deepEqual({ allowed, status }, { allowed: false, status: { message, code: 500 } });
        const answer = await promptly(id, relabelled(namespace));
        assert.deepEqual([answer.allowed, answer.warnings], [true, [FAILED_LIST, right]]);
        assert.deepEqual(cluster.asked.filter((asked) => asked.includes(`/${namespace}`)), []);
      });
    }
  });
});

test("the README's table says so", () => {
  const readme = readFileSync(join(ROOT, "README.md"), "utf8");
  const table = readme.split("## When something cannot be read\n")[1].split("\n## ")[0];
  for (const words of [FAILED_LIST, MAY_LIST_PODS, NEEDS_NAMESPACES, INTERRUPTED.message, "may_pods_be_listed"]) {
    assert.ok(table.includes(`\`${words}\``), words);
  }
});

describe("a policy server without a cluster", { skip: skipped("policy-server", "openssl") }, () => {
  const workplace = new Workplace();
  after(() => workplace.close());

  test("rejects pods whose namespace it cannot know, and lets namespaces be relabelled with a warning", async () => {
    const server = await PolicyServer.start(workplace, { honor: policy(HONOR, CONTEXT_AWARE) });
    assert.equal(server.ended, undefined, server.log());
    const why = "Host error: Callback evaluation failure: kube::Client was not initialized properly";
    const pod = sample("restricted-pod");
    const failed = 'Internal error occurred: failed to lookup namespace "payments"';
    const closed = await server.validate("honor", pod);
    assert.deepEqual(closed, {
      uid: pod.uid,
      allowed: false,
      status: { message: failed, code: 500 },
      auditAnnotations: { error: `${failed}: ${why}` },
      warnings: null,
    });
    const namespace = sample("relabelled-namespace");
    const opened = await server.validate("honor", namespace);
    assert.deepEqual(opened, {
      uid: namespace.uid,
      allowed: true,
      auditAnnotations: { error: `${FAILED_LIST}: ${why}` },
      warnings: [FAILED_LIST],
    });
  });
});
