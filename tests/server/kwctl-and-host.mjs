#!/usr/bin/env node
// Takes kwctl's arguments, runs kwctl and the test host of this repository with them, and compares what they answer: exit
// code, the answer field by field (audit annotations in any order), the text of an error. Prints what kwctl prints, or,
// where they differ, both and what differs, with an exit code of its own. HOST is the host's program.
//
// `make test-server` gives it to e2e.bats as KWCTL, so that each case there is one of this comparison too.

import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";

const DIFFERENT = 99;

const args = process.argv.slice(2);
// Both read the same, where the request comes from a pipe.
const input = args.includes("-") ? readFileSync(0) : undefined;

function run(program) {
  const { error, status, signal, stdout, stderr } = spawnSync(program, args, { input, encoding: "utf8", maxBuffer: 1 << 28 });
  if (error) {
    console.error(`kwctl-and-host: ${program}: ${error.message}`);
    process.exit(DIFFERENT);
  }
  return { status: status ?? signal, stdout, stderr };
}

/** What must be equal: kwctl logs on stderr, and the text of an error comes last there. */
function compared({ status, stdout, stderr }) {
  const error = /^Error: [^]*/m.exec(stderr)?.[0] ?? "";
  return JSON.stringify({ status, answer: answer(stdout), error: error.trimEnd() }, null, 1);
}

/** The answer with its audit annotations in an order; what is no JSON stays as it is. */
function answer(stdout) {
  try {
    // The order of all other keys counts, and so do spaces and line ends around them.
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
const [one, other] = [compared(kwctl), compared(host)];
if (one !== other) {
  console.error(`kwctl and the host differ on ${args.join(" ")}\nkwctl: ${one}\nthe host: ${other}`);
  process.exit(DIFFERENT);
}
process.stdout.write(kwctl.stdout);
process.stderr.write(kwctl.stderr);
process.exitCode = kwctl.status;
