// Sessions: the files and choices of a tab of the browser, kept on the device in IndexedDB, or in localStorage if there is none.
// A session is open in one tab at a time, so tabs do not overwrite one another's. Nothing is sent.

import type { State } from "./app.ts";
import { embedded } from "./embed.ts";
import { choicesFrom, filesFrom, indexFrom, isFields, isText } from "./validation.ts";

export interface Session extends State {
  readonly id: string;
  /** When it was saved, in milliseconds since 1970. */
  readonly updated: number;
  /** The fragment of the share link that it was opened from; empty if it was not. */
  readonly link: string;
}

/** The version of the format. Sessions of other versions are neither shown nor changed. */
const VERSION = 1;
const DATABASE = "playground";
const STORE = "sessions";
/** The prefix of keys in localStorage, and of locks. */
const PREFIX = "session:";
/** The key in localStorage that is set once a session has been saved. Without it the first visit does not wait for the database. */
const SAVED = "sessions";
/** The key in sessionStorage of the id of the tab's session. */
const CURRENT = "session";

/** The limits of all sessions. The older ones are deleted, except those that are open. */
const MAX_SESSIONS = 20;
const MAX_CHARACTERS = 8_000_000;

/** After this time without an answer the page uses localStorage, in milliseconds. */
const OPEN_TIMEOUT = 2000;

/** The result of a function; undefined if the browser forbids storage. */
function attempt<T>(access: () => T): T | undefined {
  try {
    return access();
  } catch {
    return undefined;
  }
}

function sessionFrom(value: unknown): Session | null {
  if (!isFields(value) || value["version"] !== VERSION) return null;
  const { id, updated, link } = value;
  const files = filesFrom(value["files"]);
  if (!isText(id) || typeof updated !== "number" || !files) return null;
  return { id, updated, link: isText(link) ? link : "", files, active: indexFrom(value["active"], files), choices: choicesFrom(value["choices"]) };
}

/** The sessions in localStorage: those that were saved without a database, or while the page was closed. */
function localSessions(): Session[] {
  const keys = attempt(() => Object.keys(localStorage)) ?? [];
  return keys
    .filter((key) => key.startsWith(PREFIX))
    .flatMap((key) => attempt(() => sessionFrom(JSON.parse(localStorage.getItem(key) ?? "")) ?? []) ?? []);
}

const saveLocally = (session: Session): boolean =>
  attempt(() => (localStorage.setItem(PREFIX + session.id, JSON.stringify({ ...session, version: VERSION })), true)) ?? false;

const removeLocally = (id: string): void => attempt(() => localStorage.removeItem(PREFIX + id));

function promiseOf<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** The database with the sessions of localStorage; null if there is none. */
let database: Promise<IDBDatabase | null> | undefined;

function openDatabase(): Promise<IDBDatabase | null> {
  database ??= (async () => {
    if (embedded) return null;
    try {
      const request = indexedDB.open(DATABASE, 1);
      request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: "id" }).createIndex("updated", "updated");
      const timeout = new Promise<never>((_, reject) => setTimeout(reject, OPEN_TIMEOUT));
      const opened = await Promise.race([promiseOf(request), timeout]);
      // For a later version of the page in another tab.
      opened.onversionchange = () => opened.close();
      opened.onclose = () => (database = undefined);
      for (const session of localSessions()) {
        const store = opened.transaction(STORE, "readwrite").objectStore(STORE);
        const stored = sessionFrom(await promiseOf(store.get(session.id)));
        if (!stored || stored.updated < session.updated) await promiseOf(store.put({ ...session, version: VERSION }));
        removeLocally(session.id);
      }
      return opened;
    } catch {
      return null;
    }
  })();
  return database;
}

/** Runs a request on the stored sessions; undefined if there is no database or if it fails. */
async function query<T>(mode: IDBTransactionMode, run: (store: IDBObjectStore) => IDBRequest<T>): Promise<T | undefined> {
  try {
    const opened = await openDatabase();
    return opened ? await promiseOf(run(opened.transaction(STORE, mode).objectStore(STORE))) : undefined;
  } catch {
    return undefined;
  }
}

async function stored(id: string): Promise<Session | null> {
  const local = localSessions().find((session) => session.id === id);
  return sessionFrom(await query("readonly", (store) => store.get(id))) ?? local ?? null;
}

/** All sessions, the newest first. */
export async function listSessions(): Promise<Session[]> {
  const all = (await query<unknown[]>("readonly", (store) => store.getAll())) ?? [];
  const sessions = [...all.flatMap((value) => sessionFrom(value) ?? []), ...localSessions()].sort((a, b) => b.updated - a.updated);
  return sessions.filter(({ id }, at) => sessions.findIndex((other) => other.id === id) === at);
}

