// A large manifest, as a chart renders it: workloads with several containers, most of them with findings, and objects without pods.
// @ts-check

/** The number of lines of each document, with its marker. */
const LINES = 112;

/** @type {(count: number, line: (at: number) => string) => string[]} */
const repeat = (count, line) => Array.from({ length: count }, (_, at) => line(at));

/** @param {string} name @param {number} at */
const metadata = (name, at) => [
  "metadata:",
  `  name: ${name}`,
  "  namespace: shop",
  "  labels:",
  `    app.kubernetes.io/name: ${name}`,
  `    example.com/index: "${at}"`,
  "  annotations:",
  "    example.com/team: shop",
];

/** @param {string} name @param {string[]} security */
const container = (name, security) => [
  `        - name: ${name}`,
  `          image: registry.example/${name}:1.27 # pinned`,
  '          args: ["--port", "8080", "--quiet"]',
  "          ports:",
  "            - name: http",
  "              containerPort: 8080",
  "          env:",
  "            - name: LOG_LEVEL",
  '              value: "info"',
  "            - name: POD_NAME",
  "              valueFrom:",
  "                fieldRef:",
  "                  fieldPath: metadata.name",
  ...security,
  "          resources:",
  "            requests:",
  "              cpu: 100m",
  "              memory: 64Mi",
];

/** The `securityContext` of the containers, by the number of the workload. */
const SECURITY = [
  [],
  ["          securityContext:", "            privileged: true"],
  ["          securityContext:", "            capabilities:", "              add:", "                - NET_ADMIN"],
  ["          securityContext:", "            runAsUser: 0", "            procMount: Unmasked"],
  ["          securityContext:", "            allowPrivilegeEscalation: false", "            capabilities:", "              drop: [ALL]"],
];

/** @param {number} at */
function workload(at) {
  const name = `web-${at}`;
  const security = (/** @type {number} */ offset) => SECURITY[(at + offset) % SECURITY.length] ?? [];
  return [
    "---",
    "apiVersion: apps/v1",
    `kind: ${["Deployment", "StatefulSet", "DaemonSet"][at % 3]}`,
    ...metadata(name, at),
    "spec:",
    "  selector:",
    "    matchLabels:",
    `      app.kubernetes.io/name: ${name}`,
    "  template:",
    "    metadata:",
    "      labels:",
    `        app.kubernetes.io/name: ${name}`,
    "    spec:",
    ...(at % 4 === 0 ? ["      hostNetwork: true"] : ["      securityContext:", "        fsGroup: 1000"]),
    "      initContainers:",
    ...container("prepare", security(0)),
    "      containers:",
    ...container("web", security(1)),
    ...container("proxy", security(2)),
    "      volumes:",
    "        - name: data",
    ...(at % 4 === 1 ? ["          hostPath:", "            path: /var/lib/shop"] : ["          emptyDir: {}"]),
  ];
}

/** @param {number} at */
const settings = (at) => ["---", "apiVersion: v1", "kind: ConfigMap", ...metadata(`settings-${at}`, at), "data:", ...repeat(60, (key) => `  key-${key}: "value ${key} of ${at}"`)];

/**
 * A manifest of 112 lines per document: 60 documents have about 6,700 lines.
 * @param {number} [documents]
 */
export const largeManifest = (documents = 60) =>
  `${repeat(documents, (at) => {
    const lines = at % 10 === 9 ? settings(at) : workload(at);
    const place = lines.indexOf("  annotations:") + 1;
    const annotations = repeat(LINES - lines.length, (line) => `    example.com/note-${line}: "A note of this length, about document ${at}"`);
    return [...lines.slice(0, place), ...annotations, ...lines.slice(place)].join("\n");
  }).join("\n")}\n`;
