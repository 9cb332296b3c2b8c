// The published module: the output of kwctl for it, and its publication in a registry from which policy-server loads it.
// (tests/metadata.rs compares artifacthub-pkg.yml with the output of kwctl.)

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { Cluster } from "./cluster.mjs";
import { PolicyServer } from "./policy-server.mjs";
import { REGISTRY, sources, startRegistry } from "./registry.mjs";
import { sample } from "./requests.mjs";
import { POLICY, ROOT, TemporaryDirectory, skipReason } from "./temporary-directory.mjs";

const RESTRICTED = '{"level":"restricted"}';
const MESSAGE = /^pods "node-shell" is forbidden: violates PodSecurity "restricted:latest": /;

/** The lines below a YAML key with the given indentation, without their common indentation. */
function below(yaml, key, indent = 0) {
  const lines = yaml.split("\n");
  const start = lines.findIndex((line) => line.startsWith(`${" ".repeat(indent)}${key}:`));
  assert.ok(start >= 0, `there is no ${key} in ${yaml}`);
  const rest = lines.slice(start + 1).map((line) => line.slice(indent));
  const end = rest.findIndex((line) => /^[^ -]/.test(line));
  const block = rest.slice(0, end < 0 ? rest.length : end).filter((line) => line.trim() !== "");
  const margin = Math.min(...block.map((line) => line.search(/\S/)));
  return block.map((line) => line.slice(margin)).join("\n");
}

describe("kwctl", { skip: skipReason("kwctl") }, () => {
  const directory = new TemporaryDirectory();
  const trust = ["--sigstore-trust-config", directory.file("trust.json", {})];
  const request = ["--request-path", join(ROOT, "tests/data/e2e/privileged-pod.json")];
  let cluster, env;
  before(async () => {
    // kwctl needs a cluster for a policy with contextAwareResources.
    cluster = await new Cluster().open();
    env = { KUBECONFIG: directory.file("kubeconfig", cluster.kubeconfig()) };
  });
  after(async () => {
    await directory.close();
    await cluster?.close();
  });

  /** The output of kwctl, which must succeed. */
  async function kwctl(...args) {
    const { code, stdout, stderr } = await directory.run("kwctl", args, { env });
    assert.equal(code, 0, stderr);
    return stdout;
  }

  test("inspect prints the resources and capabilities that the module needs", async () => {
    const inspected = await kwctl("inspect", "-o", "yaml", POLICY);
    const metadata = readFileSync(join(ROOT, "metadata.yml"), "utf8");
    // kwctl sorts the entries.
    const entries = (text) => text.split(/^- /m).map((entry) => entry.trim()).sort();
    for (const key of ["contextAwareResources", "hostCapabilities"]) assert.deepEqual(entries(below(inspected, key)), entries(below(metadata, key)));
    for (const line of ["mutating: false", "backgroundAudit: true", "executionMode: kubewarden-wapc", "protocolVersion: v1"]) {
      assert.ok(inspected.split("\n").includes(line), `${line}\n${inspected}`);
    }
    const packaged = readFileSync(join(ROOT, "artifacthub-pkg.yml"), "utf8");
    assert.equal(below(inspected, "rules"), below(packaged, "kubewarden/rules", 2));
  });

  test("inspect prints the README", async () => {
    const readme = readFileSync(join(ROOT, "README.md"), "utf8");
    const usage = below(await kwctl("inspect", "-o", "yaml", POLICY), "io.kubewarden.policy.usage", 2);
    assert.deepEqual(usage.split("\n").map((line) => line.trim()), readme.split("\n").map((line) => line.trim()).filter((line) => line !== ""));
  });

  test("scaffold manifest prints a policy that runs", async () => {
    const scaffold = ["scaffold", "manifest", "-t", "ClusterAdmissionPolicy", "--allow-context-aware", "--settings-json", RESTRICTED];
    const manifest = await kwctl(...scaffold, POLICY);
    const inspected = await kwctl("inspect", "-o", "yaml", POLICY);
    for (const key of ["rules", "contextAwareResources"]) assert.equal(below(manifest, key, 2), below(inspected, key));
    for (const line of ["  name: pod-security-standards", "  mutating: false", "    level: restricted"]) {
      assert.ok(manifest.split("\n").includes(line), `${line}\n${manifest}`);
    }
    const answer = JSON.parse(await kwctl("run", directory.file("policy.yaml", manifest), ...request, ...trust));
    assert.match(answer.status.message, MESSAGE);
  });

  test("bench runs", async () => {
    const short = ["--warm-up-time", "1", "--measurement-time", "1", "--num-samples", "50"];
    const printed = await kwctl("bench", POLICY, ...request, "--settings-json", RESTRICTED, ...trust, ...short);
    const plain = printed.replace(/\x1b\[[0-9;]*m/g, "");
    assert.match(plain, /^validate \[.* iterations in .* with .* samples\]:$/m);
  });
});

describe("a registry", { skip: skipReason("kwctl", "policy-server", "openssl", REGISTRY) }, () => {
  const directory = new TemporaryDirectory();
  after(() => directory.close());

  test("stores the module unchanged, and policy-server loads it", async () => {
    const address = await startRegistry(directory);
    const insecure = ["--sources-path", directory.file("sources.yml", sources(address))];
    const repository = "policies/pod-security-standards";
    const uri = `registry://${address}/${repository}:v0.0.0`;
    const kwctl = async (...args) => {
      const { code, stdout, stderr } = await directory.run("kwctl", args);
      assert.equal(code, 0, stderr);
      return stdout;
    };

    const pushed = JSON.parse(await kwctl("push", ...insecure, "-o", "json", POLICY, uri));
    const digest = pushed.immutable_ref.split("@")[1];
    const manifest = await fetch(`http://${address}/v2/${repository}/manifests/${digest}`, {
      headers: { Accept: "application/vnd.oci.image.manifest.v1+json" },
    });
    const text = await manifest.text();
    const sha256 = (bytes) => `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
    assert.equal(sha256(text), digest);
    assert.equal((await kwctl("digest", ...insecure, uri)).trim(), `${uri}@${digest}`);
    const module = readFileSync(POLICY);
    const { layers } = JSON.parse(text);
    assert.deepEqual(
      layers.map(({ digest, mediaType }) => [digest, mediaType]),
      [[sha256(module), "application/vnd.wasm.content.layer.v1+wasm"]],
    );

    await kwctl("pull", ...insecure, "-o", directory.file("pulled.wasm"), uri);
    assert.ok(readFileSync(directory.file("pulled.wasm")).equals(module));

    const policies = { pulled: { module: uri, settings: JSON.parse(RESTRICTED) } };
    const server = await PolicyServer.start(directory, policies, { sources: sources(address) });
    assert.equal(server.exitCode, undefined, server.log());
    const { allowed, status } = await server.validate("pulled", sample("privileged-pod"));
    assert.equal(allowed, false);
    assert.match(status.message, MESSAGE);
  });
});
