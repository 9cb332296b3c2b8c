// A registry of one's own on a loopback port: Debian's docker-registry, over plain HTTP, with a directory for its blobs.

import { get } from "node:http";

import { freePort, sleep } from "./workplace.mjs";

/** Its name on PATH, or a path to it. */
export const REGISTRY = process.env.DOCKER_REGISTRY || "docker-registry";

/** Starts a registry, and gives its address once it answers. */
export async function startRegistry(workplace) {
  for (let tries = 1; ; tries += 1) {
    const address = `127.0.0.1:${await freePort()}`;
    const configuration = {
      version: "0.1",
      log: { level: "warn" },
      storage: { filesystem: { rootdirectory: workplace.file("registry") } },
      http: { addr: address },
    };
    const registry = workplace.start(REGISTRY, ["serve", workplace.file("registry.yml", configuration)]);
    let ended = false;
    registry.ended.then(() => (ended = true));
    for (let waited = 0; !ended && waited < 20_000; waited += 50) {
      if (await answers(address)) return address;
      await sleep(50);
    }
    // Somebody else may have taken the port.
    if (!ended || tries === 3) throw new Error(`docker-registry does not answer:\n${registry.stderr()}`);
  }
}

function answers(address) {
  return new Promise((done) => {
    const request = get(`http://${address}/v2/`, (response) => {
      response.resume();
      done(response.statusCode === 200);
    });
    request.on("error", () => done(false));
  });
}

/** What kwctl and the policy server need to be told to talk to it: it has no certificate. */
export function sources(address) {
  return { insecure_sources: [address] };
}
