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
/** The resources of each API, by its path. */
const APIS = {
  "api/v1": [resource("namespaces", "Namespace", false), resource("pods", "Pod", true), resource("replicationcontrollers", "ReplicationController", true)],
  "apis/apps/v1": [
    resource("deployments", "Deployment", true),
    resource("statefulsets", "StatefulSet", true),
    resource("daemonsets", "DaemonSet", true),
    resource("replicasets", "ReplicaSet", true),
  ],
  "apis/batch/v1": [resource("cronjobs", "CronJob", true), resource("jobs", "Job", true)],
};
const VERBS = ["get", "list", "watch"];

/** The permissions to get namespaces and to get, list and watch pods, as `verb resource`. */
export const RIGHTS = ["get namespaces", ...VERBS.map((verb) => `${verb} pods`)];
/** The permissions for workloads. */
export const WORKLOAD_RIGHTS = Object.values(APIS)
  .flat()
  .filter(({ name }) => name !== "namespaces" && name !== "pods")
  .flatMap(({ name }) => VERBS.map((verb) => `${verb} ${name}`));

export class Cluster {
  /** `namespaces` maps names to labels; `pods` and `workloads` are complete objects. */
  constructor({ namespaces = {}, pods = [], workloads = [] } = {}) {
    this.namespaces = namespaces;
    this.pods = pods;
    this.workloads = workloads;
    /** The permissions of the policy server, as `verb resource`. */
    this.rights = new Set(RIGHTS);
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
    if (verb === "discover") {
      const { api } = lookup;
      const groupVersion = api.replace(/^apis?\//, "");
      return send(response, { kind: "APIResourceList", apiVersion: "v1", groupVersion, resources: APIS[api] });
    }
    if (!this.rights.has(key)) return send(response, forbidden(lookup));
    if (resource === "namespaces") return this.get_namespace(lookup, response);
    this[verb](lookup, response);
  }

  /** The lookup of a URL; undefined for other paths. */
  parse(url) {
    const path = url.pathname.slice(1);
    const api = Object.keys(APIS).find((own) => path === own || path.startsWith(`${own}/`));
    if (!api) return undefined;
    const rest = path.slice(api.length).split("/").slice(1).map(decodeURIComponent);
    if (rest.length === 0) return { verb: "discover", api };
    if (rest[0] !== "namespaces") return undefined;
    if (rest.length === 2 && api === "api/v1") return { verb: "get", resource: "namespaces", group: "", name: rest[1] };
    const [, namespace, resource, name] = rest;
    const known = APIS[api].find((own) => own.name === resource && own.namespaced);
    if (!known) return undefined;
    const [group] = api === "api/v1" ? [""] : api.split("/").slice(1);
    const lookup = { api, group, kind: known.kind, resource, namespace };
    if (rest.length === 4) return { ...lookup, verb: "get", name };
    return { ...lookup, verb: url.searchParams.get("watch") === "true" ? "watch" : "list" };
  }

  get_namespace({ name }, response) {
    const labels = this.namespaces[name];
    if (!labels) return send(response, notFound("namespaces", name));
    const metadata = { name, uid: `uid-of-${name}`, resourceVersion: "7", labels: { "kubernetes.io/metadata.name": name, ...labels } };
    send(response, { kind: "Namespace", apiVersion: "v1", metadata, spec: { finalizers: ["kubernetes"] }, status: { phase: "Active" } });
  }

  /** The objects of a kind in a namespace. */
  objects({ kind, namespace }) {
    return [...this.pods, ...this.workloads].filter((object) => object.kind === kind && object.metadata.namespace === namespace);
  }

  get(lookup, response) {
    const { resource, group, name } = lookup;
    const object = this.objects(lookup).find(({ metadata }) => metadata.name === name);
    send(response, object ?? notFound(group ? `${resource}.${group}` : resource, name));
  }

  list(lookup, response) {
    const apiVersion = lookup.api.replace(/^apis?\//, "");
    send(response, { kind: `${lookup.kind}List`, apiVersion, metadata: { resourceVersion: "42" }, items: this.objects(lookup) });
  }

  /** The connection stays open without events. */
  watch(_, response) {
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
function forbidden({ verb, group, resource, namespace, name }) {
  const whole = group ? `${resource}.${group}` : resource;
  const object = name === undefined ? whole : `${whole} "${name}"`;
  const scope = namespace === undefined ? "at the cluster scope" : `in the namespace "${namespace}"`;
  const message = `${object} is forbidden: User "${USER}" cannot ${verb} resource "${resource}" in API group "${group}" ${scope}`;
  return status(403, "Forbidden", message, { name, kind: resource });
}
