// The load generator itself: it must not take anything for a right answer that is none, or lose a request in silence.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { after, describe, test } from "node:test";

import { generate, percentile, together } from "./generator.mjs";

const REQUESTS = ["one", "other"].map((name) => ({
  name,
  path: `/${name}`,
  body: Buffer.from(name),
  isRight: (text) => text === `right ${name}`,
}));

describe("the load generator", () => {
  const servers = [];
  after(() => servers.forEach((server) => server.close() && server.closeAllConnections()));

  /** A server that answers rightly, but every tenth time does something else; what is sent to it, and what came of it. */
  async function against(everyTenth) {
    const seen = { requests: 0, odd: 0, open: 0, most: 0, sockets: 0 };
    const server = createServer((request, response) => {
      const chunks = [];
      seen.most = Math.max(seen.most, (seen.open += 1));
      request.on("data", (chunk) => chunks.push(chunk));
      request.on("end", () => {
        seen.open -= 1;
        seen.requests += 1;
        const name = Buffer.concat(chunks).toString();
        assert.equal(request.url, `/${name}`);
        // Not while the connections are opened.
        if (seen.requests > 10 && seen.requests % 10 === 0) {
          seen.odd += 1;
          everyTenth(response, name);
        } else setImmediate(() => response.end(`right ${name}`));
      });
    });
    server.on("connection", () => (seen.sockets += 1));
    servers.push(server.listen(0, "127.0.0.1"));
    await once(server, "listening");
    const { port } = server.address();
    return { seen, result: await generate({ port, connections: 4, seconds: 0.3, requests: REQUESTS }) };
  }

  test("counts right answers, and when they came", async () => {
    const { seen, result } = await against((response, name) => response.end(`right ${name}`));
    assert.deepEqual([result.failures, result.told, seen.sockets], [0, [], 4]);
    assert.equal(result.answers, seen.requests - 4);
    assert.ok(result.seconds >= 0.3 && result.seconds < 3, String(result.seconds));
    const [one, other] = [result.latencies.one, result.latencies.other];
    assert.equal(one.length + other.length, result.answers);
    assert.ok(Math.abs(one.length - other.length) <= 1);
    assert.ok([...one, ...other].every((millis) => millis > 0 && millis < 3000));
  });

  for (const [what, everyTenth, why] of [
    ["a wrong answer", (response) => response.end("right other than that"), /a wrong answer: right other than that/],
    ["the answer to another request", (response, name) => response.end(name === "one" ? "right other" : "right one"), /a wrong answer/],
    ["an answer with another status", (response, name) => response.writeHead(500).end(`right ${name}`), /: 500 right /],
    ["a connection that is reset", (response) => response.socket.resetAndDestroy(), /ECONNRESET|socket hang up/],
    ["a connection that is closed", (response) => response.socket.end(), /socket hang up/],
    ["half an answer", (response) => response.writeHead(200, { "Content-Length": 9 }).write("r", () => response.destroy()), /aborted/],
  ]) {
    test(`tells ${what}`, async () => {
      const { seen, result } = await against(everyTenth);
      assert.ok(seen.odd > 5);
      assert.equal(result.failures, seen.odd);
      assert.equal(result.answers, seen.requests - 4 - seen.odd);
      for (const told of result.told) assert.match(told, why);
      assert.equal(result.told.length, 5);
    });
  }

  test("several results are one", () => {
    const result = (answers, times) => ({ answers, seconds: 2, latencies: { one: times }, failures: 1, told: ["why"] });
    assert.deepEqual(together([result(3, [1, 2]), result(4, [3])]), {
      answers: 7,
      seconds: 4,
      latencies: { one: [1, 2, 3] },
      failures: 2,
      told: ["why", "why"],
    });
  });

  test("percentiles are those of all times, in whatever order they came", () => {
    const times = Array.from({ length: 100 }, (_, index) => 100 - index);
    assert.deepEqual([50, 99].map((percent) => percentile(times, percent)), [51, 100]);
    assert.deepEqual([percentile([7], 99), percentile([], 50)], [7, undefined]);
    assert.equal(percentile([9, 10, 100], 50), 10);
  });
});
