// The text of a file: its bytes as UTF-8.

/** Bytes that are no text; the message is shown. */
export class TextError extends Error {}

/**
 * @param name how messages name the file
 * @throws TextError if the bytes are not text in UTF-8
 */
export function textFrom(bytes: BufferSource, name: string): string {
  let text;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new TextError(`${name} cannot be opened: it is not text in UTF-8.`);
  }
  if (text.includes("\0")) throw new TextError(`${name} cannot be opened: it is not a text file.`);
  return text;
}
