// The texts of the examples, and the dialog that lists them.

import type { App, State } from "./app.ts";
import { EXAMPLES, type Example, exampleById, FIRST } from "./examples.ts";
import { dialog, h } from "./ui.ts";

const TEXTS = import.meta.glob<string>("./examples/*.yaml", { query: "?raw", import: "default", eager: true });

/** Whether a text is that of an example. */
export const isExample = (text: string): boolean => Object.values(TEXTS).includes(text);

export function stateOf(example: Example): State {
  return {
    files: [{ name: example.file, text: TEXTS[`./examples/${example.file}`] ?? "" }],
    active: 0,
    choices: structuredClone(example.choices),
  };
}

/** The state that the page begins with. */
export function firstState(): State {
  return stateOf(exampleById(FIRST) as Example);
}

export function openExamples(app: App): void {
  const { close } = dialog(
    "Examples",
    [
      h("p", { class: "muted" }, "An example replaces the files and the settings. Undo restores them."),
      EXAMPLES.map((group) =>
        h(
          "section",
          { class: "examples" },
          h("h3", {}, group.title),
          h(
            "ul",
            {},
            group.examples.map((example) =>
              h(
                "li",
                {},
                h(
                  "button",
                  {
                    type: "button",
                    class: "example",
                    "data-example": example.id,
                    onClick: () => {
                      close();
                      app.replace(stateOf(example));
                      app.announce(`Loaded the example: ${example.title}.`);
                    },
                  },
                  h("span", { class: "example-title" }, example.title),
                  h("span", { class: "example-description" }, example.description),
                ),
              ),
            ),
          ),
        ),
      ),
    ],
    { wide: true },
  );
}
