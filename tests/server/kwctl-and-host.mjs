#!/usr/bin/env node
// Runs kwctl and the test host of this repository with the given arguments, and compares the exit codes, the responses
// field by field (audit annotations in any order) and the error texts. Prints the output of kwctl, or, if they differ, both
// with exit code 99. HOST is the path of the host.
//
// `make test` runs e2e.bats with it as KWCTL, so that each case of e2e.bats is also a case of this comparison.

import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";

const DIFFERENT = 99;

const args = process.argv.slice(2);
// Both programs read the same input from a pipe.
const input = args.includes("-") ? readFileSync(0) : undefined;

function run(program) {
  const { error, status, signal, stdout, stderr } = spawnSync(program, args, { input, encoding: "utf8", maxBuffer: 1 << 28 });
  if (error) {
    console.error(`kwctl-and-host: ${program}: ${error.message}`);
    process.exit(DIFFERENT);
  }
  return { status: status ?? signal, stdout, stderr };
}

/** The text to compare. kwctl writes its log to stderr, and the error text comes last. */
function comparable({ status, stdout, stderr }) {
  const error = /^Error: [^]*/m.exec(stderr)?.[0] ?? "";
  return JSON.stringify({ status, answer: normalized(stdout), error: error.trimEnd() }, null, 1);
}

/** The response with sorted audit annotations; text that is not JSON is returned unchanged. */
function normalized(stdout) {
  try {
    // The order of other keys, spaces and line endings are compared.
    const response = JSON.parse(stdout);
    const unspaced = `${JSON.stringify(response)}\n` === stdout;
    const { auditAnnotations } = response;
    if (auditAnnotations) response.auditAnnotations = Object.fromEntries(Object.entries(auditAnnotations).sort());
    return { response, unspaced };
  } catch {
    return stdout;
  }
}

const kwctl = run("kwctl");
const host = run(process.env.HOST || "target/debug/pss-host");
const [one, other] = [comparable(kwctl), comparable(host)];
if (one !== other) {
  console.error(`kwctl and the host differ on ${args.join(" ")}\nkwctl: ${one}\nthe host: ${other}`);
  process.exit(DIFFERENT);
}
process.stdout.write(kwctl.stdout);
process.stderr.write(kwctl.stderr);
process.exitCode = kwctl.status;
