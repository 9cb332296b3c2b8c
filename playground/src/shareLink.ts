// Share links: the text and the choices, compressed, in the fragment of the address, which a browser does not send. A link
// is untrusted input, so each of its fields is validated.

import type { Choices, ModePolicy, State } from "./app.ts";
import { defaultChoices, EXEMPTIONS, HARDENING_CHECKS, NAMESPACE_LABELS_VALUES } from "./choices.ts";

/** The version of the format, with which the fragment begins. */
const PREFIX = "1.";
/** The limit of the decompressed state, which is that of the text. */
const MAX_BYTES = 10_000_000;
const DEFAULT_FILE_NAME = "manifest.yaml";

/** The message for a fragment for which `stateFromHash` returns null. */
export const INVALID_LINK = "The link is invalid: it is damaged, incomplete or not from this page.";

/** The content of a link, without values that are the default. */
interface Packed {
  t: string;
  n?: string;
  c?: Partial<Choices>;
}

/** The link to the page at `base` with this state. */
export async function linkTo(state: State, base: string): Promise<string> {
  const packed: Packed = { t: state.text };
  if (state.fileName !== DEFAULT_FILE_NAME) packed.n = state.fileName;
  const choices = nonDefault(state.choices);
  if (Object.keys(choices).length > 0) packed.c = choices;
  const bytes = await transform(new TextEncoder().encode(JSON.stringify(packed)), new CompressionStream("deflate"));
  return `${base.replace(/#.*$/s, "")}#${PREFIX}${toBase64Url(bytes)}`;
}

/** The state in a fragment; null if it is damaged or not from this page. */
export async function stateFromHash(hash: string): Promise<State | null> {
  const body = hash.replace(/^#/, "");
  if (!body.startsWith(PREFIX)) return null;
  try {
    // Not `deflate-raw`: this format ends with a checksum, which detects damaged links.
    const stream = new DecompressionStream("deflate");
    const bytes = await transform(fromBase64Url(body.slice(PREFIX.length)), stream, MAX_BYTES);
    return stateFrom(JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)));
  } catch {
    return null;
  }
}

/** The choices that differ from the default. */
function nonDefault(choices: Choices): Partial<Choices> {
  const defaults = defaultChoices();
  const entries = Object.entries(choices).filter(
    ([key, value]) => JSON.stringify(value) !== JSON.stringify(defaults[key as keyof Choices]),
  );
  return Object.fromEntries(entries);
}

async function transform(bytes: Uint8Array<ArrayBuffer>, through: GenericTransformStream, limit = Infinity): Promise<Uint8Array<ArrayBuffer>> {
  const reader = new Blob([bytes]).stream().pipeThrough<Uint8Array<ArrayBuffer>>(through).getReader();
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.length;
    if (length > limit) {
      // A few bytes can decompress to very many.
      await reader.cancel();
      throw new RangeError("too large");
    }
    chunks.push(value);
  }
  return new Uint8Array(await new Blob(chunks).arrayBuffer());
}

function toBase64Url(bytes: Uint8Array): string {
  let binary = "";
  // In chunks, because the number of arguments is limited.
  for (let at = 0; at < bytes.length; at += 0x2000) binary += String.fromCharCode(...bytes.subarray(at, at + 0x2000));
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

function fromBase64Url(text: string): Uint8Array<ArrayBuffer> {
  if (!/^[A-Za-z0-9_-]*$/.test(text)) throw new TypeError("not base64url");
  return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (unit) => unit.charCodeAt(0));
}

// --- Validation of the decompressed state, field by field ---

type Fields = Record<string, unknown>;

const isFields = (value: unknown): value is Fields => typeof value === "object" && value !== null && !Array.isArray(value);
const isText = (value: unknown): value is string => typeof value === "string";

function stateFrom(value: unknown): State | null {
  if (!isFields(value) || !isText(value["t"])) return null;
  return { text: value["t"], fileName: fileNameFrom(value["n"]), choices: choicesFrom(value["c"]) };
}

/** A name without a path, because downloads use it. */
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
    // Older links contain the flag `honorLabels` instead.
    labels: oneOf(value["labels"], NAMESPACE_LABELS_VALUES, value["honorLabels"] === true ? "honor" : defaults.labels),
    labelTypos: oneOf(value["labelTypos"], ["", "ignore", "warn"], defaults.labelTypos),
    enforceWorkloads: flagFrom(value["enforceWorkloads"], defaults.enforceWorkloads),
    allowExisting: flagFrom(value["allowExisting"], defaults.allowExisting),
    harden: namesFrom(value["harden"], []).filter((name) => HARDENING_CHECKS.includes(name)),
    more: isText(value["more"]) ? value["more"] : defaults.more,
    namespace: isText(value["namespace"]) ? value["namespace"] : defaults.namespace,
    namespaceLabels: labelsFrom(value["namespaceLabels"], defaults.namespaceLabels),
    user: isText(value["user"]) ? value["user"] : defaults.user,
    groups: namesFrom(value["groups"], defaults.groups),
    admission: oneOf(value["admission"], ["builtIn", "kubewarden"], defaults.admission),
  };
}

function oneOf<T extends string>(value: unknown, allowed: readonly T[], fallback: T): T {
  return allowed.find((one) => one === value) ?? fallback;
}

function policyFrom(value: unknown, fallback: ModePolicy): ModePolicy {
  if (!isFields(value)) return fallback;
  const version = value["version"];
  return {
    level: oneOf(value["level"], ["privileged", "baseline", "restricted"], fallback.level),
    version: isText(version) && /^(latest|v1\.(0|[1-9]\d{0,2}))$/.test(version) ? version : fallback.version,
  };
}

function flagFrom(value: unknown, fallback: boolean): boolean {
  return typeof value === "boolean" ? value : fallback;
}

function namesFrom(value: unknown, fallback: string[]): string[] {
  return Array.isArray(value) ? value.filter(isText) : fallback;
}

function labelsFrom(value: unknown, fallback: Record<string, string>): Record<string, string> {
  if (!isFields(value)) return fallback;
  return Object.fromEntries(Object.entries(value).filter((entry): entry is [string, string] => isText(entry[1])));
}
