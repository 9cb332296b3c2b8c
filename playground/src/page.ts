// The page: puts its parts together, holds the state, and asks the core anew after each change.

import type { App, Choices, Report, State } from "./app.ts";
import { optionsFor } from "./choices.ts";
import { mountControls } from "./controls.ts";
import { openCatalogue } from "./dialogs/catalogue.ts";
import { openCompare } from "./dialogs/compare.ts";
import { openFixAll } from "./dialogs/fixAll.ts";
import { openPolicy } from "./dialogs/policy.ts";
import { createEditor } from "./editor.ts";
import { openExamples } from "./exampleTexts.ts";
import { mountFiles } from "./files.ts";
import { mountFindings, type Shown } from "./findings.ts";
import { createMarks, showMarks } from "./marks.ts";
import { keepOffline } from "./offline.ts";
import { mountSearch } from "./search.ts";
import { linkTo } from "./share.ts";
import { announce, at, engine, first, initial, stateFromAddress, verdicts } from "./start.ts";
import { mountTerminal } from "./terminal.ts";
import { themeSwitch } from "./theme.ts";
import { button, copy, dialog, fill, h, icon } from "./ui.ts";
import type { Fix } from "../core/pkg/core.js";

/** How long typing has to pause before it is judged. */
const PAUSE = 120;
/** How long it may be judged before the page says so; most texts take a hundredth of it. */
const SOON = 700;

/** What was asked for at the start, until something changes. */
let early: Promise<Report> | null = first;

// The state, and who wants to know of it.
let { fileName, choices }: { fileName: string; choices: Choices } = initial;
let report: Report | null = null;
let reportText = "";
/** Each document as it was when it could last be read, by its place. */
let readable = new Map<string, Shown["document"]>();
const reportListeners: ((report: Report) => void)[] = [];
const stateListeners: ((state: State) => void)[] = [];

const app: App = {
  engine,
  get state() {
    return { text: editor.text(), fileName, choices: structuredClone(choices) };
  },
  get report() {
    return report;
  },
  options: () => optionsFor(choices),
  setText(text, name) {
    if (name) {
      fileName = name;
      readable = new Map();
    }
    editor.setText(text);
    changed(0);
  },
  choose(some) {
    choices = { ...choices, ...structuredClone(some) };
    tellState();
    changed(0);
  },
  load(state) {
    choices = structuredClone(state.choices);
    fileName = state.fileName;
    readable = new Map();
    editor.setText(state.text);
    tellState();
    changed(0);
  },
  select: (range) => editor.select(range),
  openCheck: (id) => void openCatalogue(app, [id]),
  announce,
  onReport: (listener) => void reportListeners.push(listener),
  onState: (listener) => void stateListeners.push(listener),
};

function tellState(): void {
  const { state } = app;
  for (const listener of stateListeners) listener(state);
}

// The editor and its marks.
const marks = createMarks({
  render: (item) => findings.explain(item),
  say: (text) => (at("editor-says").textContent = text),
});
const editor = createEditor(at("editor"), initial.text, "editor-hint", () => changed(PAUSE), marks);

function applyFix(fix: Fix): void {
  // Its places are those of the text that was judged. A new report, with a new button, is on its way.
  if (editor.text() !== reportText) return announce("The text has just changed. Please press again.");
  // The explanation that it was pressed in goes away with the change.
  if (editor.view.dom.contains(document.activeElement)) editor.view.focus();
  editor.apply(fix);
  changed(0);
  announce(`Done: ${fix.title}.`);
}

// Evaluation: one at a time, always of the newest text.
let generation = 0;
let judging = false;
let timer: ReturnType<typeof setTimeout> | undefined;

function changed(pause: number): void {
  early = null;
  generation += 1;
  clearTimeout(timer);
  timer = setTimeout(() => void judge(), pause);
}

async function judge(): Promise<void> {
  if (judging) return;
  judging = true;
  const mine = generation;
  const text = editor.text();
  at("file-name").textContent = fileName;
  const waiting = setTimeout(() => verdicts.hold("Judging…"), SOON);
  try {
    const asked = early ?? engine.evaluate(text, app.options());
    early = null;
    const answer = await asked;
    // An answer to an old text is dropped: the newer one is asked about already, or soon will be.
    if (mine === generation) show(answer, text);
  } catch (error) {
    showTrouble(error);
  } finally {
    judging = false;
    clearTimeout(waiting);
    if (mine !== generation) {
      clearTimeout(timer);
      timer = setTimeout(() => void judge(), PAUSE);
    }
  }
}

