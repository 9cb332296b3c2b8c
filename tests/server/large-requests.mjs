// Large requests, as large as a policy-server takes them: what they are, what the answer has to be, and how much memory
// the policy takes for them.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";

import { CONTEXT_AWARE } from "./policyServer.mjs";
import { inNamespace, sample } from "./requests.mjs";
import { POLICY, ROOT } from "./workplace.mjs";

/** Each is answered within so many milliseconds. */
export const LIMIT = 1000;

const NAMESPACE = "crowded";
const PODS = 3000;
const RULES = 1000;
const CONTAINERS = 10_000;
/** The server takes 2 MB; etcd takes no object of more than 1.5. */
const BYTES = 1_500_000;

/** So many exemption rules, of four kinds as a cluster may have them, none of which covers anything here. */
function rules(number) {
  const kinds = [
    (index) => ({ checks: ["hostNamespaces", "privileged"], namespaces: [`monitoring-${index}`], reason: "host-wide metrics" }),
    (index) => ({ checks: ["allowPrivilegeEscalation"], namespaces: [`login-${index}`], reason: "calls sudo" }),
    (index) => ({ checks: ["capabilities_restricted"], images: [`registry.example/team-${index}/*`], reason: "raw sockets" }),
    (index) => ({ checks: ["hostPorts"], podSelector: { matchLabels: { app: `gateway-${index}` } }, reason: "listens" }),
  ];
  return Array.from({ length: number }, (_, index) => kinds[index % kinds.length](index));
}

/** The instances of the policy that the requests are for: settings, and what else policies.yml says. */
export const INSTANCES = {
  settings: [{ level: "restricted" }, {}],
  labels: [{ defaults: {}, namespaceLabels: "honor" }, CONTEXT_AWARE],
  rules: [{ level: "restricted", exemptions: { checks: rules(RULES) } }, {}],
};

/** What is in the cluster. */
export const LABELS = { [NAMESPACE]: { "pod-security.kubernetes.io/enforce": "privileged" } };

/** Pods as an API server lists them: every other one uses the network of its node. */
export function pods() {
  const { object } = JSON.parse(readFileSync(join(ROOT, "tests/data/accepted-pod.json"), "utf8"));
  return Array.from({ length: PODS }, (_, index) => {
    const name = `pod-${String(index).padStart(4, "0")}`;
    const metadata = { ...object.metadata, name, namespace: NAMESPACE, uid: `uid-of-${name}` };
    return { ...object, metadata, spec: index % 2 === 0 ? { ...object.spec, hostNetwork: true } : object.spec };
  });
}

/** A request to create a pod that only its containers can make violate restricted. */
function creating(name, containers) {
  const request = structuredClone(sample("restricted-pod"));
  const spec = { securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } }, containers };
  const metadata = { ...request.object.metadata, name };
  return { ...request, name, object: { ...request.object, metadata, spec } };
}

const FINE = { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } };
const IMAGE = "registry.example/payments/web:1.0";
const named = (number) => Array.from({ length: number }, (_, index) => ({ name: `c-${index}`, image: IMAGE }));
const crowd = (number, more) => creating("crowd", named(number).map((container) => ({ ...container, ...more })));

/** A pod of so many bytes, most of them in what no check reads; the container that comes last is at fault. */
function heavy(bytes) {
  const [first, last] = named(2);
  const env = [];
  const request = creating("heavy", [{ ...first, env, securityContext: FINE }, last]);
  let size = JSON.stringify(request).length;
  while (size < bytes) {
    env.push({ name: `SETTING_${env.length}`, value: `"value" ${env.length} of\n${"many words ".repeat(8)}` });
    size += JSON.stringify(env.at(-1)).length + 1;
  }
  return request;
}

const accepted = (warnings = null) => ({ allowed: true, warnings });

