// Large requests, up to the limit of policy-server: the requests, their responses, and the memory that the policy needs.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";

import { CONTEXT_AWARE } from "./policy-server.mjs";
import { inNamespace, sample } from "./requests.mjs";
import { POLICY, ROOT } from "./temporary-directory.mjs";

/** The time limit of each request, in milliseconds. */
export const LIMIT = 1000;

const NAMESPACE = "crowded";
const PODS = 3000;
const RULES = 1000;
const CONTAINERS = 10_000;
/** The size of an object in bytes, which is the limit of etcd; that of policy-server is 2 MB. */
const BYTES = 1_500_000;

/** Typical exemption rules, of four kinds, none of which applies to the requests. */
function rules(number) {
  const kinds = [
    (index) => ({ checks: ["hostNamespaces", "privileged"], namespaces: [`monitoring-${index}`], reason: "host-wide metrics" }),
    (index) => ({ checks: ["allowPrivilegeEscalation"], namespaces: [`login-${index}`], reason: "calls sudo" }),
    (index) => ({ checks: ["capabilities_restricted"], images: [`registry.example/team-${index}/*`], reason: "raw sockets" }),
    (index) => ({ checks: ["hostPorts"], podSelector: { matchLabels: { app: `gateway-${index}` } }, reason: "listens" }),
  ];
  return Array.from({ length: number }, (_, index) => kinds[index % kinds.length](index));
}

/** The instances of the policy: their settings and their other entries in policies.yml. */
export const INSTANCES = {
  settings: [{ level: "restricted" }, {}],
  labels: [{ defaults: {}, namespaceLabels: "honor" }, CONTEXT_AWARE],
  rules: [{ level: "restricted", exemptions: { checks: rules(RULES) } }, {}],
};

/** The namespaces of the cluster. */
export const LABELS = { [NAMESPACE]: { "pod-security.kubernetes.io/enforce": "privileged" } };

/** Pods of an API server's list; every other one uses the host network. */
export function pods() {
  const { object } = JSON.parse(readFileSync(join(ROOT, "tests/data/accepted-pod.json"), "utf8"));
  return Array.from({ length: PODS }, (_, index) => {
    const name = `pod-${String(index).padStart(4, "0")}`;
    const metadata = { ...object.metadata, name, namespace: NAMESPACE, uid: `uid-of-${name}` };
    return { ...object, metadata, spec: index % 2 === 0 ? { ...object.spec, hostNetwork: true } : object.spec };
  });
}

/** A request to create a pod that satisfies restricted, except for its containers. */
function podRequest(name, containers) {
  const request = structuredClone(sample("restricted-pod"));
  const spec = { securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } }, containers };
  const metadata = { ...request.object.metadata, name };
  return { ...request, name, object: { ...request.object, metadata, spec } };
}

const FINE = { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } };
const IMAGE = "registry.example/payments/web:1.0";
const containersOf = (number) => Array.from({ length: number }, (_, index) => ({ name: `c-${index}`, image: IMAGE }));
const manyContainers = (number, more) => podRequest("crowd", containersOf(number).map((container) => ({ ...container, ...more })));

/** A pod of the given size, mostly in environment variables; its last container violates restricted. */
function largePod(bytes) {
  const [first, last] = containersOf(2);
  const env = [];
  const request = podRequest("heavy", [{ ...first, env, securityContext: FINE }, last]);
  let size = JSON.stringify(request).length;
  while (size < bytes) {
    env.push({ name: `SETTING_${env.length}`, value: `"value" ${env.length} of\n${"many words ".repeat(8)}` });
    size += JSON.stringify(env.at(-1)).length + 1;
  }
  return request;
}

const accepted = (warnings = null) => ({ allowed: true, warnings });

/** The rejection of a pod for the containers of these names. */
function rejected(pod, names) {
  const containers = `${names.length > 1 ? "containers" : "container"} ${names.map((name) => `"${name}"`).join(", ")}`;
  const violations = [
    `allowPrivilegeEscalation != false (${containers} must set securityContext.allowPrivilegeEscalation=false)`,
    `unrestricted capabilities (${containers} must set securityContext.capabilities.drop=["ALL"])`,
  ];
  const message = `pods "${pod}" is forbidden: violates PodSecurity "restricted:latest": ${violations.join(", ")}`;
  return { allowed: false, status: { message, code: 403 }, warnings: null };
}

const grouped = (number) => number.toLocaleString("en");
const all = containersOf(CONTAINERS).map(({ name }) => name);

/** The requests, their instances, and their responses without audit annotations. */
export const CASES = [
  { name: "a pod of 1.5 MB, rejected", instance: "settings", request: largePod(BYTES), answer: rejected("heavy", ["c-1"]) },
  {
    name: `${grouped(CONTAINERS)} containers, accepted`,
    instance: "settings",
    request: manyContainers(CONTAINERS, { securityContext: FINE }),
    answer: accepted(),
  },
  {
    name: `${grouped(CONTAINERS)} containers, each rejected`,
    instance: "settings",
    request: manyContainers(CONTAINERS),
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
  { name: `${grouped(RULES)} exemption rules, a pod rejected`, instance: "rules", request: manyContainers(1), answer: rejected("crowd", ["c-0"]) },
  {
    name: `${grouped(RULES)} exemption rules, ${grouped(CONTAINERS)} containers, each rejected`,
    instance: "rules",
    request: manyContainers(CONTAINERS),
    answer: rejected("crowd", all),
  },
];

/** Whether a response is that of a case. */
export function isRight({ request, answer }, { auditAnnotations, ...response }) {
  return isDeepStrictEqual(response, { uid: request.uid, ...answer });
}

/**
 * The memory of the policy after the request of a case, in bytes, in the test host of this repository. The host replays the
 * lookups that kwctl has recorded, because kwctl uses the same client as policy-server.
 */
export async function memoryOf({ name, instance, request, ...expected }, directory, cluster, host) {
  const file = directory.file("request.json", request);
  const [settings, { contextAwareResources }] = INSTANCES[instance];
  const args = ["run", POLICY, "--request-path", file, "--settings-path", directory.file("settings.json", settings)];
  if (contextAwareResources) {
    const session = directory.file("session.yml");
    const recorded = ["--record-host-capabilities-interactions", session, "--sigstore-trust-config", directory.file("trust.json", {})];
    const env = { KUBECONFIG: directory.file("kubeconfig", cluster.kubeconfig()) };
    const { code, stderr } = await directory.run("kwctl", [...args, "--allow-context-aware", ...recorded], { env });
    if (code !== 0) throw new Error(`kwctl: ${stderr}`);
    args.push("--allow-context-aware", "--replay-host-capabilities-interactions", session);
  }
  const { code, stdout, stderr } = await directory.run(host, [...args, "--memory"]);
  const [, bytes] = /the guest has (\d+) bytes of memory/.exec(stderr) ?? [];
  if (code !== 0 || !bytes || !isRight({ request, ...expected }, JSON.parse(stdout))) {
    throw new Error(`${host}, ${name}: ${code} ${stderr} ${stdout.slice(0, 1000)}`);
  }
  return Number(bytes);
}
