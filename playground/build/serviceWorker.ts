// Writes the service worker of the built page: its source with the list of all built files and a version, which is the
// digest of their content.

import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import type { Plugin } from "vite";

const FILE = "sw.js";

export function serviceWorker(): Plugin {
  let directory = "dist";
  return {
    name: "service-worker",
    apply: "build",
    configResolved(config) {
      directory = join(config.root, config.build.outDir);
    },
    // After everything is written, including files that are only copied.
    writeBundle: {
      order: "post",
      sequential: true,
      handler() {
        const digest = createHash("sha256");
        const files = readdirSync(directory, { withFileTypes: true, recursive: true })
          .filter((entry) => entry.isFile())
          .map((entry) => relative(directory, join(entry.parentPath, entry.name)).split(sep).join("/"))
          .filter((file) => file !== FILE)
          .sort();
        const source = readFileSync(new URL("./serviceWorker.js", import.meta.url), "utf8")
          // Without comments, because the page loads it for each check for a new version.
          .replace(/^\s*\/\/.*\n/gm, "");
        for (const file of files) digest.update(`${file}\0`).update(readFileSync(join(directory, file))).update("\0");
        digest.update(source);
        const version = digest.digest("hex").slice(0, 16);
        writeFileSync(
          join(directory, FILE),
          `const VERSION = ${JSON.stringify(version)};\nconst FILES = ${JSON.stringify(files)};\n${source}`,
        );
      },
    },
  };
}
