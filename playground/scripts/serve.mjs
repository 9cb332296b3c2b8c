// A small server of static files on 127.0.0.1: `node scripts/serve.mjs` serves the built page, and the
// tests use `serve` to serve it below any path.
// @ts-check

import { createReadStream } from "node:fs";
import { realpath, stat } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";

const FIRST_PORT = 8080;
const PORTS_TO_TRY = 50;

/** What a browser must be told; WebAssembly is compiled while it loads only if it is told right. */
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
 * The file that a request asks for; null if there is none, or none inside the directory.
 * @param {string} root the directory, links resolved
 * @param {string} base the path that it is served below, `/` at both ends
 * @param {string} target what the request asks for
 */
async function fileFor(root, base, target) {
  let path;
  try {
    // Only the path counts. It is not resolved as a URL first: a `..` in it is nobody's honest wish.
    path = decodeURIComponent(target.replace(/[?#].*$/s, ""));
  } catch {
    return null;
  }
  if (!path.startsWith(base) || path.includes("\0")) return null;
  const wanted = resolve(root, `.${sep}${path.slice(base.length)}`);
  try {
    let file = await realpath(wanted);
    if ((await stat(file)).isDirectory()) file = await realpath(join(file, "index.html"));
    // After links are resolved: a link that leads out of the directory is no way out either.
    if (!file.startsWith(root + sep)) return null;
    const found = await stat(file);
    return found.isFile() ? { file, size: found.size } : null;
  } catch {
    return null;
  }
}

/**
 * Serves a directory until it is closed.
 * @param {{ directory: string, port?: number, base?: string }} options `port` 0 takes any that is free
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
    if (request.method !== "GET" && request.method !== "HEAD") return refuse(405, "Only GET and HEAD are answered.");
    const found = await fileFor(root, base, request.url ?? "/");
    if (found === null) return refuse(404, "Not found.");
    response.writeHead(200, {
      "content-type": TYPES.get(extname(found.file)) ?? "application/octet-stream",
      "content-length": found.size,
      // So that a new build is seen at once.
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
        // A browser keeps its connections open for later.
        server.closeAllConnections();
      }),
  };
}

/**
 * Serves on the port that is asked for, or on the first from 8080 on that is free.
 * @param {string} directory
 * @param {string | undefined} wanted
 */
async function serveWhereFree(directory, wanted) {
  if (wanted !== undefined && wanted !== "") {
    const port = Number(wanted);
    if (!Number.isInteger(port) || port < 0 || port > 65535) {
      throw new Error(`PORT is '${wanted}'; it can be a number from 0 (any that is free) to 65535`);
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
    const { url, close } = await serveWhereFree(directory, process.env["PORT"]);
    console.log(`The playground is at ${url} (Ctrl-C ends it)`);
    for (const signal of ["SIGINT", "SIGTERM"]) {
      process.once(signal, () => void close().then(() => process.exit(0)));
    }
  } catch (error) {
    const { code, message } = /** @type {NodeJS.ErrnoException} */ (error);
    const why =
      code === "ENOENT"
        ? `${directory} is not there: build it with \`make playground\` first.`
        : code === "EADDRINUSE"
          ? `port ${process.env["PORT"]} is in use; choose another one by PORT=…, or none.`
          : message;
    console.error(`serve: ${why}`);
    process.exit(1);
  }
}
