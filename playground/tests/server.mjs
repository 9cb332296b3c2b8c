// The server of `make serve`: its responses and errors.
// @ts-check

import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { serve } from "../scripts/serve.mjs";

/**
 * Requests exactly this path; `fetch` would normalize it.
 * @param {string} url
 * @param {string} path
 * @param {string} [method]
 * @returns {Promise<{ status: number, type: string, text: string }>}
 */
function send(url, path, method = "GET") {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const message = request({ hostname, port, path, method }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk) => (text += chunk));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, type: response.headers["content-type"] ?? "", text }));
    });
    message.on("error", reject).end();
  });
}

test("the server returns only files of its directory, with their types", async () => {
  const outside = await mkdtemp(join(tmpdir(), "serve-"));
  try {
    const directory = join(outside, "dist");
    await mkdir(join(directory, "assets"), { recursive: true });
    await writeFile(join(outside, "secret.txt"), "secret");
    await writeFile(join(directory, "index.html"), "page");
    await writeFile(join(directory, "assets", "core.wasm"), "core");
    await writeFile(join(directory, "assets", "main.js"), "script");
    await symlink(join(outside, "secret.txt"), join(directory, "link.txt"));
    const server = await serve({ directory, base: "/a/b/" });
    try {
      for (const [path, status, type, text] of /** @type {[string, number, string, string][]} */ ([
        ["/a/b/", 200, "text/html; charset=utf-8", "page"],
        ["/a/b/index.html?x=1", 200, "text/html; charset=utf-8", "page"],
        ["/a/b/assets/core.wasm", 200, "application/wasm", "core"],
        ["/a/b/assets/main.js", 200, "text/javascript; charset=utf-8", "script"],
        ["/", 404, "", ""],
        ["/a/b/missing", 404, "", ""],
        ["/a/b/assets/", 404, "", ""],
        ["/a/b/../secret.txt", 404, "", ""],
        ["/a/b/%2e%2e/secret.txt", 404, "", ""],
        ["/a/b/..%2fsecret.txt", 404, "", ""],
        ["/a/b//../../secret.txt", 404, "", ""],
        ["/a/b/link.txt", 404, "", ""],
        ["/a/b/%00", 404, "", ""],
        ["/a/b/%ff", 404, "", ""],
      ])) {
        const response = await send(server.url, path);
        assert.equal(response.status, status, path);
        if (status === 200) assert.deepEqual([response.type, response.text], [type, text], path);
        else assert.doesNotMatch(response.text, /secret/, path);
      }
      assert.deepEqual(await send(server.url, "/a/b/", "HEAD").then(({ status, text }) => [status, text]), [200, ""]);
      assert.equal((await send(server.url, "/a/b/", "POST")).status, 405);
    } finally {
      await server.close();
    }
  } finally {
    await rm(outside, { recursive: true });
  }
});
