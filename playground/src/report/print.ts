// The report on paper: all findings as a plain list, which is on the page while it is printed only.

import { append, h } from "../ui.ts";

/** The part of the report in JSON that is printed; docs/output-formats.md describes it. */
export interface JsonReport {
  documents: {
    file: string;
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
  summary: { judged: number; rejected: number; unjudged: number };
}

/** Prints a report. `command` is printed as its settings. */
export function printReport({ documents, summary: { judged, rejected, unjudged } }: JsonReport, command: string): void {
  const page = h(
    "section",
    { class: "printed-report" },
    h("h1", null, `Pod Security Standards: ${rejected} of ${judged} pods and workloads rejected`, unjudged > 0 && `, ${unjudged} not judged`),
    h("p", null, h("code", null, command)),
  );
  for (const { file, kind, namespace, name, problems } of documents) {
    const counted = problems.filter(({ state }) => state === "new");
    if (counted.length === 0) continue;
    append(page, [
      h("h2", null, file, kind && `: ${kind} `, kind && [namespace, name].filter(Boolean).join("/")),
      h(
        "ul",
        null,
        counted.map(({ rule, severity, message, help, range }) =>
          h("li", null, range && `Line ${range.start.line}, `, `${severity} `, h("strong", null, rule), `: ${message}`, help && h("p", null, help)),
        ),
      ),
    ]);
  }
  document.body.append(page);
  window.addEventListener("afterprint", () => page.remove(), { once: true });
  window.print();
}