/** The rejection of a pod whose containers of these names are not hardened. */
function rejected(pod, names) {
  const containers = `${names.length > 1 ? "containers" : "container"} ${names.map((name) => `"${name}"`).join(", ")}`;
  const why = [
    `allowPrivilegeEscalation != false (${containers} must set securityContext.allowPrivilegeEscalation=false)`,
    `unrestricted capabilities (${containers} must set securityContext.capabilities.drop=["ALL"])`,
  ];
  const message = `pods "${pod}" is forbidden: violates PodSecurity "restricted:latest": ${why.join(", ")}`;
  return { allowed: false, status: { message, code: 403 }, warnings: null };
}

const grouped = (number) => number.toLocaleString("en");
const all = named(CONTAINERS).map(({ name }) => name);

/** What is asked, of which instance, and the answer but for its audit annotations. */
export const CASES = [
  { name: "a pod of 1.5 MB, rejected", instance: "settings", request: heavy(BYTES), answer: rejected("heavy", ["c-1"]) },
  {
    name: `${grouped(CONTAINERS)} containers, accepted`,
    instance: "settings",
    request: crowd(CONTAINERS, { securityContext: FINE }),
    answer: accepted(),
  },
  {
    name: `${grouped(CONTAINERS)} containers, each rejected`,
    instance: "settings",
    request: crowd(CONTAINERS),
    answer: rejected("crowd", all),
  },
  {
    name: `a namespace with ${grouped(PODS)} pods, relabelled`,
    instance: "labels",
    request: inNamespace(sample("relabelled-namespace"), NAMESPACE),
    answer: accepted([
      `existing pods in namespace "${NAMESPACE}" violate the new PodSecurity enforce level "restricted:v1.25"`,
      `pod-0000 (and ${PODS / 2 - 1} other pods): host namespaces`,
    ]),
  },
  { name: `${grouped(RULES)} exemption rules, a pod rejected`, instance: "rules", request: crowd(1), answer: rejected("crowd", ["c-0"]) },
  {
    name: `${grouped(RULES)} exemption rules, ${grouped(CONTAINERS)} containers, each rejected`,
    instance: "rules",
    request: crowd(CONTAINERS),
    answer: rejected("crowd", all),
  },
];

/** Whether this is the answer to the request of a case. */
export function isRight({ request, answer }, { auditAnnotations, ...response }) {
  return isDeepStrictEqual(response, { uid: request.uid, ...answer });
}

/**
 * How many bytes of memory the policy has after the request of a case, in the test host of this repository. It answers
 * what the policy asks of the cluster with what kwctl, which asks as policy-server does, gets there and writes down.
 */
export async function memoryOf({ name, instance, request, ...expected }, workplace, cluster, host) {
  const file = workplace.file("request.json", request);
  const [settings, { contextAwareResources }] = INSTANCES[instance];
  const asked = ["run", POLICY, "--request-path", file, "--settings-path", workplace.file("settings.json", settings)];
  if (contextAwareResources) {
    const session = workplace.file("session.yml");
    const recorded = ["--record-host-capabilities-interactions", session, "--sigstore-trust-config", workplace.file("trust.json", {})];
    const env = { KUBECONFIG: workplace.file("kubeconfig", cluster.kubeconfig()) };
    const { code, stderr } = await workplace.run("kwctl", [...asked, "--allow-context-aware", ...recorded], { env });
    if (code !== 0) throw new Error(`kwctl: ${stderr}`);
    asked.push("--allow-context-aware", "--replay-host-capabilities-interactions", session);
  }
  const { code, stdout, stderr } = await workplace.run(host, [...asked, "--memory"]);
  const [, bytes] = /the guest has (\d+) bytes of memory/.exec(stderr) ?? [];
  if (code !== 0 || !bytes || !isRight({ request, ...expected }, JSON.parse(stdout))) {
    throw new Error(`${host}, ${name}: ${code} ${stderr} ${stdout.slice(0, 1000)}`);
  }
  return Number(bytes);
}
