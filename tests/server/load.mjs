#!/usr/bin/env node
// A load test of the policy and of one that does nothing, on policy-server: node tests/server/load.mjs NOTHING HOST
//
// NOTHING is the module of the policy that accepts everything, HOST the test host of this repository. Each of the two
// policies has its own policy-server with two workers. They alternate every few seconds, so that other processes slow down
// both. SECONDS is the duration for each policy and number of connections. Every response is compared with that of the same
// request before the load. The large requests follow.
//
// The exit code is 1 if a response was wrong or missing, if the memory of a server has grown too much, or if a large request
// took too long.

import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { availableParallelism, cpus } from "node:os";

import { Cluster } from "./cluster.mjs";
import { generate, merge, percentile } from "./load-generator.mjs";
import * as large from "./large-requests.mjs";
import { PolicyServer, policy } from "./policy-server.mjs";
import { inNamespace, sample } from "./requests.mjs";
import { POLICY, ROOT, TemporaryDirectory, skipReason } from "./temporary-directory.mjs";

const SECONDS = Number(process.env.SECONDS || 60);
const CONNECTIONS = [1, 8, 64];
/** The maximum duration of a turn, in seconds. */
const TURN = 5;
/** The limit of the memory at the end, as a multiple of the memory after the warm-up. */
const MEMORY_GROWTH = 1.1;
const PODS = 100;
/** The number of repetitions of a large request; the first time, policy-server lists the pods of its namespace. */
const REPETITIONS = 5;

const data = (name) => JSON.parse(readFileSync(join(ROOT, `tests/data/${name}.json`), "utf8"));
const VIOLATING = "allowPrivilegeEscalation != false, unrestricted capabilities, runAsNonRoot != true, seccompProfile";

/** The requests, their instances, their number among 20 requests, and their verdicts. */
const REQUESTS = [
  { name: "an accepted pod", instance: "settings", request: data("accepted-pod"), share: 6, verdict: [true, undefined, null] },
  { name: "a rejected pod", instance: "settings", request: data("rejected-pod"), share: 5, verdict: [false, 403, null] },
  {
    name: "a Deployment, with a warning",
    instance: "settings",
    request: sample("deployment"),
    share: 3,
    verdict: [true, undefined, [/^would violate PodSecurity "restricted:latest": allowPrivilegeEscalation != false /]],
  },
  {
    name: "a rejected pod, by the labels of its namespace",
    instance: "labels",
    request: inNamespace(data("rejected-pod"), "payments"),
    share: 5,
    verdict: [false, 403, null],
  },
  {
    name: `a namespace with ${PODS} pods, relabelled`,
    instance: "labels",
    request: sample("relabelled-namespace"),
    share: 1,
    verdict: [
      true,
      undefined,
      [
        /^existing pods in namespace "payments" violate the new PodSecurity enforce level "restricted:v1.25"$/,
        new RegExp(`^web-0 \\(and ${PODS / 2 - 1} other pods\\): ${VIOLATING}$`),
      ],
    ],
  },
];

/** The pods of the namespace; every other one violates the new level. */
function pods() {
  const [fine, bad] = [data("accepted-pod"), sample("scanned-pod")].map((request) => request.object);
  return Array.from({ length: PODS }, (_, index) => {
    const name = `web-${index}`;
    const { spec, status, metadata } = index % 2 === 0 ? bad : fine;
    return { apiVersion: "v1", kind: "Pod", metadata: { ...metadata, name, namespace: "payments", uid: `uid-of-${name}` }, spec, status };
  });
}

/** The requests in the order in which they are sent: evenly distributed according to their shares. */
function mixed(requests) {
  const all = requests.flatMap((request) =>
    Array.from({ length: request.share }, (_, index) => ({ request, place: (index + 0.5) / request.share })),
  );
  return all.sort((one, other) => one.place - other.place).map(({ request }) => request);
}

/** A policy on its own server. */
class Subject {
  constructor(name) {
    this.name = name;
  }

