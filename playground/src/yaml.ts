// The colours of YAML in the editor. Only what is seen is read, line by line: enough to tell keys, values and
// comments apart, at a fraction of the weight of a parser. What the text means, the core decides.

import { type Extension, RangeSetBuilder } from "@codemirror/state";
import { Decoration, type DecorationSet, type EditorView, ViewPlugin, type ViewUpdate } from "@codemirror/view";

/** What of a line is left open at its end. */
export interface Open {
  /** The quote of a text that goes on in the next line. */
  quote: string;
  /** The column that a block of text is indented beyond; -1 outside of one. */
  block: number;
  /** How many brackets are open. */
  depth: number;
}

export type TokenKind = "key" | "string" | "number" | "comment" | "meta" | "mark";

export const start = (): Open => ({ quote: "", block: -1, depth: 0 });

const NUMBER = /^[-+]?(0x[\da-f]+|0o?[0-7]+|(\d[\d_]*)?\.?\d+(e[-+]?\d+)?|\.inf|\.nan)$/i;
const WORD = /^(true|false|yes|no|on|off|null|~)$/i;

/** Reads one line, tells its tokens, and gives what is open behind it. */
export function readLine(text: string, before: Open, token: (from: number, to: number, kind: TokenKind) => void): Open {
  const open = { ...before };
  const indent = text.search(/\S/);
  if (open.block >= 0) {
    if (indent < 0) return open;
    if (indent > open.block) {
      token(indent, text.length, "string");
      return open;
    }
    open.block = -1;
  }
  let at = 0;
  if (!open.quote && /^(---|\.\.\.)(\s|$)/.test(text)) {
    token(0, 3, "meta");
    at = 3;
    open.depth = 0;
  } else if (!open.quote && text.startsWith("%")) {
    token(0, text.length, "meta");
    return open;
  }
  let column = Math.max(indent, 0);

  while (at < text.length) {
    const char = text.charAt(at);
    if (open.quote) {
      const end = endOfQuote(text, at, open.quote);
      token(at, end < 0 ? text.length : end, "string");
      if (end < 0) return open;
      open.quote = "";
      at = end;
    } else if (/\s/.test(char)) {
      at += 1;
    } else if (char === "#" && (at === 0 || /\s/.test(text.charAt(at - 1)))) {
      token(at, text.length, "comment");
      return open;
    } else if ("[{".includes(char)) {
      token(at, at + 1, "mark");
      open.depth += 1;
      at += 1;
    } else if (open.depth > 0 && "]},".includes(char)) {
      token(at, at + 1, "mark");
      if (char !== ",") open.depth -= 1;
      at += 1;
    } else if ("-?:".includes(char) && /\s|^$/.test(text.charAt(at + 1))) {
      token(at, at + 1, "mark");
      at += 1;
      if (char === "-") column = at + Math.max(text.slice(at).search(/\S/), 0);
    } else if ("&*!".includes(char)) {
      const end = at + (/^[^\s,[\]{}]+/.exec(text.slice(at))?.[0].length ?? 1);
      token(at, end, "meta");
      at = end;
    } else if (char === '"' || char === "'") {
      const end = endOfQuote(text, at + 1, char);
      if (end < 0) {
        token(at, text.length, "string");
        open.quote = char;
        return open;
      }
      const key = /^\s*:(\s|$)/.test(text.slice(end)) || (open.depth > 0 && text.charAt(end) === ":");
      token(at, end, key ? "key" : "string");
      if (key) column = at;
      at = end;
    } else if (open.depth === 0 && /^[|>][-+\d]*\s*(#.*)?$/.test(text.slice(at))) {
      token(at, at + 1, "meta");
      // In a list the text has to be indented beyond the key, not beyond the dash.
      open.block = /:\s*([&!]\S*\s+)*$/.test(text.slice(0, at)) ? column : Math.max(indent, 0);
      return open;
    } else {
      const plain = (open.depth > 0 ? /^.+?(?=\s#|:(\s|$|[,\]}])|[,\]}[{]|$)/ : /^.+?(?=\s#|:(\s|$)|$)/).exec(text.slice(at))?.[0] ?? char;
      const end = at + plain.length;
      const value = plain.trimEnd();
      if (text.charAt(end) === ":") {
        token(at, at + value.length, "key");
        column = at;
      } else if (NUMBER.test(value) || WORD.test(value)) {
        token(at, at + value.length, "number");
      }
      at = end;
    }
  }
  return open;
}

/** The place behind the quote that ends a text; -1 if it goes on. */
function endOfQuote(text: string, from: number, quote: string): number {
  for (let at = from; at < text.length; at += 1) {
    if (quote === '"' && text.charAt(at) === "\\") at += 1;
    else if (text.charAt(at) === quote) {
      if (quote === "'" && text.charAt(at + 1) === "'") at += 1;
      else return at + 1;
    }
  }
  return -1;
}

const MARKS: Record<TokenKind, Decoration> = {
  key: Decoration.mark({ class: "tok-key" }),
  string: Decoration.mark({ class: "tok-string" }),
  number: Decoration.mark({ class: "tok-number" }),
  comment: Decoration.mark({ class: "tok-comment" }),
  meta: Decoration.mark({ class: "tok-meta" }),
  mark: Decoration.mark({ class: "tok-mark" }),
};

/** How many lines above what is seen are read, for what they leave open; no text block is so long in earnest. */
const LOOK_BACK = 1500;

function colours(view: EditorView): DecorationSet {
  const { doc } = view.state;
  const builder = new RangeSetBuilder<Decoration>();
  for (const { from, to } of view.visibleRanges) {
    const first = doc.lineAt(from).number;
    const last = doc.lineAt(to).number;
    let open = start();
    for (let number = Math.max(1, first - LOOK_BACK); number <= last; number += 1) {
      const line = doc.line(number);
      // Nobody reads a line to its end that is longer than a page.
      const text = line.text.length > 5000 ? line.text.slice(0, 5000) : line.text;
      open = readLine(text, open, (start, end, kind) => {
        if (number >= first && end > start) builder.add(line.from + start, line.from + end, MARKS[kind]);
      });
    }
  }
  return builder.finish();
}

export const yamlColours: Extension = ViewPlugin.fromClass(
  class {
    decorations: DecorationSet;
    constructor(view: EditorView) {
      this.decorations = colours(view);
    }
    update(update: ViewUpdate): void {
      if (update.docChanged || update.viewportChanged) this.decorations = colours(update.view);
    }
  },
  { decorations: (plugin) => plugin.decorations },
);
