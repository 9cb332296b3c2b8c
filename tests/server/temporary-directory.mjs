// A temporary directory, the processes that run in it, and free ports. The processes are killed and the files are removed
// when a test ends, after a failure too.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { accessSync, constants, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, dirname, isAbsolute, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
/** The module with its metadata, as it is published. */
export const POLICY = join(ROOT, "annotated-policy.wasm");

/** Running processes and existing directories, which are removed when this process exits. */
const running = new Set();
const directories = new Set();
const remove = (directory) => rmSync(directory, { recursive: true, force: true });
process.on("exit", () => {
  running.forEach((child) => child.kill("SIGKILL"));
  directories.forEach(remove);
});
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => process.exit(1));

/** The path of a program, which is given by its name on PATH or by its path; undefined if it does not exist. */
export function program(name) {
  const directories = isAbsolute(name) ? [""] : (process.env.PATH ?? "").split(delimiter);
  return directories
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

/** The reason to skip tests that need these programs; false if all are installed. */
export function skipReason(...names) {
  const missing = names.filter((name) => !program(name));
  return missing.length > 0 && `${missing.join(" and ")} not on PATH`;
}

/** A port that is free now; another process can use it before the caller does. */
export async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

export const sleep = (millis) => new Promise((done) => setTimeout(done, millis));

/** The environment of a process, without the configuration of the user. */
function environment(home, more) {
  const inherited = ["PATH", "LANG", "TZ"].filter((name) => name in process.env).map((name) => [name, process.env[name]]);
  return { ...Object.fromEntries(inherited), HOME: home, ...more };
}

export class TemporaryDirectory {
  constructor() {
    this.path = mkdtempSync(join(tmpdir(), "pod-security-standards-"));
    directories.add(this.path);
    this.stops = [];
  }

  /** The path of a file in the directory. With `content` the file is written. */
  file(name, content) {
    const path = join(this.path, name);
    if (content !== undefined) writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content, null, 2));
    return path;
  }

  /** Runs a program. Returns its exit code, or the signal that killed it, and its output. */
  async run(name, args, { env = {}, seconds = 60, input = "" } = {}) {
    const child = this.start(name, args, { env, stdin: "pipe" });
    child.process.stdin.on("error", () => {});
    child.process.stdin.end(input);
    const limit = setTimeout(() => child.process.kill("SIGKILL"), seconds * 1000);
    const code = await child.ended;
    clearTimeout(limit);
    return { code, stdout: child.stdout(), stderr: child.stderr() };
  }

  /** Starts a program, which is killed when the directory is closed. */
  start(name, args, { env = {}, stdin = "ignore" } = {}) {
    const path = program(name);
    if (!path) throw new Error(`${name} is not on PATH`);
    const child = spawn(path, args, { cwd: this.path, env: environment(this.path, env), stdio: [stdin, "pipe", "pipe"] });
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
    this.stops.push(stop);
    const text = (chunks) => Buffer.concat(chunks).toString();
    return { process: child, ended, stop, stdout: () => text(stdout), stderr: () => text(stderr) };
  }

  /** Kills all processes, the last one first, and removes the directory. */
  async close() {
    for (const stop of this.stops.reverse()) await stop();
    this.stops = [];
    remove(this.path);
    directories.delete(this.path);
  }
}
