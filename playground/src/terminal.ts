// The terminal: the exact output of kubectl.

import type { TerminalLine } from "../engine/pkg/engine.js";
import type { App, Report } from "./app.ts";
import { button, copy, h, newId } from "./ui.ts";

/** The command that applies files with these names. */
function commandOf(names: readonly string[]): string {
  const quoted = names.map((name) => (/^[\w.][\w.,:@%+=-]*$/.test(name) ? name : `'${name.replaceAll("'", "'\\''")}'`));
  return `kubectl apply ${quoted.map((name) => `-f ${name}`).join(" ")}`;
}

/** How many lines are added in one task. */
const MAX_LINES_OF_TASK = 100;

export interface Terminal {
  show(report: Report): void;
}

export function mountTerminal(host: HTMLElement, app: App): Terminal {
  const titleId = newId("terminal");
  const output = h("pre", { class: "terminal-text", tabindex: 0, "aria-labelledby": titleId, role: "region" });
  const name = newId("admission");
  const prompt = h("span", { class: "terminal-line terminal-prompt" });
  let lines = "";

  const admissions = (["builtIn", "kubewarden"] as const).map((value) => {
    const input = h("input", { type: "radio", name, value, onChange: () => app.choose({ admission: value }) });
    return { input, label: h("label", {}, input, value === "builtIn" ? "Built-in" : "Kubewarden") };
  });
  const showAdmission = (): void => {
    for (const { input } of admissions) input.checked = input.value === app.state.choices.admission;
  };
  showAdmission();
  app.onState(showAdmission);

  host.append(
    h(
      "div",
      { class: "pane-head" },
      h("h2", { id: titleId }, "Output of kubectl"),
      h(
        "div",
        { class: "pane-tools" },
        h(
          "fieldset",
          { class: "segments segments-small" },
          h("legend", { class: "visually-hidden" }, "Admission"),
          admissions.map(({ label }) => label),
        ),
        button("Copy", async () => app.announce((await copy(lines)) ? "Copied the output of kubectl." : "The browser does not allow copying."), {
          small: true,
          icon: "copy",
          name: "Copy the output of kubectl",
        }),
      ),
    ),
    output,
  );

  /** The lines that are shown, and the generation of the report that still adds lines. */
  let shown: { line: TerminalLine; element: HTMLElement }[] = [];
  let generation = 0;

  /** Adds elements of lines in several tasks, so that none is long. */
  function insert(lines: readonly TerminalLine[], at: number, own: number): void {
    if (own !== generation) return;
    const elements = lines.slice(0, MAX_LINES_OF_TASK).map((line) => ({
      line,
      element: h("span", { class: `terminal-line ${classOf(line.stream, line.text)}` }, `${line.text}\n`),
    }));
    (shown[at - 1]?.element ?? prompt).after(...elements.map(({ element }) => element));
    shown.splice(at, 0, ...elements);
    const rest = lines.slice(MAX_LINES_OF_TASK);
    if (rest.length) setTimeout(() => insert(rest, at + elements.length, own));
  }

  return {
    show(report) {
      generation += 1;
      const next = report.terminal;
      lines = next.map((line) => line.text).join("\n");
      prompt.textContent = `$ ${commandOf(app.state.files.map(({ name }) => name))}\n`;
      if (!prompt.isConnected) output.append(prompt);
      const isSame = (at: number, of: number): boolean => {
        const [a, b] = [shown[at]?.line, next[of]];
        return a !== undefined && b !== undefined && a.text === b.text && a.stream === b.stream;
      };
      // Only the lines that differ are replaced: usually none or a few.
      let start = 0;
      while (isSame(start, start)) start += 1;
      let end = 0;
      while (end < Math.min(shown.length, next.length) - start && isSame(shown.length - 1 - end, next.length - 1 - end)) end += 1;
      for (const { element } of shown.splice(start, shown.length - end - start)) element.remove();
      if (next.length - end > start) insert(next.slice(start, next.length - end), start, generation);
    },
  };
}

function classOf(stream: "output" | "error", text: string): string {
  if (stream === "output") return "terminal-output";
  return text.startsWith("Warning:") ? "terminal-warning" : "terminal-error";
}
