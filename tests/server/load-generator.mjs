// Load: many requests over some connections that are kept open, each answer looked at, each answer that does not come
// counted.
//
// Written here, for the load generators that could be had cannot tell what has to be known. oha looks into no answer.
// autocannon, in 9.0.0, sends a request again in silence when the connection is closed instead of an answer, and calls
// that no error (every tenth of 23,000 requests went unanswered in a trial: errors 0, timeouts 0); it counts in whole
// milliseconds, of which a request here takes about one; and it comes with 62 packages.

import { Agent as PlainAgent, request as plainRequest } from "node:http";
import { Agent as TlsAgent, request as tlsRequest } from "node:https";

/** After so many seconds, there is no answer. */
const PATIENCE = 10;
/** So many failures are told; all are counted. */
const TOLD = 5;

/**
 * Keeps `connections` busy for some seconds: each sends the next of `requests`, from its end to its beginning again, as
 * soon as the answer to the one before is there. A request is `{ name, path, body, isRight }`, and `isRight` says of the
 * text of an answer whether it is the right one. `ca` is the certificate of a server that speaks TLS.
 *
 * The answer: how many right answers in how many seconds; the milliseconds that each took, by name; how many requests had
 * no answer or a wrong one, and of some, why.
 */
export async function generate({ port, ca, connections, seconds, requests }) {
  const kept = { keepAlive: true, maxSockets: connections };
  const [send, agent] = ca ? [tlsRequest, new TlsAgent({ ...kept, ca })] : [plainRequest, new PlainAgent(kept)];
  const result = { answers: 0, seconds: 0, latencies: {}, failures: 0, told: [] };
  for (const { name } of requests) result.latencies[name] = [];

  const fail = ({ name }, why) => {
    result.failures += 1;
    if (result.told.length < TOLD) result.told.push(`${name}: ${why}`);
  };
  const ask = async (request, isCounted) => {
    const started = performance.now();
    const { status, text, error } = await answer(send, { host: "127.0.0.1", port, agent }, request);
    const millis = performance.now() - started;
    if (error) return fail(request, error);
    if (status !== 200) return fail(request, `${status} ${text}`);
    if (!request.isRight(text)) return fail(request, `a wrong answer: ${text}`);
    if (!isCounted) return;
    result.answers += 1;
    result.latencies[request.name].push(millis);
  };

  // What it takes to connect is not what is measured.
  await Promise.all(Array.from({ length: connections }, () => ask(requests[0], false)));
  let sent = 0;
  const started = performance.now();
  const keepBusy = async () => {
    while (performance.now() - started < seconds * 1000) await ask(requests[sent++ % requests.length], true);
  };
  await Promise.all(Array.from({ length: connections }, keepBusy));
  result.seconds = (performance.now() - started) / 1000;
  agent.destroy();
  return result;
}

/** The answer to a request, or why there is none. Nothing is sent twice. */
function answer(send, options, { path, body }) {
  const headers = { "Content-Type": "application/json", "Content-Length": body.length };
  return new Promise((done) => {
    const sent = send({ ...options, path, method: "POST", headers, timeout: PATIENCE * 1000 }, (response) => {
      const chunks = [];
      response.on("data", (chunk) => chunks.push(chunk));
      response.on("error", (error) => done({ error: error.message }));
      response.on("end", () => done({ status: response.statusCode, text: Buffer.concat(chunks).toString() }));
    });
    sent.on("timeout", () => sent.destroy(new Error(`no answer within ${PATIENCE} s`)));
    sent.on("error", (error) => done({ error: error.message }));
    sent.end(body);
  });
}

/** One result of several, as if they were one run. */
export function together(results) {
  const latencies = {};
  for (const result of results) {
    for (const [name, times] of Object.entries(result.latencies)) latencies[name] = (latencies[name] ?? []).concat(times);
  }
  const sum = (key) => results.reduce((all, result) => all + result[key], 0);
  const told = results.flatMap((result) => result.told).slice(0, TOLD);
  return { answers: sum("answers"), seconds: sum("seconds"), latencies, failures: sum("failures"), told };
}

/** What so many of 100 took no longer than; nothing of nothing. */
export function percentile(times, percent) {
  const sorted = Float64Array.from(times).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percent) / 100))];
}
