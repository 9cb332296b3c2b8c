// Links that hold all that the page shows, in the part of the address that a browser never sends: text and
// choices, compressed. A link comes from anywhere, so that nothing in it is taken on trust.

import type { Choices, ModePolicy, State } from "./app.ts";
import { defaultChoices, EXEMPTIONS, HARDENED, LABELS_MEANINGS } from "./choices.ts";

/** What a link begins with: a version, so that links of old stay readable when this changes. */
const PREFIX = "1.";
/** What a link may become when it is unpacked: as much as the page takes as text. */
const MAX_BYTES = 10_000_000;
const DEFAULT_FILE_NAME = "manifest.yaml";

/** What to say where `stateFromHash` gives null for an address that had something in it. */
export const UNREADABLE_LINK = "The link cannot be read: it is damaged, cut off, or made by something else.";

/** What a link holds: only what differs from what the page begins with. */
interface Packed {
  t: string;
  n?: string;
  c?: Partial<Choices>;
}

/** The link that opens the page at `base` with this state. */
export async function linkTo(state: State, base: string): Promise<string> {
  const packed: Packed = { t: state.text };
  if (state.fileName !== DEFAULT_FILE_NAME) packed.n = state.fileName;
  const choices = unusual(state.choices);
  if (Object.keys(choices).length > 0) packed.c = choices;
  const bytes = await pump(new TextEncoder().encode(JSON.stringify(packed)), new CompressionStream("deflate"));
  return `${base.replace(/#.*$/s, "")}#${PREFIX}${toBase64Url(bytes)}`;
}

/** What a link holds; null if the hash is none of this page's links, or damaged. */
export async function stateFromHash(hash: string): Promise<State | null> {
  const body = hash.replace(/^#/, "");
  if (!body.startsWith(PREFIX)) return null;
  try {
    // Not the bare deflate: this one ends with a checksum, without which a damaged link could be read as
    // something else in silence.
    const stream = new DecompressionStream("deflate");
    const bytes = await pump(fromBase64Url(body.slice(PREFIX.length)), stream, MAX_BYTES);
    return stateFrom(JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)));
  } catch {
    return null;
  }
}

/** The choices that are not as the page begins with. */
function unusual(choices: Choices): Partial<Choices> {
  const defaults = defaultChoices();
  const entries = Object.entries(choices).filter(
    ([key, value]) => JSON.stringify(value) !== JSON.stringify(defaults[key as keyof Choices]),
  );
  return Object.fromEntries(entries);
}

async function pump(bytes: Uint8Array<ArrayBuffer>, through: GenericTransformStream, limit = Infinity): Promise<Uint8Array<ArrayBuffer>> {
  const reader = new Blob([bytes]).stream().pipeThrough<Uint8Array<ArrayBuffer>>(through).getReader();
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.length;
    if (length > limit) {
      // A few bytes can unpack to any number of them.
      await reader.cancel();
      throw new RangeError("too big");
    }
    chunks.push(value);
  }
  return new Uint8Array(await new Blob(chunks).arrayBuffer());
}

function toBase64Url(bytes: Uint8Array): string {
  let binary = "";
  // In pieces: a function takes only so many arguments.
  for (let at = 0; at < bytes.length; at += 0x2000) binary += String.fromCharCode(...bytes.subarray(at, at + 0x2000));
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

function fromBase64Url(text: string): Uint8Array<ArrayBuffer> {
  if (!/^[A-Za-z0-9_-]*$/.test(text)) throw new TypeError("not base64url");
  return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (unit) => unit.charCodeAt(0));
}

// --- What was unpacked, field by field ---

type Fields = Record<string, unknown>;

const isFields = (value: unknown): value is Fields => typeof value === "object" && value !== null && !Array.isArray(value);
const isText = (value: unknown): value is string => typeof value === "string";

function stateFrom(value: unknown): State | null {
  if (!isFields(value) || !isText(value["t"])) return null;
  return { text: value["t"], fileName: fileNameFrom(value["n"]), choices: choicesFrom(value["c"]) };
}

/** A name without a path: it becomes that of a download. */
function fileNameFrom(value: unknown): string {
  return isText(value) && /^[^/\\\p{Cc}]{1,255}$/u.test(value) ? value : DEFAULT_FILE_NAME;
}

function choicesFrom(value: unknown): Choices {
  const defaults = defaultChoices();
  if (!isFields(value)) return defaults;
  const exemptions = isFields(value["exemptions"]) ? value["exemptions"] : {};
  return {
    modes: oneOf(value["modes"], ["alike", "each"], defaults.modes),
    enforce: policyFrom(value["enforce"], defaults.enforce),
    audit: policyFrom(value["audit"], defaults.audit),
    warn: policyFrom(value["warn"], defaults.warn),
    exemptions: {
      ...defaults.exemptions,
      ...Object.fromEntries(EXEMPTIONS.map((name) => [name, namesFrom(exemptions[name], [])])),
    },
    // Links of old have a flag for it, for there was one other meaning.
    labels: oneOf(value["labels"], LABELS_MEANINGS, value["honorLabels"] === true ? "honor" : defaults.labels),
    labelTypos: oneOf(value["labelTypos"], ["", "ignore", "warn"], defaults.labelTypos),
    enforceWorkloads: flagFrom(value["enforceWorkloads"], defaults.enforceWorkloads),
    allowExisting: flagFrom(value["allowExisting"], defaults.allowExisting),
    harden: namesFrom(value["harden"], []).filter((name) => HARDENED.includes(name)),
    more: isText(value["more"]) ? value["more"] : defaults.more,
    namespace: isText(value["namespace"]) ? value["namespace"] : defaults.namespace,
    namespaceLabels: labelsFrom(value["namespaceLabels"], defaults.namespaceLabels),
    user: isText(value["user"]) ? value["user"] : defaults.user,
    groups: namesFrom(value["groups"], defaults.groups),
    admission: oneOf(value["admission"], ["builtIn", "kubewarden"], defaults.admission),
  };
}

function oneOf<T extends string>(value: unknown, allowed: readonly T[], otherwise: T): T {
  return allowed.find((one) => one === value) ?? otherwise;
}

function policyFrom(value: unknown, otherwise: ModePolicy): ModePolicy {
  if (!isFields(value)) return otherwise;
  const version = value["version"];
  return {
    level: oneOf(value["level"], ["privileged", "baseline", "restricted"], otherwise.level),
    version: isText(version) && /^(latest|v1\.(0|[1-9]\d{0,2}))$/.test(version) ? version : otherwise.version,
  };
}

function flagFrom(value: unknown, otherwise: boolean): boolean {
  return typeof value === "boolean" ? value : otherwise;
}

function namesFrom(value: unknown, otherwise: string[]): string[] {
  return Array.isArray(value) ? value.filter(isText) : otherwise;
}

function labelsFrom(value: unknown, otherwise: Record<string, string>): Record<string, string> {
  if (!isFields(value)) return otherwise;
  return Object.fromEntries(Object.entries(value).filter((entry): entry is [string, string] => isText(entry[1])));
}