function show(answer: Report, text: string): void {
  fill(at("trouble"));
  controls.showMistakes(answer.errors, answer.warnings);
  report = answer;
  if (answer.errors.length) {
    // Nothing was judged; what was judged before stays, marked as such.
    verdicts.show(answer, lastShown.map(({ document }) => document), true);
    findings.show(lastShown.map(({ document, stale }) => ({ document, stale: stale || "unjudged" })));
    tellReport(answer);
    return;
  }
  reportText = text;
  const known = readable;
  // Only of documents that are still there.
  readable = new Map();
  const shown: Shown[] = answer.documents.map((document) => {
    const key = `${document.index} ${document.item}`;
    const before = document.status === "invalid" ? known.get(key) : document;
    if (before && before.status !== "empty") readable.set(key, before);
    if (before === document || !before) return { document, stale: null };
    // What is wrong with it now, and what was found in it before.
    return { document: { ...before, range: document.range, status: "invalid", diagnostics: document.diagnostics }, stale: "unreadable" };
  });
  lastShown = shown;
  const stale = shown.some((own) => own.stale !== null);
  verdicts.show(answer, shown.map(({ document }) => document), stale);
  findings.show(shown);
  terminal.show(answer);
  showMarks(editor.view, answer, new Set(shown.flatMap((own, place) => (own.stale ? [place] : []))));
  tellReport(answer);
}

let lastShown: Shown[] = [];

function tellReport(answer: Report): void {
  for (const listener of reportListeners) listener(answer);
}

function showTrouble(error: unknown): void {
  const message = error instanceof Error ? error.message : String(error);
  verdicts.hold("There is no verdict.");
  fill(
    at("trouble"),
    h(
      "div",
      { class: "note note-error" },
      icon("error"),
      h("span", {}, `${message} `, h("button", { type: "button", class: "link", onClick: () => changed(0) }, "Try again")),
    ),
  );
}

// A call of the core that fails inside a dialog must be seen too.
window.addEventListener("unhandledrejection", (event) => {
  announce(event.reason instanceof Error ? event.reason.message : String(event.reason));
});

async function share(): Promise<void> {
  const link = await linkTo(app.state, location.href);
  if (await copy(link)) {
    announce(`Copied a link that holds the text and the settings (${link.length} characters). Nothing was sent.`);
    return;
  }
  const field = h("textarea", { class: "input code", rows: 6, readonly: true, "aria-label": "Link" });
  field.value = link;
  dialog("Share link", [h("p", {}, "Copying is not allowed here. This is the link:"), field], { focus: field });
  field.select();
}

let opening = false;

/** Opens a dialog once, however often its button is pressed until the core has answered what is in it. */
function open(opener: (app: App) => Promise<void>): void {
  if (opening) return;
  opening = true;
  void opener(app).finally(() => (opening = false));
}

// The parts.
const editorButtons = at("editor-buttons");
editorButtons.append(button("Examples", () => openExamples(app), { icon: "catalogue", id: "examples" }));
mountFiles(app, editorButtons, at("editor-pane"));
editorButtons.append(button("Share link", () => void share(), { icon: "link", id: "share" }));

const policyTools = h(
  "div",
  { class: "buttons" },
  button("Compare…", () => open(openCompare), { small: true, id: "compare" }),
  button("Policy", () => open(openPolicy), {
    small: true,
    id: "policy",
    title: "The ClusterAdmissionPolicy that judges as this page does",
  }),
);
const fixAll = button("Fix all…", () => open(openFixAll), { icon: "fix", small: true, id: "fix-all" });
at("finding-buttons").append(fixAll);

const controls = mountControls(at("controls"), policyTools, app);
const findings = mountFindings(at("findings"), at("findings-title"), app, applyFix);
const terminal = mountTerminal(at("terminal"), app);
mountSearch(app, at("search"));
at("page-buttons").append(button("Checks", () => open(openCatalogue), { icon: "catalogue", id: "checks" }), themeSwitch());

const command = /Mac|iP(hone|ad)/.test(navigator.platform) ? "Cmd" : "Ctrl";
fill(
  at("editor-hint"),
  h("span", {}, h("kbd", {}, "F8"), " next finding"),
  h("span", {}, h("kbd", {}, `${command}+.`), " explain the line"),
  h("span", {}, h("kbd", {}, "Esc"), " then ", h("kbd", {}, "Tab"), " leaves the editor"),
);

window.addEventListener("hashchange", async () => {
  const state = await stateFromAddress("What you see stays.");
  if (state) app.load(state);
});

void judge();
engine.versions().then(controls.showVersions, showTrouble);
keepOffline();
