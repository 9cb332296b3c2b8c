// The real policy-server, with policies of a test: over TLS on a loopback port, with a certificate made for the occasion.

import { deepStrictEqual as deepEqual } from "node:assert";
import { request as get } from "node:http";
import { Agent, request as post } from "node:https";
import { readFileSync } from "node:fs";

import { POLICY, freePort, sleep } from "./workplace.mjs";

/** What a policy that asks the cluster needs in policies.yml. */
export const CONTEXT_AWARE = {
  contextAwareResources: [
    { apiVersion: "v1", kind: "Namespace" },
    { apiVersion: "v1", kind: "Pod" },
  ],
  hostCapabilities: ["kubernetes/get_resource", "kubernetes/list_resources_by_namespace"],
};

/** This policy, with settings. */
export function policy(settings, more = {}) {
  return { module: `file://${POLICY}`, settings, ...more };
}

/** A certificate for 127.0.0.1 and its key, as files; the certificate is its own authority. */
async function certificate(workplace) {
  const [key, cert] = [workplace.file("key.pem"), workplace.file("certificate.pem")];
  const made = await workplace.run("openssl", [
    ..."req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=policy-server".split(" "),
    ..."-addext subjectAltName=IP:127.0.0.1 -addext basicConstraints=critical,CA:FALSE".split(" "),
    ...["-keyout", key, "-out", cert],
  ]);
  if (made.code !== 0) throw new Error(`openssl: ${made.stderr}`);
  return { key, cert };
}

export class PolicyServer {
  /** Starts a server, and waits until it answers or has ended: then `ended` says how. */
  static async start(workplace, policies, { cluster, args = [], sources = {} } = {}) {
    for (let tries = 1; ; tries += 1) {
      const server = new PolicyServer();
      await server.#start(workplace, policies, cluster, args, sources);
      // Somebody else may take a port between the moment it was found free and the moment it is used.
      if (server.ended === undefined || tries === 3 || !/address (already )?in use/i.test(server.log())) return server;
    }
  }

  async #start(workplace, policies, cluster, args, sources) {
    const { key, cert } = await certificate(workplace);
    [this.port, this.probe] = [await freePort(), await freePort()];
    this.ca = readFileSync(cert);
    this.agent = new Agent({ ca: this.ca, keepAlive: true });
    const kubernetes = cluster
      ? { KUBECONFIG: workplace.file("kubeconfig", cluster.kubeconfig()) }
      : { KUBECONFIG: workplace.file("no-kubeconfig") };
    this.child = workplace.start(
      "policy-server",
      [
        ...["--addr", "127.0.0.1", "--port", String(this.port), "--readiness-probe-port", String(this.probe)],
        ...["--cert-file", cert, "--key-file", key, "--workers", "2", "--log-no-color"],
        ...["--policies", workplace.file("policies.yml", policies), "--policies-download-dir", workplace.file("policies")],
        ...["--sources-path", workplace.file("sources.yml", sources)],
        ...["--sigstore-trust-config", workplace.file("trust.json", {}), "--sigstore-cache-dir", workplace.file("sigstore")],
        ...(cluster ? [] : ["--ignore-kubernetes-connection-failure"]),
        ...args,
      ],
      { env: kubernetes },
    );
    this.child.ended.then((code) => (this.ended = code));
    for (let waited = 0; this.ended === undefined && !(await this.#isReady()); waited += 50) {
      if (waited > 60_000) throw new Error(`policy-server does not get ready:\n${this.log()}`);
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

  /** What the server logged so far. */
  log() {
    return this.child.stdout() + this.child.stderr();
  }

  stop() {
    this.agent.destroy();
    return this.child.stop();
  }

  /**
   * Posts an AdmissionReview with this request, and gives the HTTP status, the body and the milliseconds it took; no
   * status if there is no answer within these seconds, by which an API server has given up.
   */
  post(path, request, seconds = 10) {
    const started = performance.now();
    const body = JSON.stringify({ kind: "AdmissionReview", apiVersion: "admission.k8s.io/v1", request });
    const headers = { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(body) };
    const { port, agent } = this;
    return new Promise((done, fail) => {
      const sent = post({ host: "127.0.0.1", port, path, method: "POST", headers, agent, timeout: seconds * 1000 }, (response) => {
        const chunks = [];
        response.on("data", (chunk) => chunks.push(chunk));
        response.on("error", fail);
        response.on("end", () => {
          const text = Buffer.concat(chunks).toString();
          done({ status: response.statusCode, text, millis: performance.now() - started });
        });
      });
      sent.on("timeout", () => {
        done({ millis: performance.now() - started });
        sent.destroy();
      });
      sent.on("error", fail);
      sent.end(body);
    });
  }

  /** The answer of a policy: the response of the review, with its patch decoded. The rest of the review is checked. */
  validate(id, request) {
    return this.#response(`/validate/${id}`, request);
  }

  /** The answer that the audit scanner gets. */
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
