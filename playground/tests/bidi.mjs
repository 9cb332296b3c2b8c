// A client of WebDriver BiDi (https://w3c.github.io/webdriver-bidi/) for Firefox: what the tests of the page need of it. Playwright
// needs a Firefox with changes of its own.
// @ts-check

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** The time limit of the start and of each command, in milliseconds. */
const TIMEOUT = 30_000;

/** Without requests of its own and questions to the user. */
const PREFERENCES = {
  "app.normandy.enabled": false,
  "app.update.disabledForTesting": true,
  "browser.shell.checkDefaultBrowser": false,
  "browser.startup.homepage_override.mstone": "ignore",
  "datareporting.policy.dataSubmissionEnabled": false,
  "extensions.systemAddon.update.enabled": false,
  "network.captive-portal-service.enabled": false,
  "network.connectivity-service.enabled": false,
  "services.settings.server": "data:,#remote-settings-dummy/v1",
  "toolkit.telemetry.enabled": false,
};

/** The keys of WebDriver that are not characters. */
export const KEYS = { control: "\uE009", enter: "\uE007", escape: "\uE00C", tab: "\uE004", end: "\uE010", f8: "\uE038" };

/** @typedef {{ type: "error" | "request", text: string }} Event an error that the page logs, or the URL of a request */

/**
 * Starts Firefox.
 * @param {string} path
 */
