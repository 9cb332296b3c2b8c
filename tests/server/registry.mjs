// A local registry: Debian's docker-registry on a loopback port, over plain HTTP, with a temporary directory.

import { get } from "node:http";

import { freePort, sleep } from "./temporary-directory.mjs";

/** The name of the program on PATH, or its path. */
export const REGISTRY = process.env.DOCKER_REGISTRY || "docker-registry";

/** Starts a registry, and returns its address when it responds. */
export async function startRegistry(directory) {
  for (let tries = 1; ; tries += 1) {
    const address = `127.0.0.1:${await freePort()}`;
    const configuration = {
      version: "0.1",
      log: { level: "warn" },
      storage: { filesystem: { rootdirectory: directory.file("registry") } },
      http: { addr: address },
    };
    const registry = directory.start(REGISTRY, ["serve", directory.file("registry.yml", configuration)]);
    let ended = false;
    registry.ended.then(() => (ended = true));
    for (let waited = 0; !ended && waited < 20_000; waited += 50) {
      if (await isReady(address)) return address;
      await sleep(50);
    }
    // Another process can have taken the port.
    if (!ended || tries === 3) throw new Error(`docker-registry does not respond:\n${registry.stderr()}`);
  }
}

function isReady(address) {
  return new Promise((done) => {
    const request = get(`http://${address}/v2/`, (response) => {
      response.resume();
      done(response.statusCode === 200);
    });
    request.on("error", () => done(false));
  });
}

/** The sources.yml that allows kwctl and policy-server to use plain HTTP. */
export function sources(address) {
  return { insecure_sources: [address] };
}
