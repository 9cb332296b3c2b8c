// The request of a manifest from another server: without credentials, referrer and redirects, with limits of size and time.

import { textFrom, TextError } from "../fileText.ts";

/** The limit of the engine. */
const MAX_BYTES = 10_000_000;
/** The time limit of a request, in milliseconds. */
const TIMEOUT = 20_000;

/** A request without a manifest as its result; the message is shown. */
export class RequestError extends Error {}

const STATUS_TEXTS: Record<number, string> = {
  401: "the file is not public",
  403: "the file is not public, or there were too many requests",
  404: "there is no such file, or it is not public",
  410: "there is no such file any more",
  429: "there were too many requests",
};

/**
 * The text at a URL.
 * @throws RequestError if there is no answer, the server does not allow the request, or the answer is not a text
 */
export async function requestText(url: URL, closed: AbortSignal): Promise<string> {
  const ended = new AbortController();
  const timer = setTimeout(() => ended.abort(), TIMEOUT);
  closed.addEventListener("abort", () => ended.abort());
  const { host } = url;
  try {
    const response = await fetch(url, {
      credentials: "omit",
      referrerPolicy: "no-referrer",
      cache: "no-store",
      // A redirect would be a request to a server that the person did not agree to.
      redirect: "manual",
      signal: ended.signal,
    });
    if (response.type === "opaqueredirect") throw new RequestError(`${host} redirects to another URL, which the page does not request.`);
    if (!response.ok) {
      throw new RequestError(`${host} answers with status ${response.status}: ${STATUS_TEXTS[response.status] ?? "it does not return the file"}.`);
    }
    const type = response.headers.get("content-type") ?? "";
    if (/^(image|audio|video|font)\//i.test(type)) throw new RequestError(`It is not a text file, but ${type.replace(/[;\s].*/s, "")}.`);
    const text = textFrom(await bytesOf(response), "It");
    if (/^text\/html|^application\/xhtml/i.test(type) || /^\s*(<!doctype\s+html|<html[\s>])/i.test(text)) {
      throw new RequestError("It is a web page (HTML), not a manifest. Enter the URL of the file itself, which is often called raw.");
    }
    if (text.trim() === "") throw new RequestError("The file is empty.");
    return text;
  } catch (error) {
    if (error instanceof RequestError) throw error;
    if (error instanceof TextError) throw new RequestError(error.message);
    if (ended.signal.aborted) throw new RequestError(`${host} did not return the file within ${TIMEOUT / 1000} seconds.`);
    if (!navigator.onLine) throw new RequestError("There is no network.");
    // The browser does not tell the two apart.
    throw new RequestError(`${host} cannot be reached, or does not allow other pages to read the file (CORS).`);
  } finally {
    clearTimeout(timer);
    // Ends an answer that was not read to its end.
    ended.abort();
  }
}

async function bytesOf(response: Response): Promise<Uint8Array<ArrayBuffer>> {
  const tooLarge = new RequestError(`The file is too large: the limit is ${MAX_BYTES / 1_000_000} MB.`);
  if (Number(response.headers.get("content-length")) > MAX_BYTES) throw tooLarge;
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  const reader = response.body?.getReader();
  for (;;) {
    const { done, value } = (await reader?.read()) ?? { done: true, value: undefined };
    if (done || !value) return new Uint8Array(await new Blob(parts).arrayBuffer());
    length += value.length;
    // Without a declared length, and for compressed answers, whose declared length is that of the compressed bytes.
    if (length > MAX_BYTES) throw tooLarge;
    parts.push(value);
  }
}