export async function startFirefox(path) {
  const profile = await mkdtemp(join(tmpdir(), "firefox-"));
  await writeFile(join(profile, "user.js"), Object.entries(PREFERENCES).map(([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});\n`).join(""));
  const child = spawn(path, ["--headless", "--no-remote", "--remote-debugging-port", "0", "--profile", profile, "about:blank"], { stdio: ["ignore", "ignore", "pipe"] });
  const exited = once(child, "exit");
  const output = createInterface({ input: child.stderr });
  /** @type {Promise<string>} */
  const address = new Promise((resolve, reject) => {
    /** @type {string[]} */
    const lines = [];
    output.on("line", (line) => {
      lines.push(line);
      const [, url] = /WebDriver BiDi listening on (ws:\S+)/.exec(line) ?? [];
      if (url) resolve(url);
    });
    child.once("error", reject);
    exited.then(() => reject(new Error(`Firefox has exited:\n${lines.join("\n")}`)));
    setTimeout(() => reject(new Error(`Firefox does not listen:\n${lines.join("\n")}`)), TIMEOUT).unref();
  });
  const stop = async () => {
    child.kill();
    await exited;
    await rm(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  };
  try {
    const socket = new WebSocket(`${await address}/session`);
    await once(socket, "open");
    return await connect(socket, stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

/**
 * @param {WebSocket} socket
 * @param {() => Promise<void>} stop
 */
async function connect(socket, stop) {
  /** @type {Map<number, { resolve: (result: any) => void, reject: (error: Error) => void }>} */
  const commands = new Map();
  /** @type {Map<string, (event: Event) => void>} the listeners of tabs, by their contexts */
  const listeners = new Map();
  let lastId = 0;
  socket.addEventListener("message", ({ data }) => {
    const { id, type, result, message, error, method, params } = JSON.parse(data);
    if (type === "event") {
      const context = params.context ?? params.source?.context;
      if (method === "network.beforeRequestSent") listeners.get(context)?.({ type: "request", text: params.request.url });
      else if (params.level === "error") listeners.get(context)?.({ type: "error", text: params.text });
      return;
    }
    const command = commands.get(id);
    commands.delete(id);
    if (type === "success") command?.resolve(result);
    else command?.reject(new Error(`${error}: ${message}`));
  });
  socket.addEventListener("close", () => {
    for (const { reject } of commands.values()) reject(new Error("Firefox has closed the connection"));
  });

  /** @type {(method: string, params: object) => Promise<any>} */
  const send = (method, params) =>
    new Promise((resolve, reject) => {
      lastId += 1;
      commands.set(lastId, { resolve, reject });
      socket.send(JSON.stringify({ id: lastId, method, params }));
      setTimeout(() => reject(new Error(`no answer to ${method}`)), TIMEOUT).unref();
    });

  const { capabilities } = await send("session.new", { capabilities: {} });
  await send("session.subscribe", { events: ["log.entryAdded", "network.beforeRequestSent"] });
  return {
    version: /** @type {string} */ (capabilities.browserVersion),
    /** A separate set of cookies, storage and caches. */
    newProfile: async () => /** @type {string} */ ((await send("browser.createUserContext", {})).userContext),
    /**
     * Opens a tab.
     * @param {string} userContext
     * @param {(event: Event) => void} listener
     */
    async newTab(userContext, listener) {
      const { context } = await send("browsingContext.create", { type: "tab", userContext });
      listeners.set(context, listener);
      await send("browsingContext.setViewport", { context, viewport: { width: 1280, height: 720 } });
      return tab(send, context);
    },
    async close() {
      socket.close();
      await stop();
    },
  };
}

/** @typedef {Awaited<ReturnType<typeof startFirefox>>} Firefox */
/** @typedef {ReturnType<typeof tab>} Tab */

/**
 * @param {(method: string, params: object) => Promise<any>} send
 * @param {string} context
 */
function tab(send, context) {
  /**
   * Calls a function in the page, with arguments and a result that JSON can represent.
   * @template {any[]} A
   * @template R
   * @param {(...values: A) => R | Promise<R>} body
   * @param {A} values
   * @returns {Promise<R>}
   */
  const evaluate = async (body, ...values) => {
    const { type, result, exceptionDetails } = await send("script.callFunction", {
      functionDeclaration: `async (values) => JSON.stringify((await (${body})(...JSON.parse(values))) ?? null)`,
      arguments: [{ type: "string", value: JSON.stringify(values) }],
      target: { context },
      awaitPromise: true,
      userActivation: true,
    });
    if (type === "exception") throw new Error(exceptionDetails.text);
    return JSON.parse(result.value);
  };
  /** @type {(actions: object[]) => Promise<void>} */
  const keyActions = (actions) => send("input.performActions", { context, actions: [{ type: "key", id: "keyboard", actions }] });
  return {
    evaluate,
    /** @type {(url: string) => Promise<void>} */
    goto: (url) => send("browsingContext.navigate", { context, url, wait: "complete" }),
    reload: () => send("browsingContext.reload", { context, wait: "complete" }),
    /** Closes the tab at once, without its events for unloading. */
    close: () => send("browsingContext.close", { context, promptUnload: false }),
    /** Presses keys together. @type {(...keys: string[]) => Promise<void>} */
    press: (...keys) => keyActions([...keys.map((value) => ({ type: "keyDown", value })), ...keys.toReversed().map((value) => ({ type: "keyUp", value }))]),
    /** Types a text, key by key. @type {(text: string) => Promise<void>} */
    type: (text) => keyActions([...text].flatMap((value) => [{ type: "keyDown", value: value === "\n" ? KEYS.enter : value }, { type: "keyUp", value: value === "\n" ? KEYS.enter : value }])),
    /**
     * Clicks the first visible element that a selector and the pattern of its text or name select.
     * @param {string} selector
     * @param {RegExp} [pattern]
     */
    async click(selector, pattern = /(?:)/) {
      const found = await evaluate((css, source) => {
        const name = new RegExp(source);
        const element = [...document.querySelectorAll(css)].find((own) => own.checkVisibility() && name.test(own.getAttribute("aria-label") ?? own.textContent ?? ""));
        element?.scrollIntoView({ block: "center" });
        const box = element?.getBoundingClientRect();
        return box ? [Math.round(box.x + box.width / 2), Math.round(box.y + box.height / 2)] : null;
      }, selector, pattern.source);
      if (!found) throw new Error(`no visible ${selector} ${pattern}`);
      const [x, y] = found;
      await send("input.performActions", {
        context,
        actions: [
          {
            type: "pointer",
            id: "mouse",
            actions: [{ type: "pointerMove", x, y }, { type: "pointerDown", button: 0 }, { type: "pointerUp", button: 0 }],
          },
        ],
      });
    },
    /**
     * Selects files in a file input.
     * @param {string} selector
     * @param {string[]} files their paths
     */
    async setFiles(selector, files) {
      const { nodes } = await send("browsingContext.locateNodes", { context, locator: { type: "css", value: selector } });
      await send("input.setFiles", { context, element: { sharedId: nodes[0]?.sharedId }, files });
    },
  };
}
