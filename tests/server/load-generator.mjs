// A load generator: sends requests over persistent connections, compares each response, and counts missing ones.
//
// Existing load generators do not measure this. oha does not compare responses. autocannon 9.0.0 repeats a request without
// an error when the connection is closed instead of a response (in a trial, every tenth of 23,000 requests had no response,
// with 0 errors and 0 timeouts); it measures in milliseconds, and a request here takes about one; and it has 62
// dependencies.

import { Agent as PlainAgent, request as plainRequest } from "node:http";
import { Agent as TlsAgent, request as tlsRequest } from "node:https";

/** The timeout of a request, in seconds. */
const TIMEOUT = 10;
/** The number of failures whose reasons are reported; all are counted. */
const MAX_REASONS = 5;

/**
 * Keeps `connections` busy for some seconds: each one sends the next of `requests`, in a cycle, when the response to its
 * last request is complete. A request is `{ name, path, body, isRight }`; `isRight` gets the text of a response and returns
 * whether it is correct. `ca` is the certificate of a TLS server.
 *
 * Returns the number of correct responses, the elapsed seconds, the latencies in milliseconds by name, the number of
 * failures (no response or a wrong one), and the reasons of the first failures.
 */
export async function generate({ port, ca, connections, seconds, requests }) {
  const options = { keepAlive: true, maxSockets: connections };
  const [send, agent] = ca ? [tlsRequest, new TlsAgent({ ...options, ca })] : [plainRequest, new PlainAgent(options)];
  const result = { answers: 0, seconds: 0, latencies: {}, failures: 0, reasons: [] };
  for (const { name } of requests) result.latencies[name] = [];

  const fail = ({ name }, reason) => {
    result.failures += 1;
    if (result.reasons.length < MAX_REASONS) result.reasons.push(`${name}: ${reason}`);
  };
  const sendRequest = async (request, isCounted) => {
    const started = performance.now();
    const { status, text, error } = await responseTo(send, { host: "127.0.0.1", port, agent }, request);
    const millis = performance.now() - started;
    if (error) return fail(request, error);
    if (status !== 200) return fail(request, `${status} ${text}`);
    if (!request.isRight(text)) return fail(request, `a wrong answer: ${text}`);
    if (!isCounted) return;
    result.answers += 1;
    result.latencies[request.name].push(millis);
  };

  // Opens the connections, which is not measured.
  await Promise.all(Array.from({ length: connections }, () => sendRequest(requests[0], false)));
  let count = 0;
  const started = performance.now();
  const keepBusy = async () => {
    while (performance.now() - started < seconds * 1000) await sendRequest(requests[count++ % requests.length], true);
  };
  await Promise.all(Array.from({ length: connections }, keepBusy));
  result.seconds = (performance.now() - started) / 1000;
  agent.destroy();
  return result;
}

/** The response to a request, or the error. Requests are not repeated. */
function responseTo(send, options, { path, body }) {
  const headers = { "Content-Type": "application/json", "Content-Length": body.length };
  return new Promise((done) => {
    const message = send({ ...options, path, method: "POST", headers, timeout: TIMEOUT * 1000 }, (response) => {
      const chunks = [];
      response.on("data", (chunk) => chunks.push(chunk));
      response.on("error", (error) => done({ error: error.message }));
      response.on("end", () => done({ status: response.statusCode, text: Buffer.concat(chunks).toString() }));
    });
    message.on("timeout", () => message.destroy(new Error(`no answer within ${TIMEOUT} s`)));
    message.on("error", (error) => done({ error: error.message }));
    message.end(body);
  });
}

/** Merges the results of several runs. */
export function merge(results) {
  const latencies = {};
  for (const result of results) {
    for (const [name, times] of Object.entries(result.latencies)) latencies[name] = (latencies[name] ?? []).concat(times);
  }
  const sum = (key) => results.reduce((all, result) => all + result[key], 0);
  const reasons = results.flatMap((result) => result.reasons).slice(0, MAX_REASONS);
  return { answers: sum("answers"), seconds: sum("seconds"), latencies, failures: sum("failures"), reasons };
}

/** The percentile of times; undefined if there are none. */
export function percentile(times, percent) {
  const sorted = Float64Array.from(times).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percent) / 100))];
}
