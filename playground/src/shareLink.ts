// Share links: the files and the choices, compressed, in the fragment of the address, which a browser does not send.

import type { Choices, ManifestFile, State } from "./app.ts";
import { defaultChoices } from "./choices.ts";
import { choicesFrom, DEFAULT_FILE_NAME, filesFrom, indexFrom, isFields, isText } from "./validation.ts";

/** The version of the format, with which the fragment begins. */
const PREFIX = "1.";
/** The limit of the decompressed state, which is that of the text. */
const MAX_BYTES = 10_000_000;

/** The message for a fragment for which `stateFromHash` returns null. */
export const INVALID_LINK = "The link is invalid: it is damaged, incomplete or not from this page.";

/** The content of a link, without values that are the default. */
interface Packed {
  /** The text and the name of a single file. */
  t?: string;
  n?: string;
  /** Several files, each as its name and its text, and the index of the file in the editor. */
  f?: [string, string][];
  a?: number;
  c?: Partial<Choices>;
}

/** The link to the page at `base` with this state. */
export async function linkTo(state: State, base: string): Promise<string> {
  const packed: Packed = {};
  const [first, ...others] = state.files as [ManifestFile, ...ManifestFile[]];
  if (others.length > 0) {
    packed.f = state.files.map(({ name, text }) => [name, text]);
    if (state.active > 0) packed.a = state.active;
  } else {
    packed.t = first.text;
    if (first.name !== DEFAULT_FILE_NAME) packed.n = first.name;
  }
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

/** The state in a link, which is untrusted input. Earlier versions wrote only single files. */
function stateFrom(value: unknown): State | null {
  if (!isFields(value)) return null;
  const { t: text, n: name, f: list, a: active, c: choices } = value;
  const entries = isText(text) ? [[name, text]] : list;
  const files = filesFrom(Array.isArray(entries) ? entries.map((entry) => (Array.isArray(entry) ? { name: entry[0], text: entry[1] } : null)) : null);
  return files && { files, active: indexFrom(active, files), choices: choicesFrom(choices) };
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
