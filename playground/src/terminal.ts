// The terminal: the exact output of kubectl.

import type { App, Report } from "./app.ts";
import { button, copy, fill, h, newId } from "./ui.ts";

/** The command that applies files with these names. */
function commandOf(names: readonly string[]): string {
  const quoted = names.map((name) => (/^[\w.][\w.,:@%+=-]*$/.test(name) ? name : `'${name.replaceAll("'", "'\\''")}'`));
  return `kubectl apply ${quoted.map((name) => `-f ${name}`).join(" ")}`;
}

export interface Terminal {
  show(report: Report): void;
}

export function mountTerminal(host: HTMLElement, app: App): Terminal {
  const titleId = newId("terminal");
  const output = h("pre", { class: "terminal-text", tabindex: 0, "aria-labelledby": titleId, role: "region" });
  const name = newId("admission");
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

  return {
    show(report) {
      lines = report.terminal.map((line) => line.text).join("\n");
      fill(
        output,
        h("span", { class: "terminal-prompt" }, `$ ${commandOf(app.state.files.map(({ name }) => name))}\n`),
        report.terminal.map((line) => h("span", { class: classOf(line.stream, line.text) }, `${line.text}\n`)),
      );
    },
  };
}

function classOf(stream: "output" | "error", text: string): string {
  if (stream === "output") return "terminal-output";
  return text.startsWith("Warning:") ? "terminal-warning" : "terminal-error";
}
