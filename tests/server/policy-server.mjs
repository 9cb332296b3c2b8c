// Kubewarden's policy-server with the policies of a test: over TLS on a loopback port, with a temporary certificate.

import { deepStrictEqual as deepEqual } from "node:assert";
import { request as get } from "node:http";
import { Agent, request as post } from "node:https";
import { readFileSync } from "node:fs";

import { POLICY, freePort, sleep } from "./temporary-directory.mjs";

/** The entries of policies.yml that allow lookups in the cluster. */
export const CONTEXT_AWARE = {
  contextAwareResources: [
    { apiVersion: "v1", kind: "Namespace" },
    { apiVersion: "v1", kind: "Pod" },
  ],
  hostCapabilities: ["kubernetes/get_resource", "kubernetes/list_resources_by_namespace"],
};

/** The same, and the kinds that `existing: workloads` reads. */
export const READING_WORKLOADS = {
  ...CONTEXT_AWARE,
  contextAwareResources: [
    ...CONTEXT_AWARE.contextAwareResources,
    ...["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet"].map((kind) => ({ apiVersion: "apps/v1", kind })),
    ...["CronJob", "Job"].map((kind) => ({ apiVersion: "batch/v1", kind })),
    { apiVersion: "v1", kind: "ReplicationController" },
  ],
};

/** The entry of policies.yml for this policy with settings. */
export function policy(settings, more = {}) {
  return { module: `file://${POLICY}`, settings, ...more };
}

/** The files of a self-signed certificate for 127.0.0.1 and of its key. */
async function certificate(directory) {
  const [key, cert] = [directory.file("key.pem"), directory.file("certificate.pem")];
  const result = await directory.run("openssl", [
    ..."req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=policy-server".split(" "),
    ..."-addext subjectAltName=IP:127.0.0.1 -addext basicConstraints=critical,CA:FALSE".split(" "),
    ...["-keyout", key, "-out", cert],
  ]);
  if (result.code !== 0) throw new Error(`openssl: ${result.stderr}`);
  return { key, cert };
}

export class PolicyServer {
  /** Starts a server, and waits until it is ready or has exited; then `exitCode` is set. */
  static async start(directory, policies, { cluster, args = [], sources = {} } = {}) {
    for (let tries = 1; ; tries += 1) {
      const server = new PolicyServer();
      await server.#start(directory, policies, cluster, args, sources);
      // Another process can take the port after it was found free.
      if (server.exitCode === undefined || tries === 3 || !/address (already )?in use/i.test(server.log())) return server;
    }
  }

  async #start(directory, policies, cluster, args, sources) {
    const { key, cert } = await certificate(directory);
    [this.port, this.probe] = [await freePort(), await freePort()];
    this.ca = readFileSync(cert);
    this.agent = new Agent({ ca: this.ca, keepAlive: true });
    const kubernetes = cluster
      ? { KUBECONFIG: directory.file("kubeconfig", cluster.kubeconfig()) }
      : { KUBECONFIG: directory.file("no-kubeconfig") };
    this.child = directory.start(
      "policy-server",
      [
        ...["--addr", "127.0.0.1", "--port", String(this.port), "--readiness-probe-port", String(this.probe)],
        ...["--cert-file", cert, "--key-file", key, "--workers", "2", "--log-no-color"],
        ...["--policies", directory.file("policies.yml", policies), "--policies-download-dir", directory.file("policies")],
        ...["--sources-path", directory.file("sources.yml", sources)],
        ...["--sigstore-trust-config", directory.file("trust.json", {}), "--sigstore-cache-dir", directory.file("sigstore")],
        ...(cluster ? [] : ["--ignore-kubernetes-connection-failure"]),
        ...args,
      ],
      { env: kubernetes },
    );
    this.child.ended.then((code) => (this.exitCode = code));
    for (let waited = 0; this.exitCode === undefined && !(await this.#isReady()); waited += 50) {
      if (waited > 60_000) throw new Error(`policy-server is not ready after 60 s:\n${this.log()}`);
      await sleep(50);
    }
  }

  #isReady() {
    return new Promise((done) => {
      const probe = get({ host: "127.0.0.1", port: this.probe, path: "/readiness" }, (response) => {
        response.resume();
        done(response.statusCode === 200);
      });
      probe.on("error", () => done(false));
      probe.end();
    });
  }

  /** The log of the server up to now. */
  log() {
    return this.child.stdout() + this.child.stderr();
  }

  stop() {
    this.agent.destroy();
    return this.child.stop();
  }

  /**
   * Posts an AdmissionReview with a request. Returns the HTTP status, the body and the elapsed milliseconds. Without a
   * response within `seconds`, which is the timeout of an API server, there is no status.
   */
  post(path, request, seconds = 10) {
    const started = performance.now();
    const body = JSON.stringify({ kind: "AdmissionReview", apiVersion: "admission.k8s.io/v1", request });
    const headers = { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(body) };
    const { port, agent } = this;
    return new Promise((done, fail) => {
      const message = post({ host: "127.0.0.1", port, path, method: "POST", headers, agent, timeout: seconds * 1000 }, (response) => {
        const chunks = [];
        response.on("data", (chunk) => chunks.push(chunk));
        response.on("error", fail);
        response.on("end", () => {
          const text = Buffer.concat(chunks).toString();
          done({ status: response.statusCode, text, millis: performance.now() - started });
        });
      });
      message.on("timeout", () => {
        done({ millis: performance.now() - started });
        message.destroy();
      });
      message.on("error", fail);
      message.end(body);
    });
  }

  /** The response of a policy, with its patch decoded. The other fields of the review are checked. */
  validate(id, request) {
    return this.#response(`/validate/${id}`, request);
  }

  /** The response for the audit scanner. */
  audit(id, request) {
    return this.#response(`/audit/${id}`, request);
  }

  async #response(path, request) {
    const { status, text } = await this.post(path, request);
    if (status !== 200) throw new Error(`${path}: ${status} ${text}\n${this.log()}`);
    const { response, ...review } = JSON.parse(text);
    deepEqual(review, { kind: "AdmissionReview", apiVersion: "admission.k8s.io/v1" });
    if (typeof response.patch === "string") response.patch = JSON.parse(Buffer.from(response.patch, "base64").toString());
    return response;
  }
}
