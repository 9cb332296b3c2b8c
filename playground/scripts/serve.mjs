// A server of static files on 127.0.0.1: `node scripts/serve.mjs` serves the built page; the tests call `serve` with other
// paths.
// @ts-check

import { createReadStream } from "node:fs";
import { realpath, stat } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";

const FIRST_PORT = 8080;
const PORTS_TO_TRY = 50;

/** Content types. Browsers compile WebAssembly while it loads only if its type is correct. */
const TYPES = new Map([
  [".css", "text/css; charset=utf-8"],
  [".html", "text/html; charset=utf-8"],
  [".ico", "image/x-icon"],
  [".js", "text/javascript; charset=utf-8"],
  [".json", "application/json; charset=utf-8"],
  [".png", "image/png"],
  [".svg", "image/svg+xml"],
  [".txt", "text/plain; charset=utf-8"],
  [".wasm", "application/wasm"],
  [".webmanifest", "application/manifest+json; charset=utf-8"],
]);

/**
 * The file of a request; null if there is none inside the directory.
 * @param {string} root the directory, links resolved
 * @param {string} base the path that the directory is served at, with `/` at both ends
 * @param {string} target the request target
 */
async function fileFor(root, base, target) {
  let path;
  try {
    // The path is not normalized first: browsers send no `..`.
    path = decodeURIComponent(target.replace(/[?#].*$/s, ""));
  } catch {
    return null;
  }
  if (!path.startsWith(base) || path.includes("\0")) return null;
  const requested = resolve(root, `.${sep}${path.slice(base.length)}`);
  try {
    let file = await realpath(requested);
    if ((await stat(file)).isDirectory()) file = await realpath(join(file, "index.html"));
    // After symbolic links are resolved, so that none leads out of the directory.
    if (!file.startsWith(root + sep)) return null;
    const stats = await stat(file);
    return stats.isFile() ? { file, size: stats.size } : null;
  } catch {
    return null;
  }
}

/**
 * Serves a directory until it is closed.
 * @param {{ directory: string, port?: number, base?: string }} options `port` 0 chooses a free one
 * @returns {Promise<{ url: string, close: () => Promise<void> }>}
 */
export async function serve({ directory, port = 0, base = "/" }) {
  const root = await realpath(directory);
  const server = createServer(async (request, response) => {
    /** @type {(status: number, text: string) => void} */
    const refuse = (status, text) => {
      response.writeHead(status, { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store" });
      response.end(`${text}\n`);
    };
    if (request.method !== "GET" && request.method !== "HEAD") return refuse(405, "Only GET and HEAD are supported.");
    const found = await fileFor(root, base, request.url ?? "/");
    if (found === null) return refuse(404, "Not found.");
    response.writeHead(200, {
      "content-type": TYPES.get(extname(found.file)) ?? "application/octet-stream",
      "content-length": found.size,
      // So that a new build is loaded at once.
      "cache-control": "no-cache",
      "x-content-type-options": "nosniff",
    });
    if (request.method === "HEAD") return response.end();
    createReadStream(found.file)
      .on("error", () => response.destroy())
      .pipe(response);
  });
  await new Promise((listening, failed) => {
    server.once("error", failed);
    server.listen(port, "127.0.0.1", () => listening(undefined));
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return {
    url: `http://127.0.0.1:${address.port}${base}`,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        // Browsers keep connections open.
        server.closeAllConnections();
      }),
  };
}

/**
 * Serves on the given port, or on the first free one from 8080 on.
 * @param {string} directory
 * @param {string | undefined} value
 */
async function serveOnFreePort(directory, value) {
  if (value !== undefined && value !== "") {
    const port = Number(value);
    if (!Number.isInteger(port) || port < 0 || port > 65535) {
      throw new Error(`PORT is '${value}'; it must be a number from 0 (any free port) to 65535`);
    }
    return serve({ directory, port });
  }
  for (let port = FIRST_PORT; port < FIRST_PORT + PORTS_TO_TRY; port += 1) {
    try {
      return await serve({ directory, port });
    } catch (error) {
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== "EADDRINUSE") throw error;
    }
  }
  return serve({ directory, port: 0 });
}

if (process.argv[1] !== undefined && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const directory = resolve(process.argv[2] ?? fileURLToPath(new URL("../dist", import.meta.url)));
  try {
    const { url, close } = await serveOnFreePort(directory, process.env["PORT"]);
    console.log(`The playground is at ${url} (Ctrl-C stops it)`);
    for (const signal of ["SIGINT", "SIGTERM"]) {
      process.once(signal, () => void close().then(() => process.exit(0)));
    }
  } catch (error) {
    const { code, message } = /** @type {NodeJS.ErrnoException} */ (error);
    const text =
      code === "ENOENT"
        ? `${directory} does not exist: build it with \`make playground\` first.`
        : code === "EADDRINUSE"
          ? `port ${process.env["PORT"]} is in use; set another PORT or none.`
          : message;
    console.error(`serve: ${text}`);
    process.exit(1);
  }
}
