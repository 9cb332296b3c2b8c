// A fake API server with the REST paths that policy-server requests, over plain HTTP on a loopback port. It serves the given
// objects; a test can revoke permissions and inject faults.

import { once } from "node:events";
import { createServer } from "node:http";

/** The user of the policy server, in the messages of forbidden requests. */
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
  /** `namespaces` maps names to labels; `pods` are complete objects. */
  constructor({ namespaces = {}, pods = [] } = {}) {
    this.namespaces = namespaces;
    this.pods = pods;
    /** The permissions of the policy server, as `verb resource`. */
    this.rights = new Set(["get namespaces", "get pods", "list pods", "watch pods"]);
    /** Faults by `verb resource`: "500", "reset", or a delay in milliseconds. */
    this.faults = {};
    /** The received requests, as `verb resource path`. */
    this.requests = [];
    this.sockets = new Set();
    this.port = 0;
  }

  /** Starts listening, on the previous port if there was one. */
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

  /** Stops listening, and closes all connections. */
  async close() {
    if (!this.server?.listening) return;
    const closed = once(this.server, "close");
    this.server.close();
    this.sockets.forEach((socket) => socket.destroy());
    await closed;
  }

  /** The kubeconfig of the cluster. */
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
    const lookup = this.parse(url);
    if (!lookup) return send(response, status(404, "NotFound", "the server could not find the requested resource", {}));
    const { verb, resource } = lookup;
    const key = verb === "discover" ? verb : `${verb} ${resource}`;
    this.requests.push(`${key} ${url.pathname}`);
    const fault = this.faults[key];
    if (typeof fault === "number") await new Promise((done) => setTimeout(done, fault).unref());
    if (response.destroyed) return;
    if (fault === "reset") return request.socket.destroy();
    if (fault === "500") return send(response, status(500, "InternalError", "Internal error occurred: etcdserver: no leader", {}));
    if (verb === "discover") return send(response, { kind: "APIResourceList", apiVersion: "v1", groupVersion: "v1", resources: RESOURCES });
    if (!this.rights.has(key)) return send(response, forbidden(lookup));
    this[`${verb}_${resource}`](lookup, response);
  }

  /** The lookup of a URL; undefined for other paths. */
  parse(url) {
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

  /** The connection stays open without events. */
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

/** The status that the RBAC of an API server returns. */
function forbidden({ verb, resource, namespace, name }) {
  const object = name === undefined ? resource : `${resource} "${name}"`;
  const scope = namespace === undefined ? "at the cluster scope" : `in the namespace "${namespace}"`;
  const message = `${object} is forbidden: User "${USER}" cannot ${verb} resource "${resource}" in API group "" ${scope}`;
  return status(403, "Forbidden", message, { name, kind: resource });
}
