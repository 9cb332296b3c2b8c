// The syntax highlighting of YAML in the editor. It reads only the visible lines, one by one, which is enough to distinguish
// keys, values and comments, and much smaller than a parser. The core parses the text.

import { type Extension, RangeSetBuilder, type Text } from "@codemirror/state";
import { Decoration, type DecorationSet, type EditorView, ViewPlugin, type ViewUpdate } from "@codemirror/view";

/** The constructs that continue after the end of a line. */
export interface LineState {
  /** The quote of a string that continues in the next line; empty outside a string. */
  quote: string;
  /** The column beyond which a block scalar is indented; -1 outside a block scalar. */
  block: number;
  /** The number of open brackets. */
  depth: number;
}

export type TokenKind = "key" | "string" | "number" | "comment" | "meta" | "punctuation";

export const initialLineState = (): LineState => ({ quote: "", block: -1, depth: 0 });

const NUMBER = /^[-+]?(0x[\da-f]+|0o?[0-7]+|(\d[\d_]*)?\.?\d+(e[-+]?\d+)?|\.inf|\.nan)$/i;
const WORD = /^(true|false|yes|no|on|off|null|~)$/i;

/** Reads one line, calls `token` for each of its tokens, and returns the state after it. */
export function readLine(text: string, before: LineState, token: (from: number, to: number, kind: TokenKind) => void): LineState {
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
      token(at, at + 1, "punctuation");
      open.depth += 1;
      at += 1;
    } else if (open.depth > 0 && "]},".includes(char)) {
      token(at, at + 1, "punctuation");
      if (char !== ",") open.depth -= 1;
      at += 1;
    } else if ("-?:".includes(char) && /\s|^$/.test(text.charAt(at + 1))) {
      token(at, at + 1, "punctuation");
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
      // In a list the scalar is indented relative to the key, not to the dash.
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

/** The offset after the quote that ends a string; -1 if the string continues. */
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

const DECORATIONS: Record<TokenKind, Decoration> = {
  key: Decoration.mark({ class: "tok-key" }),
  string: Decoration.mark({ class: "tok-string" }),
  number: Decoration.mark({ class: "tok-number" }),
  comment: Decoration.mark({ class: "tok-comment" }),
  meta: Decoration.mark({ class: "tok-meta" }),
  punctuation: Decoration.mark({ class: "tok-punctuation" }),
};

/** The number of lines above the visible ones that are read for their state; block scalars are hardly longer. */
const CONTEXT_LINES = 1500;

/** Longer lines are highlighted up to this column. */
const MAX_LINE = 5000;

/** The states before the lines of a document, as far as they were read. */
class LineStates {
  /** The number of the first line whose state is known. */
  #first = 1;
  #states: LineState[] = [initialLineState()];

  /** Forgets the states below a line that has changed. */
  cut(line: number): void {
    if (line < this.#first) [this.#first, this.#states] = [1, [initialLineState()]];
    else this.#states.length = Math.min(this.#states.length, line - this.#first + 1);
  }

  /** Calls `token` for the tokens of lines, with offsets in the document. */
  read(doc: Text, first: number, last: number, token: (from: number, to: number, kind: TokenKind) => void): void {
    let number = Math.min(first, this.#first + this.#states.length - 1);
    if (number < this.#first || first - number > CONTEXT_LINES) {
      number = Math.max(1, first - CONTEXT_LINES);
      [this.#first, this.#states] = [number, [initialLineState()]];
    }
    let start = doc.line(number).from;
    let state = this.#states[number - this.#first] ?? initialLineState();
    for (const lines = doc.iterLines(number, last + 1); !lines.next().done; number += 1) {
      const { value } = lines;
      const from = start;
      state = readLine(value.length > MAX_LINE ? value.slice(0, MAX_LINE) : value, state, (tokenFrom, tokenTo, kind) => {
        if (number >= first && tokenTo > tokenFrom) token(from + tokenFrom, from + tokenTo, kind);
      });
      this.#states[number + 1 - this.#first] = state;
      start += value.length + 1;
    }
  }
}

function highlighting(view: EditorView, states: LineStates): DecorationSet {
  const { doc } = view.state;
  const builder = new RangeSetBuilder<Decoration>();
  for (const { from, to } of view.visibleRanges) {
    states.read(doc, doc.lineAt(from).number, doc.lineAt(to).number, (start, end, kind) => builder.add(start, end, DECORATIONS[kind]));
  }
  return builder.finish();
}

export const yamlHighlighting: Extension = ViewPlugin.fromClass(
  class {
    decorations: DecorationSet;
    #states = new LineStates();
    constructor(view: EditorView) {
      this.decorations = highlighting(view, this.#states);
    }
    update(update: ViewUpdate): void {
      if (!update.docChanged && !update.viewportChanged) return;
      let first = Infinity;
      update.changes.iterChangedRanges((from) => (first = Math.min(first, from)));
      if (first < Infinity) this.#states.cut(update.startState.doc.lineAt(first).number);
      this.decorations = highlighting(update.view, this.#states);
    }
  },
  { decorations: (plugin) => plugin.decorations },
);
