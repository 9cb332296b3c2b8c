// The report on paper: all findings as a plain list, which is on the page while it is printed only.

import { append, h } from "../ui.ts";

/** The part of the report in JSON that is printed; docs/output-formats.md describes it. */
export interface JsonReport {
  documents: {
    file: string;
    document: number | null;
    kind: string | null;
    namespace: string | null;
    name: string | null;
    problems: {
      rule: string;
      severity: string;
      state: string;
      message: string;
      help: string | null;
      range: { start: { line: number } } | null;
    }[];
  }[];
  summary: Record<string, number>;
}

/** Prints a report. `command` is printed as its settings. */
export function printReport({ documents, summary }: JsonReport, command: string): void {
  const counts = ["judged", "rejected", "violations", "warnings", "excepted", "exempt", "invalid", "unjudged"];
  const page = h(
    "section",
    { class: "printed-report" },
    h("h1", null, "Pod Security Standards"),
    h("p", null, h("code", null, command)),
    h("p", null, counts.flatMap((name) => (summary[name] ? `${summary[name]} ${name === "unjudged" ? "not judged" : name}` : [])).join(", ") || "Nothing was judged."),
  );
  let file: string | null = null;
  for (const document of documents) {
    const problems = document.problems.filter(({ state }) => state === "new");
    if (problems.length === 0) continue;
    if (document.file !== file) page.append(h("h2", null, (file = document.file)));
    const { kind, namespace, name } = document;
    const object = [kind, [namespace, name].filter(Boolean).join("/")].filter(Boolean).join(" ");
    append(page, [
      h("h3", null, object || (document.document === null ? "The file" : `Document ${document.document + 1}`)),
      h(
        "ul",
        null,
        problems.map(({ rule, severity, message, help, range }) =>
          h("li", null, range && `Line ${range.start.line}: `, h("strong", null, rule), severity !== "error" && ` (${severity})`, `: ${message}`, help && h("div", null, `Fix: ${help}`)),
        ),
      ),
    ]);
  }
  document.body.append(page);
  window.addEventListener("afterprint", () => page.remove(), { once: true });
  window.print();
}
