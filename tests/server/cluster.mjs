// A stand-in for an API server: the REST paths that a policy server asks, over plain HTTP on a loopback port. It serves
// the objects that it is given, and grants what it is told to grant; a test takes rights away, or makes a path fail.

import { once } from "node:events";
import { createServer } from "node:http";

/** Who the policy server is, in the words of a refusal. */
export const USER = "system:serviceaccount:kubewarden:policy-server";

const resource = (name, kind, namespaced) => ({
  name,
  singularName: kind.toLowerCase(),
  namespaced,
  kind,
  verbs: ["create", "delete", "get", "list", "patch", "update", "watch"],
});
const RESOURCES = [resource("namespaces", "Namespace", false), resource("pods", "Pod", true)];

export class Cluster {
  /** Namespaces by their names, with their labels; pods as they are, each with its namespace. */
  constructor({ namespaces = {}, pods = [] } = {}) {
    this.namespaces = namespaces;
    this.pods = pods;
    /** What the policy server may do, as `verb resource`. */
    this.rights = new Set(["get namespaces", "get pods", "list pods", "watch pods"]);
    /** How a request goes wrong, by `verb resource`: "500", "reset", or milliseconds that it takes. */
    this.faults = {};
    /** What was asked: `verb resource path`. */
    this.asked = [];
    this.sockets = new Set();
    this.port = 0;
  }

  /** Listens, on the port that it had before if it had one. */
  async open() {
    this.server = createServer((request, response) => this.answer(request, response));
    this.server.on("connection", (socket) => {
      this.sockets.add(socket);
      socket.on("close", () => this.sockets.delete(socket));
    });
    this.server.listen(this.port, "127.0.0.1");
    await once(this.server, "listening");
    this.port = this.server.address().port;
    return this;
  }

  /** Refuses connections from now on, and ends those that there are. */
  async close() {
    if (!this.server?.listening) return;
    const closed = once(this.server, "close");
    this.server.close();
    this.sockets.forEach((socket) => socket.destroy());
    await closed;
  }

  /** A kubeconfig for it. */
  kubeconfig() {
    return {
      apiVersion: "v1",
      kind: "Config",
      clusters: [{ name: "stand-in", cluster: { server: `http://127.0.0.1:${this.port}` } }],
      users: [{ name: "policy-server", user: {} }],
      contexts: [{ name: "stand-in", context: { cluster: "stand-in", user: "policy-server" } }],
      "current-context": "stand-in",
    };
  }

  async answer(request, response) {
    const url = new URL(request.url, "http://stand-in");
    const asked = this.question(url);
    if (!asked) return send(response, status(404, "NotFound", "the server could not find the requested resource", {}));
    const { verb, resource } = asked;
    const key = verb === "discover" ? verb : `${verb} ${resource}`;
    this.asked.push(`${key} ${url.pathname}`);
    const fault = this.faults[key];
    if (typeof fault === "number") await new Promise((done) => setTimeout(done, fault).unref());
    if (response.destroyed) return;
    if (fault === "reset") return request.socket.destroy();
    if (fault === "500") return send(response, status(500, "InternalError", "Internal error occurred: etcdserver: no leader", {}));
    if (verb === "discover") return send(response, { kind: "APIResourceList", apiVersion: "v1", groupVersion: "v1", resources: RESOURCES });
    if (!this.rights.has(key)) return send(response, forbidden(asked));
    this[`${verb}_${resource}`](asked, response);
  }

  /** What a path asks for. */
  question(url) {
    const [api, version, ...rest] = url.pathname.split("/").slice(1).map(decodeURIComponent);
    if (api !== "api" || version !== "v1") return undefined;
    if (rest.length === 0) return { verb: "discover" };
    if (rest[0] !== "namespaces") return undefined;
    if (rest.length === 2) return { verb: "get", resource: "namespaces", name: rest[1] };
    if (rest[2] !== "pods") return undefined;
    if (rest.length === 4) return { verb: "get", resource: "pods", namespace: rest[1], name: rest[3] };
    return { verb: url.searchParams.get("watch") === "true" ? "watch" : "list", resource: "pods", namespace: rest[1] };
  }

  get_namespaces({ name }, response) {
    const labels = this.namespaces[name];
    if (!labels) return send(response, notFound("namespaces", name));
    const metadata = { name, uid: `uid-of-${name}`, resourceVersion: "7", labels: { "kubernetes.io/metadata.name": name, ...labels } };
    send(response, { kind: "Namespace", apiVersion: "v1", metadata, spec: { finalizers: ["kubernetes"] }, status: { phase: "Active" } });
  }

  get_pods({ namespace, name }, response) {
    const pod = this.pods.find(({ metadata }) => metadata.namespace === namespace && metadata.name === name);
    send(response, pod ?? notFound("pods", name));
  }

  list_pods({ namespace }, response) {
    const items = this.pods.filter(({ metadata }) => metadata.namespace === namespace);
    send(response, { kind: "PodList", apiVersion: "v1", metadata: { resourceVersion: "42" }, items });
  }

  /** Held open, and nothing ever happens. */
  watch_pods(_, response) {
    response.writeHead(200, { "Content-Type": "application/json" });
    response.flushHeaders();
  }
}

function send(response, object) {
  const code = object.kind === "Status" ? object.code : 200;
  response.writeHead(code, { "Content-Type": "application/json" }).end(JSON.stringify(object));
}

function status(code, reason, message, details) {
  return { kind: "Status", apiVersion: "v1", metadata: {}, status: "Failure", message, reason, details, code };
}

function notFound(kind, name) {
  return status(404, "NotFound", `${kind} "${name}" not found`, { name, kind });
}

/** In the words of an API server's RBAC. */
function forbidden({ verb, resource, namespace, name }) {
  const what = name === undefined ? resource : `${resource} "${name}"`;
  const where = namespace === undefined ? "at the cluster scope" : `in the namespace "${namespace}"`;
  const message = `${what} is forbidden: User "${USER}" cannot ${verb} resource "${resource}" in API group "" ${where}`;
  return status(403, "Forbidden", message, { name, kind: resource });
}
