// The comparison of kwctl and the host finds what differs: tried with two programs that answer what they are told to.

import assert from "node:assert/strict";
import { chmodSync } from "node:fs";
import { join } from "node:path";
import { after, describe, test } from "node:test";

import { ROOT, Workplace } from "./workplace.mjs";

const COMPARISON = join(ROOT, "tests/server/kwctl-and-host.mjs");
const ACCEPTED = '{"uid":"1","allowed":true,"auditAnnotations":{"a":"1","b":"2"},"warnings":null}\n';

describe("the comparison of kwctl and the host", () => {
  const workplace = new Workplace();
  after(() => workplace.close());

  /** A program that prints this, reads what it is given, and ends with this code. */
  function answering(name, { stdout = ACCEPTED, stderr = "", code = 0 }) {
    const script = `#!/bin/sh\ncat >"$0.read"\nprintf '%s' '${stdout}'\nprintf '%s' '${stderr}' >&2\nexit ${code}\n`;
    const path = workplace.file(name, script);
    chmodSync(path, 0o755);
    return path;
  }

  async function compare(kwctl, host) {
    answering("kwctl", kwctl);
    const env = { HOST: answering("host", host), PATH: `${workplace.directory}:${process.env.PATH}` };
    return workplace.run(process.execPath, [COMPARISON, "run", "--request-path", "-"], { env, input: "{}" });
  }

  const failing = (why) => ({ stdout: "", stderr: `INFO a log\nError: ${why}\n`, code: 1 });
  for (const [what, kwctl, host] of [
    ["the same", {}, {}],
    ["annotations in another order", {}, { stdout: ACCEPTED.replace('"a":"1","b":"2"', '"b":"2","a":"1"') }],
    ["other logs", { stderr: "INFO a log\n" }, { stderr: "another\n" }],
    ["the same error behind other logs", failing("no\nnot at all"), { ...failing("no\nnot at all"), stderr: "Error: no\nnot at all\n" }],
  ]) {
    test(`${what}: it answers as kwctl does`, async () => {
      const { stdout = ACCEPTED, stderr = "", code = 0 } = kwctl;
      assert.deepEqual(await compare(kwctl, host), { code, stdout, stderr });
    });
  }

  for (const [what, kwctl, host] of [
    ["another value", {}, { stdout: ACCEPTED.replace("true", "false") }],
    ["another annotation", {}, { stdout: ACCEPTED.replace('"2"', '"3"') }],
    ["null for what is missing", {}, { stdout: ACCEPTED.replace(',"warnings":null', "") }],
    ["keys in another order", {}, { stdout: ACCEPTED.replace('"uid":"1","allowed":true', '"allowed":true,"uid":"1"') }],
    ["a space more", {}, { stdout: ACCEPTED.replace(":", ": ") }],
    ["another number", { stdout: "[1.0]\n" }, { stdout: "[1]\n" }],
    ["another exit code", {}, { code: 2 }],
    ["another error", failing("no"), failing("yes")],
    ["an answer beside the error", failing("no"), { ...failing("no"), stdout: ACCEPTED }],
  ]) {
    test(`${what}: it fails`, async () => {
      const { code, stdout, stderr } = await compare(kwctl, host);
      assert.deepEqual([code, stdout], [99, ""]);
      assert.match(stderr, /^kwctl and the host differ on run --request-path -\n/);
    });
  }

  test("a program that is not there: it fails", async () => {
    answering("kwctl", {});
    const { code } = await workplace.run(process.execPath, [COMPARISON, "run"], {
      env: { HOST: workplace.file("nothing"), PATH: `${workplace.directory}:${process.env.PATH}` },
    });
    assert.equal(code, 99);
  });
});
