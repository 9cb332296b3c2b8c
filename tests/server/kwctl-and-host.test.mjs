// Tests of kwctl-and-host.mjs with two scripts instead of kwctl and the host.

import assert from "node:assert/strict";
import { chmodSync } from "node:fs";
import { join } from "node:path";
import { after, describe, test } from "node:test";

import { ROOT, TemporaryDirectory } from "./temporary-directory.mjs";

const COMPARISON = join(ROOT, "tests/server/kwctl-and-host.mjs");
const ACCEPTED = '{"uid":"1","allowed":true,"auditAnnotations":{"a":"1","b":"2"},"warnings":null}\n';

describe("the comparison of kwctl and the host", () => {
  const directory = new TemporaryDirectory();
  after(() => directory.close());

  /** Writes a script that reads its input, prints the given output and exits with the given code. */
  function writeProgram(name, { stdout = ACCEPTED, stderr = "", code = 0 }) {
    const script = `#!/bin/sh\ncat >"$0.read"\nprintf '%s' '${stdout}'\nprintf '%s' '${stderr}' >&2\nexit ${code}\n`;
    const path = directory.file(name, script);
    chmodSync(path, 0o755);
    return path;
  }

  async function compare(kwctl, host) {
    writeProgram("kwctl", kwctl);
    const env = { HOST: writeProgram("host", host), PATH: `${directory.path}:${process.env.PATH}` };
    return directory.run(process.execPath, [COMPARISON, "run", "--request-path", "-"], { env, input: "{}" });
  }

  const failing = (error) => ({ stdout: "", stderr: `INFO a log\nError: ${error}\n`, code: 1 });
  for (const [description, kwctl, host] of [
    ["the same", {}, {}],
    ["annotations in another order", {}, { stdout: ACCEPTED.replace('"a":"1","b":"2"', '"b":"2","a":"1"') }],
    ["other logs", { stderr: "INFO a log\n" }, { stderr: "another\n" }],
    ["the same error after other logs", failing("no\nnot at all"), { ...failing("no\nnot at all"), stderr: "Error: no\nnot at all\n" }],
  ]) {
    test(`${description}: it prints the output of kwctl`, async () => {
      const { stdout = ACCEPTED, stderr = "", code = 0 } = kwctl;
      assert.deepEqual(await compare(kwctl, host), { code, stdout, stderr });
    });
  }

  for (const [description, kwctl, host] of [
    ["another value", {}, { stdout: ACCEPTED.replace("true", "false") }],
    ["another annotation", {}, { stdout: ACCEPTED.replace('"2"', '"3"') }],
    ["null instead of a missing field", {}, { stdout: ACCEPTED.replace(',"warnings":null', "") }],
    ["keys in another order", {}, { stdout: ACCEPTED.replace('"uid":"1","allowed":true', '"allowed":true,"uid":"1"') }],
    ["an additional space", {}, { stdout: ACCEPTED.replace(":", ": ") }],
    ["another number", { stdout: "[1.0]\n" }, { stdout: "[1]\n" }],
    ["another exit code", {}, { code: 2 }],
    ["another error", failing("no"), failing("yes")],
    ["a response in addition to the error", failing("no"), { ...failing("no"), stdout: ACCEPTED }],
  ]) {
    test(`${description}: it fails`, async () => {
      const { code, stdout, stderr } = await compare(kwctl, host);
      assert.deepEqual([code, stdout], [99, ""]);
      assert.match(stderr, /^kwctl and the host differ on run --request-path -\n/);
    });
  }

  test("a missing program: it fails", async () => {
    writeProgram("kwctl", {});
    const { code } = await directory.run(process.execPath, [COMPARISON, "run"], {
      env: { HOST: directory.file("nothing"), PATH: `${directory.path}:${process.env.PATH}` },
    });
    assert.equal(code, 99);
  });
});