/** The newest session. */
async function lastSession(): Promise<Session | undefined> {
  const cursor = await query("readonly", (store) => store.index("updated").openCursor(null, "prev"));
  const newest = sessionFrom(cursor?.value);
  return newest && !localSessions().length ? newest : (await listSessions())[0];
}

/** The ids of the sessions that are open in tabs. */
export async function openSessions(): Promise<Set<string>> {
  const locks = await navigator.locks?.query().catch(() => undefined);
  return new Set([currentId, ...(locks?.held ?? []).map(({ name }) => name?.replace(PREFIX, "") ?? "")]);
}

export async function deleteSession(id: string): Promise<void> {
  removeLocally(id);
  await query("readwrite", (store) => store.delete(id));
}

// The session of this tab.

const newId = (): string => `${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}`;

let currentId = newId();
let currentLink = "";
let release = (): void => {};

/** Whether the session of this tab is a copy that is not saved yet. */
export let isCopy = false;

/** Locks a session for this tab instead of its last one; returns whether no other tab has it, after some milliseconds. */
function lock(id: string, wait: number): Promise<boolean> {
  return new Promise((resolve) => {
    // There are locks only in a secure context. Without them a session is copied, unless the tab is loaded again.
    if (!navigator.locks) return resolve(attempt(() => sessionStorage.getItem(CURRENT)) === id);
    navigator.locks
      .request(PREFIX + id, { signal: AbortSignal.timeout(wait) }, () => {
        release();
        resolve(true);
        return new Promise<void>((done) => (release = done));
      })
      .catch(() => resolve(false));
  });
}

function setCurrent(id: string, link: string): void {
  currentId = id;
  currentLink = link;
  isCopy = false;
  attempt(() => sessionStorage.setItem(CURRENT, id));
}

/** Begins a new session, which is saved with its first change. */
export function startSession(link = ""): void {
  setCurrent(newId(), link);
  void lock(currentId, 1000);
}

/** Makes a session that of this tab. It is copied if another tab still has it after some milliseconds. */
export async function openSession({ id, link }: Session, wait = 50): Promise<void> {
  if (await lock(id, wait)) return setCurrent(id, link);
  startSession(link);
  isCopy = true;
}

/**
 * The session that the page begins with: that of the tab if it is loaded again, else the last one, unless another tab has it open.
 * With the fragment of a share link only the session of the tab that was opened from this link.
 */
export async function initialSession(link: string): Promise<Session | null> {
  if (embedded) return null;
  const id = attempt(() => sessionStorage.getItem(CURRENT));
  if (attempt(() => localStorage.getItem(SAVED) === null) && !localSessions().length) {
    startSession(link);
    return null;
  }
  const own = id ? await stored(id) : null;
  if (own && (!link || own.link === link)) {
    // The page that is being unloaded can still have it.
    await openSession(own, 500);
    return own;
  }
  const last = link ? undefined : await lastSession();
  // Without locks it is copied.
  if (last && (!navigator.locks || (await lock(last.id, 250)))) {
    if (navigator.locks) setCurrent(last.id, last.link);
    else await openSession(last);
    return last;
  }
  startSession(link);
  return null;
}

let needsPruning = true;

/** Saves the session of this tab; returns whether it is kept. */
export async function saveSession(state: State): Promise<boolean> {
  if (embedded) return true;
  const session: Session = { ...state, id: currentId, updated: Date.now(), link: currentLink };
  attempt(() => localStorage.setItem(SAVED, String(VERSION)));
  const key = await query("readwrite", (store) => store.put({ ...session, version: VERSION }));
  if (key !== undefined) removeLocally(session.id);
  if (needsPruning) void pruneSessions();
  return key !== undefined || saveLocally(session);
}

/** Saves the session before the page is closed, when the database may not have the time. */
export function saveSessionNow(state: State): void {
  if (!embedded) saveLocally({ ...state, id: currentId, updated: Date.now(), link: currentLink });
}

/** Deletes the oldest sessions beyond the limits. */
export async function pruneSessions(): Promise<void> {
  needsPruning = false;
  const [all, open] = await Promise.all([listSessions(), openSessions()]);
  let size = 0;
  for (const [at, { id, files }] of all.entries()) {
    size += files.reduce((sum, { text }) => sum + text.length, 0);
    if ((at >= MAX_SESSIONS || size > MAX_CHARACTERS) && !open.has(id)) await deleteSession(id);
  }
}
