// A temporary directory, the processes that run in it, and ports for them: everything that a test starts is ended, and
// everything that it writes is removed, also after a failure.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { accessSync, constants, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, dirname, isAbsolute, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
/** The module as it is published. */
export const POLICY = join(ROOT, "annotated-policy.wasm");

/** What still runs, and the directories that are there: they must not outlive this process, however that ends. */
const running = new Set();
const directories = new Set();
const remove = (directory) => rmSync(directory, { recursive: true, force: true });
process.on("exit", () => {
  running.forEach((child) => child.kill("SIGKILL"));
  directories.forEach(remove);
});
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => process.exit(1));

/** Where a program is, by its name on PATH or by its path; nothing where it is not. */
export function program(name) {
  const places = isAbsolute(name) ? [""] : (process.env.PATH ?? "").split(delimiter);
  return places
    .map((directory) => join(directory, name))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

/** Why tests that need these programs cannot run; false where they can. */
export function skipped(...names) {
  const missing = names.filter((name) => !program(name));
  return missing.length > 0 && `${missing.join(" and ")} not on PATH`;
}

/** A port that nobody listens on; somebody may by the time it is used. */
export async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

export const sleep = (millis) => new Promise((done) => setTimeout(done, millis));

/** The environment of what is started: nothing of this machine's configuration reaches it. */
function environment(home, more) {
  const kept = ["PATH", "LANG", "TZ"].filter((name) => name in process.env).map((name) => [name, process.env[name]]);
  return { ...Object.fromEntries(kept), HOME: home, ...more };
}

export class Workplace {
  constructor() {
    this.directory = mkdtempSync(join(tmpdir(), "pod-security-standards-"));
    directories.add(this.directory);
    this.endings = [];
  }

  /** The path of a file here; with a content, the file is written. */
  file(name, content) {
    const path = join(this.directory, name);
    if (content !== undefined) writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content, null, 2));
    return path;
  }

  /** Runs a program to its end: its exit code, or the signal that ended it, and what it printed. */
  async run(name, args, { env = {}, seconds = 60, input = "" } = {}) {
    const child = this.start(name, args, { env, stdin: "pipe" });
    child.process.stdin.on("error", () => {});
    child.process.stdin.end(input);
    const limit = setTimeout(() => child.process.kill("SIGKILL"), seconds * 1000);
    const code = await child.ended;
    clearTimeout(limit);
    return { code, stdout: child.stdout(), stderr: child.stderr() };
  }

  /** Starts a program; it is killed when this workplace is closed. */
  start(name, args, { env = {}, stdin = "ignore" } = {}) {
    const path = program(name);
    if (!path) throw new Error(`${name} is not on PATH`);
    const child = spawn(path, args, { cwd: this.directory, env: environment(this.directory, env), stdio: [stdin, "pipe", "pipe"] });
    const [stdout, stderr] = [[], []];
    child.stdout.on("data", (chunk) => stdout.push(chunk));
    child.stderr.on("data", (chunk) => stderr.push(chunk));
    running.add(child);
    const ended = new Promise((done) => {
      child.on("error", (error) => done(String(error)));
      child.on("close", (code, signal) => done(code ?? signal));
    });
    ended.then(() => running.delete(child));
    const stop = async () => {
      child.kill("SIGKILL");
      await ended;
    };
    this.endings.push(stop);
    const text = (chunks) => Buffer.concat(chunks).toString();
    return { process: child, ended, stop, stdout: () => text(stdout), stderr: () => text(stderr) };
  }

  /** Ends what was started, the last first, and removes the directory. */
  async close() {
    for (const end of this.endings.reverse()) await end();
    this.endings = [];
    remove(this.directory);
    directories.delete(this.directory);
  }
}