  /** Starts the server, and records the correct responses. */
  async start(directory, module, cluster, isAsExpected) {
    const instances = Object.entries(large.INSTANCES).map(([id, [settings, more]]) => {
      return [id, { ...policy(settings, more), module: `file://${module}` }];
    });
    this.server = await PolicyServer.start(directory, Object.fromEntries(instances), { cluster });
    if (this.server.exitCode !== undefined) throw new Error(`policy-server: ${this.server.log()}`);
    this.requests = await Promise.all(REQUESTS.map((request) => this.#record(request, isAsExpected)));
    this.results = new Map(CONNECTIONS.map((connections) => [connections, []]));
    return this;
  }

  async #record({ name, instance, request, share, verdict }, isAsExpected) {
    const path = `/validate/${instance}`;
    const { status, text } = await this.server.post(path, request);
    const right = status === 200 && JSON.parse(text);
    if (!right || !isAsExpected(right.response, verdict)) throw new Error(`${this.name}, ${name}: ${status} ${text}`);
    if (right.response.uid !== request.uid) throw new Error(`${this.name}, ${name}: the response belongs to another request: ${text}`);
    // The order of annotations varies, so correct texts are cached.
    const correctTexts = new Set();
    const isRight = (text) => {
      if (correctTexts.has(text)) return true;
      if (!isDeepStrictEqual(JSON.parse(text), right)) return false;
      correctTexts.add(text);
      return true;
    };
    const body = Buffer.from(JSON.stringify({ kind: "AdmissionReview", apiVersion: "admission.k8s.io/v1", request }));
    return { name, path, body, share, isRight };
  }

  async load(connections, seconds) {
    const { port, ca } = this.server;
    return generate({ port, ca, connections, seconds, requests: mixed(this.requests) });
  }

  /** The times of a large request, in milliseconds. */
  async times(example, isExpected) {
    const times = [];
    for (let time = 0; time < REPETITIONS; time += 1) {
      const { status, text, millis } = await this.server.post(`/validate/${example.instance}`, example.request);
      const { response } = status === 200 ? JSON.parse(text) : {};
      if (!response || response.uid !== example.request.uid || !isExpected(response)) {
        throw new Error(`${this.name}, ${example.name}: ${status} ${text?.slice(0, 1000)}`);
      }
      times.push(millis);
    }
    return times;
  }

  /** The resident memory of its server, in MiB. */
  memory() {
    const status = readFileSync(`/proc/${this.server.child.process.pid}/status`, "utf8");
    return Number(/^VmRSS:\s*(\d+) kB$/m.exec(status)[1]) / 1024;
  }
}

function isVerdict({ allowed, status, warnings }, [expected, code, texts]) {
  const areRight = () => warnings?.length === texts.length && texts.every((text, index) => text.test(warnings[index]));
  const isWarned = texts === null ? warnings === null : areRight();
  return allowed === expected && status?.code === code && isWarned;
}

const isNothing = ({ allowed, status, auditAnnotations, warnings }) =>
  allowed && [status, auditAnnotations, warnings].every((field) => (field ?? null) === null);

/** The results of both policies, which alternate, with one number of connections. */
async function alternate(subjects, connections, seconds) {
  const turns = Math.max(1, Math.round(seconds / TURN));
  const results = subjects.map(() => []);
  for (let turn = 0; turn < turns; turn += 1) {
    for (const [index, subject] of subjects.entries()) results[index].push(await subject.load(connections, seconds / turns));
  }
  return results.map(merge);
}

const number = (value, digits) => value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
const millis = (value) => number(value, 2);
const ratio = (value, other) => `× ${number(value / other, 2)}`;
const row = (cells) => console.log(`| ${cells.join(" | ")} |`);

function heading(columns, numbers) {
  console.log();
  row(columns);
  row(columns.map((_, index) => (index < columns.length - numbers ? "---" : "---:")));
}

/** The cells for two figures: both, and their ratio. */
const pair = (mine, others, text) => [text(mine), text(others), ratio(mine, others)];

function throughput(subjects) {
  const columns = ["Connections", "Policy", "Requests", "Wrong or none", "Requests a second", "p50, ms", "p99, ms", "Memory, MiB"];
  heading(columns, 6);
  for (const connections of CONNECTIONS) {
    const figures = subjects.map(({ name, results }) => {
      const { answers, seconds, latencies, failures, memory } = results.get(connections);
      const times = Object.values(latencies).flat();
      return { name, answers, failures, figures: [answers / seconds, percentile(times, 50), percentile(times, 99), memory] };
    });
    for (const { name, answers, failures, figures: [rate, p50, p99, memory] } of figures) {
      row([connections, name, number(answers, 0), failures, number(rate, 0), millis(p50), millis(p99), number(memory, 1)]);
    }
    const [mine, nothing] = figures.map(({ figures }) => figures);
    row([connections, "the first to the second", "", "", ...mine.map((figure, index) => ratio(figure, nothing[index]))]);
  }
}

function byRequest(subjects) {
  const [connections] = CONNECTIONS;
  const [mine, nothing] = subjects.map(({ results }) => results.get(connections).latencies);
  console.log(`\nOf these, each request with ${connections} connection, in milliseconds:`);
  heading(["Request", "Of 20", "Bytes", "p50", "Nothing's", "Ratio", "p99", "Nothing's", "Ratio"], 8);
  for (const { name, share, body } of subjects[0].requests) {
    const of = (percent) => pair(percentile(mine[name], percent), percentile(nothing[name], percent), millis);
    row([name, share, number(body.length, 0), ...of(50), ...of(99)]);
  }
}

/** Prints the memory after the warm-up and at the end. */
function memory(subjects) {
  console.log("\nResident memory of the policy-server, in MiB, warmed up with every number of connections and then at the end:");
  heading(["Policy", "Warmed up", "At the end", "Ratio"], 3);
  for (const { name, warm, end } of subjects) row([name, number(warm, 1), number(end, 1), ratio(end, warm)]);
}

/** Prints the times and the memory of the large requests; returns whether all are within the time limit. */
async function largeRequests([mine, nothing], cluster, directory, host) {
  console.log(
    `\nLarge requests, each ${REPETITIONS} times, one after the other, in milliseconds; the memory is that of the policy's instance, ` +
      "in MiB:",
  );
  heading(["Request", "Bytes", "Median", "Slowest", "Nothing's median", "Ratio", "Memory"], 6);
  const slow = [];
  for (const example of large.CASES) {
    const times = await mine.times(example, (response) => large.isRight(example, response));
    const others = await nothing.times(example, isNothing);
    const memory = await large.memoryOf(example, directory, cluster, host);
    const [median, other] = [times, others].map((all) => percentile(all, 50));
    const slowest = Math.max(...times);
    row([
      ...[example.name, number(JSON.stringify(example.request).length, 0), ...[median, slowest, other].map((time) => number(time, 1))],
      ...[ratio(median, other), number(memory / 1024 / 1024, 1)],
    ]);
    if (slowest > large.LIMIT) slow.push(`${example.name}: it took ${slowest} ms`);
  }
  for (const text of slow) console.error(`\n${text}`);
  return slow.length === 0;
}

async function main() {
  const missing = skipReason("policy-server", "kwctl", "openssl");
  if (missing) throw new Error(`the load test cannot run: ${missing}`);
  const [nothing, host] = process.argv.slice(2);
  if (!host || !(SECONDS > 0)) throw new Error("usage: SECONDS=60 node tests/server/load.mjs NOTHING.wasm pss-host");
  const directories = [new TemporaryDirectory(), new TemporaryDirectory()];
  const cluster = new Cluster({
    namespaces: { payments: { "pod-security.kubernetes.io/enforce": "baseline" }, ...large.LABELS },
    pods: [...pods(), ...large.pods()],
  });
  try {
    await cluster.open();
    const subjects = [
      await new Subject("pod-security-standards").start(directories[0], POLICY, cluster, isVerdict),
      await new Subject("does nothing").start(directories[1], await annotate(directories[1], resolve(nothing)), cluster, isNothing),
    ];
    for (const connections of CONNECTIONS) await alternate(subjects, connections, Math.max(2, SECONDS / 4));
    for (const subject of subjects) subject.warm = subject.memory();
    for (const connections of CONNECTIONS) {
      const results = await alternate(subjects, connections, SECONDS);
      for (const [index, subject] of subjects.entries()) {
        subject.results.set(connections, { ...results[index], memory: subject.memory() });
      }
    }
    for (const subject of subjects) subject.end = subject.memory();
    const isGood = report(subjects);
    process.exitCode = (await largeRequests(subjects, cluster, directories[0], resolve(host))) && isGood ? 0 : 1;
  } finally {
    for (const directory of directories) await directory.close();
    await cluster.close();
  }
}

/** Annotates a module, because policy-server rejects modules without metadata. */
async function annotate(directory, module) {
  const metadata = directory.file("metadata.yml", {
    rules: [{ apiGroups: [""], apiVersions: ["v1"], resources: ["pods"], operations: ["CREATE"] }],
    mutating: false,
    executionMode: "kubewarden-wapc",
  });
  const file = directory.file("nothing.wasm");
  const args = ["annotate", "-m", metadata, "-u", directory.file("README.md", ""), "-o", file, module];
  const { code, stderr } = await directory.run("kwctl", args);
  if (code !== 0) throw new Error(`kwctl annotate: ${stderr}`);
  return file;
}

/** Prints the results; returns whether all responses and the memory are within bounds. */
function report(subjects) {
  console.log(
    `policy-server with 2 workers over TLS, ${SECONDS} s for each row, in turns of at most ${TURN} s; ${availableParallelism()} cores ` +
      `(${cpus()[0].model}) that the servers, the fake API server and the load generator share, none of them ` +
      "pinned to one. Every answer was compared with the one before the load.",
  );
  throughput(subjects);
  byRequest(subjects);
  memory(subjects);
  const wrong = subjects
    .flatMap(({ name, results }) => [...results].map(([connections, result]) => ({ name, connections, ...result })))
    .filter(({ failures }) => failures > 0);
  for (const { name, connections, failures, reasons } of wrong) {
    console.error(`\n${name}, ${connections} connections: ${failures} responses were wrong or missing, such as\n${reasons.join("\n")}`);
  }
  const grown = subjects.filter(({ warm, end }) => end > warm * MEMORY_GROWTH);
  for (const { name, warm, end } of grown) {
    console.error(`\n${name}: the memory of its policy-server grew from ${number(warm, 1)} to ${number(end, 1)} MiB, more than ${MEMORY_GROWTH} times.`);
  }
  return wrong.length === 0 && grown.length === 0;
}

await main().catch((error) => {
  console.error(`load.mjs: ${error.message}`);
  process.exitCode = 1;
});
