// Tests of the load generator: it must report each wrong or missing response.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { after, describe, test } from "node:test";

import { generate, merge, percentile } from "./load-generator.mjs";

const REQUESTS = ["one", "other"].map((name) => ({
  name,
  path: `/${name}`,
  body: Buffer.from(name),
  isRight: (text) => text === `right ${name}`,
}));

describe("the load generator", () => {
  const servers = [];
  after(() => servers.forEach((server) => server.close() && server.closeAllConnections()));

  /** The result with a server that responds correctly, except every tenth time, and the server's statistics. */
  async function resultWith(everyTenth) {
    const stats = { requests: 0, exceptions: 0, open: 0, most: 0, sockets: 0 };
    const server = createServer((request, response) => {
      const chunks = [];
      stats.most = Math.max(stats.most, (stats.open += 1));
      request.on("data", (chunk) => chunks.push(chunk));
      request.on("end", () => {
        stats.open -= 1;
        stats.requests += 1;
        const name = Buffer.concat(chunks).toString();
        assert.equal(request.url, `/${name}`);
        // Not for the first requests, which open the connections.
        if (stats.requests > 10 && stats.requests % 10 === 0) {
          stats.exceptions += 1;
          everyTenth(response, name);
        } else setImmediate(() => response.end(`right ${name}`));
      });
    });
    server.on("connection", () => (stats.sockets += 1));
    servers.push(server.listen(0, "127.0.0.1"));
    await once(server, "listening");
    const { port } = server.address();
    return { stats, result: await generate({ port, connections: 4, seconds: 0.3, requests: REQUESTS }) };
  }

  test("counts correct responses and their latencies", async () => {
    const { stats, result } = await resultWith((response, name) => response.end(`right ${name}`));
    assert.deepEqual([result.failures, result.reasons, stats.sockets], [0, [], 4]);
    assert.equal(result.answers, stats.requests - 4);
    assert.ok(result.seconds >= 0.3 && result.seconds < 3, String(result.seconds));
    const [one, other] = [result.latencies.one, result.latencies.other];
    assert.equal(one.length + other.length, result.answers);
    assert.ok(Math.abs(one.length - other.length) <= 1);
    assert.ok([...one, ...other].every((millis) => millis > 0 && millis < 3000));
  });

  for (const [description, everyTenth, reason] of [
    ["a wrong answer", (response) => response.end("right other than that"), /a wrong answer: right other than that/],
    ["the answer to another request", (response, name) => response.end(name === "one" ? "right other" : "right one"), /a wrong answer/],
    ["an answer with another status", (response, name) => response.writeHead(500).end(`right ${name}`), /: 500 right /],
    ["a connection that is reset", (response) => response.socket.resetAndDestroy(), /ECONNRESET|socket hang up/],
    ["a connection that is closed", (response) => response.socket.end(), /socket hang up/],
    ["half an answer", (response) => response.writeHead(200, { "Content-Length": 9 }).write("r", () => response.destroy()), /aborted/],
  ]) {
    test(`reports ${description}`, async () => {
      const { stats, result } = await resultWith(everyTenth);
      assert.ok(stats.exceptions > 5);
      assert.equal(result.failures, stats.exceptions);
      assert.equal(result.answers, stats.requests - 4 - stats.exceptions);
      for (const text of result.reasons) assert.match(text, reason);
      assert.equal(result.reasons.length, 5);
    });
  }

  test("several results can be merged", () => {
    const result = (answers, times) => ({ answers, seconds: 2, latencies: { one: times }, failures: 1, reasons: ["timeout"] });
    assert.deepEqual(merge([result(3, [1, 2]), result(4, [3])]), {
      answers: 7,
      seconds: 4,
      latencies: { one: [1, 2, 3] },
      failures: 2,
      reasons: ["timeout", "timeout"],
    });
  });

  test("percentiles do not depend on the order of the times", () => {
    const times = Array.from({ length: 100 }, (_, index) => 100 - index);
    assert.deepEqual([50, 99].map((percent) => percentile(times, percent)), [51, 100]);
    assert.deepEqual([percentile([7], 99), percentile([], 50)], [7, undefined]);
    assert.equal(percentile([9, 10, 100], 50), 10);
  });
});
