// A server of manifests by HTTPS, with a certificate of its own, for the tests of URLs. Each of its paths answers in another way.
// @ts-check

import { createSign, generateKeyPairSync } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:https";
import { POD } from "./browser.mjs";

/** @typedef {{ path: string, headers: import("node:http").IncomingHttpHeaders }} Request */

const YAML = { "access-control-allow-origin": "*", "content-type": "text/yaml" };

/** @type {Record<string, [number, Record<string, string>, string | Buffer]>} */
const ANSWERS = {
  "/pod.yaml": [200, YAML, POD],
  "/other%20pod.yaml": [200, YAML, POD.replace("name: web\nspec", "name: other\nspec")],
  "/private.yaml": [200, { "content-type": "text/yaml" }, POD],
  "/page": [200, { ...YAML, "content-type": "text/html; charset=utf-8" }, "<!doctype html><p>A page"],
  "/page.txt": [200, { ...YAML, "content-type": "text/plain" }, "\n<!DOCTYPE html><p>A page"],
  "/redirect.yaml": [302, { ...YAML, location: "/pod.yaml" }, ""],
  "/missing.yaml": [404, YAML, "not found"],
  "/large.yaml": [200, YAML, Buffer.alloc(10_000_001, "#")],
  "/empty.yaml": [200, YAML, "\n"],
  "/latin1.yaml": [200, YAML, Buffer.from("a: \xe4\n", "latin1")],
  "/image": [200, { ...YAML, "content-type": "image/png" }, "a"],
};

/**
 * Starts the server. It does not answer requests of `/silent.yaml`.
 * @returns {Promise<{ url: string, requests: Request[], close: () => Promise<void> }>}
 */
export async function serveManifests() {
  /** @type {Request[]} */
  const requests = [];
  const server = createServer(certificate(), (request, response) => {
    const path = request.url ?? "";
    requests.push({ path, headers: request.headers });
    if (path === "/silent.yaml") return;
    const [status, headers, body] = ANSWERS[path] ?? [404, YAML, ""];
    response.writeHead(status, headers);
    // Not as a whole, so that the length is not declared.
    response.write(body);
    response.end();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  return {
    url: `https://127.0.0.1:${port}`,
    requests,
    close: async () => {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** A new key with a self-signed certificate: X.509 (RFC 5280), in DER. */
function certificate() {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  /** @type {(tag: number, ...parts: Buffer[]) => Buffer} */
  const der = (tag, ...parts) => {
    const content = Buffer.concat(parts);
    const { length } = content;
    const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
    return Buffer.concat([Buffer.from([tag, ...size]), content]);
  };
  const sequence = der.bind(null, 0x30);
  const integer = (/** @type {number} */ value) => der(0x02, Buffer.from([value]));
  // ecdsa-with-SHA256
  const algorithm = sequence(der(0x06, Buffer.from("2a8648ce3d040302", "hex")));
  const commonName = sequence(der(0x06, Buffer.from("550403", "hex")), der(0x0c, Buffer.from("127.0.0.1")));
  const name = sequence(der(0x31, commonName));
  const validity = sequence(der(0x17, Buffer.from("200101000000Z")), der(0x17, Buffer.from("491231000000Z")));
  const content = sequence(
    der(0xa0, integer(2)),
    integer(1),
    algorithm,
    name,
    validity,
    name,
    publicKey.export({ type: "spki", format: "der" }),
  );
  const signature = createSign("sha256").update(content).sign(privateKey);
  const bytes = sequence(content, algorithm, der(0x03, Buffer.from([0]), signature));
  return {
    key: privateKey.export({ type: "pkcs8", format: "pem" }),
    cert: `-----BEGIN CERTIFICATE-----\n${bytes.toString("base64")}\n-----END CERTIFICATE-----\n`,
  };
}
