// The page: creates its parts, keeps its state, and evaluates the manifests after each change.

import type { App, Report, State } from "./app.ts";
import { defaultChoices, optionsFor } from "./choices.ts";
import { mountControls } from "./controls.ts";
import { openCatalogue } from "./dialogs/catalogue.ts";
import { openComparison } from "./dialogs/comparison.ts";
import { openFixAll } from "./dialogs/fixAll.ts";
import { openPolicy } from "./dialogs/policy.ts";
import { openSessionList, sessionTitle } from "./dialogs/sessions.ts";
import { createDocumentViews, type View } from "./documentViews.ts";
import { embedded, mountPlaygroundLink } from "./embed.ts";
import { isExample, openExamples } from "./exampleTexts.ts";
import { fieldHelp } from "./fieldHelp.ts";
import { mountFiles } from "./files.ts";
import { findMatches } from "./findMatches.ts";
import { mountFindings } from "./findings.ts";
import { folding } from "./folding.ts";
import { mountMigrationOnDemand } from "./migration.ts";
import { createMarks, explainSelection, hasMarkAt, showMarks } from "./marks.ts";
import { layout } from "./layout.ts";
import { uniqueName } from "./names.ts";
import { mountNavigation } from "./navigation.ts";
import { openUrlDialog } from "./remote/dialog.ts";
import { mountSearch } from "./search.ts";
import { registerServiceWorker } from "./serviceWorkerRegistration.ts";
import { startSaving } from "./saving.ts";
import { isCopy, listSessions, openSession, type Session, startSession } from "./sessions.ts";
import { INVALID_LINK, linkTo, stateFromHash } from "./shareLink.ts";
import { announce, elementById, engine, firstReport, initialState, linkInAddress, origin, verdicts } from "./startup.ts";
import { mountTabs } from "./tabs.ts";
import { createSteps } from "./tasks.ts";
import { mountTerminal } from "./terminal.ts";
import { themeSwitch } from "./theme.ts";
import { button, copy, dialog, fill, h, icon } from "./ui.ts";
import { DEFAULT_FILE_NAME } from "./validation.ts";
import { createWorkspace } from "./workspace.ts";
import { urlsInHash } from "./urlLinks.ts";
import type { Fix } from "../engine/pkg/engine.js";

/** The name of the key for commands. */
const command = /Mac|iP(hone|ad)/.test(navigator.platform) ? "Cmd" : "Ctrl";
/** How long after the last keystroke the text is evaluated if evaluations are slow, in milliseconds. */
const TYPING_DELAY = 120;
/** If the last evaluation took less time, the next one begins at once, in milliseconds. */
const FAST_EVALUATION = 100;
/** After this time without a verdict the page reports that it waits, in milliseconds. */
const PROGRESS_DELAY = 700;

/** The evaluation that began before the page was loaded; null once something has changed. */
let pendingReport: Promise<Report> | null = firstReport;

// The state and its listeners.
let report: Report | null = null;
/** The state that `report` is about; null before the first. */
let reportedState: State | null = null;
const documentViews = createDocumentViews();
/** The documents of `report` as they are shown. */
let views: readonly View[] = [];
const reportListeners: ((report: Report) => void)[] = [];
const stateListeners: ((state: State) => void)[] = [];

const app: App = {
  engine,
  layout,
  get state() {
    return workspace.state;
  },
  get text() {
    return workspace.text;
  },
  get report() {
    return report;
  },
  options: () => optionsFor(workspace.state.choices),
  replace: (state) => workspace.replace(state),
  setText: (text) => workspace.setText(text),
  addFiles(added) {
    const { files } = workspace.state;
    const names = files.map(({ name }) => name);
    for (const { name } of added) names.push(uniqueName(name, names));
    const own = names.slice(files.length);
    // Nothing is lost with an empty file or an unchanged example.
    if (files.every(({ text }) => !text.trim() || isExample(text))) {
      workspace.replace({ files: added.map((file, at) => ({ ...file, name: uniqueName(file.name, added.slice(0, at).map(({ name }) => name)) })), active: 0 });
      return workspace.state.files.map(({ name }) => name);
    }
    workspace.replace({ files: [...files, ...added.map(({ text }, at) => ({ name: own[at] as string, text }))], active: files.length });
    return own;
  },
  choose: (choices) => workspace.choose(choices),
  activate: (file) => workspace.activate(file),
  select(range, file = workspace.state.active, explain = false) {
    workspace.activate(file);
    workspace.editor.select(range);
    if (explain) explainSelection(workspace.editor.view);
  },
  undo: () => workspace.undo(),
  redo: () => workspace.redo(),
  openCheck: (id) => void openCatalogue(app, [id]),
  announce,
  onReport: (listener) => void reportListeners.push(listener),
  onState: (listener) => void stateListeners.push(listener),
};

// The files, the editor and its marks.
const marks = createMarks({
  render: (item) => findings.explain(item),
  announce: (text) => (elementById("editor-status").textContent = text),
});
let shownFile = initialState.active;
const announceInEditor = (text: string): void => void (elementById("editor-status").textContent = text);
const extensions = [marks, fieldHelp(app, announceInEditor, hasMarkAt), folding(announceInEditor), findMatches];
const workspace = createWorkspace(elementById("editor"), "editor-hint", initialState, extensions, {
  onEdit() {
    scheduleEvaluation(typingDelay());
    saving.schedule();
  },
  onState(evaluate) {
    const { state } = app;
    saving.schedule();
    for (const listener of stateListeners) listener(state);
    if (evaluate) scheduleEvaluation(0);
    else if (shownFile !== state.active) showFile();
    shownFile = state.active;
  },
});

function applyFix(fix: Fix, file: number): void {
  // The ranges of the fix refer to the evaluated text; the evaluation of the new text brings a new button.
  if (app.state.files[file]?.text !== reportedState?.files[file]?.text) return announce("The text has just changed. Please try again.");
  const { view } = workspace.editor;
  // The change closes the explanation that contains the button.
  if (view.dom.contains(document.activeElement)) view.focus();
  workspace.activate(file);
  workspace.editor.apply(fix);
  scheduleEvaluation(0);
  announce(`Done: ${fix.title}.`);
}

// Evaluation: one at a time, of the newest text.
let generation = 0;
let evaluating = false;
let timer: ReturnType<typeof setTimeout> | undefined;
let lastDuration = 0;

const typingDelay = (): number => (lastDuration < FAST_EVALUATION ? 0 : TYPING_DELAY);

function scheduleEvaluation(pause: number): void {
  pendingReport = null;
  generation += 1;
  clearTimeout(timer);
  const own = generation;
  // At once, before the change is rendered: the worker evaluates meanwhile.
  if (pause) timer = setTimeout(() => void evaluate(), pause);
  else queueMicrotask(() => void (own === generation && evaluate()));
}

async function evaluate(): Promise<void> {
  if (evaluating) return;
  evaluating = true;
  const ownGeneration = generation;
  const { state } = app;
  const waiting = setTimeout(() => verdicts.showNotice("Evaluating…"), PROGRESS_DELAY);
  try {
    const start = performance.now();
    const promise = pendingReport ?? engine.evaluate(state.files, app.options());
    pendingReport = null;
    const answer = await promise;
    lastDuration = performance.now() - start;
    // The report of an old text is dropped: `finally` schedules the evaluation of the new one.
    if (ownGeneration === generation) show(answer, state);
  } catch (error) {
    showError(error);
  } finally {
    evaluating = false;
    clearTimeout(waiting);
    if (ownGeneration !== generation) {
      clearTimeout(timer);
      timer = setTimeout(() => void evaluate(), typingDelay());
    }
  }
}

function show(answer: Report, state: State): void {
  fill(elementById("page-error"));
  controls.showErrors(answer.errors, answer.warnings);
  report = answer;
  showMigration(app.text);
  if (answer.errors.length) {
    // Nothing was evaluated. The previous results of the same documents stay, marked as stale.
    const previous = documentViews.unevaluated(state.files);
    verdicts.show(answer, previous.map(({ document }) => document), previous.length > 0);
    showRest([() => findings.show(previous.map(({ document, stale }) => ({ document, stale: stale || "notEvaluated" }))), () => notifyReportListeners(answer)]);
    return;
  }
  reportedState = state;
  views = documentViews.update(answer, state.files);
  verdicts.show(answer, views.map(({ document }) => document), views.some(({ stale }) => stale !== null));
  showRest([() => findings.show(views), showFile, () => terminal.show(answer), () => notifyReportListeners(answer)]);
}

const showInSteps = createSteps();

/** Shows what comes after the verdict, which is shown first. Until all of it is shown, the findings are marked as incomplete. */
function showRest(steps: readonly (() => void)[]): void {
  const host = elementById("findings");
  host.ariaBusy = "true";
  showInSteps([...steps, () => (host.ariaBusy = null)]);
}

/** Shows the results of the last report for the file in the editor. */
function showFile(): void {
  const { state } = app;
  if (report) showMigration(app.text);
  // The marks of another text would be at wrong places.
  if (!report || report.errors.length || state.files[state.active]?.text !== reportedState?.files[state.active]?.text) return;
  showMarks(workspace.editor.view, report, state.active, new Map(views.flatMap(({ previous }, place) => (previous ? [[place, previous]] : []))));
}

function notifyReportListeners(answer: Report): void {
  for (const listener of reportListeners) listener(answer);
}

function showError(error: unknown): void {
  const message = error instanceof Error ? error.message : String(error);
  verdicts.showNotice("There is no verdict.");
  fill(
    elementById("page-error"),
    h(
      "div",
      { class: "note note-error" },
      icon("error"),
      h("span", {}, `${message} `, h("button", { type: "button", class: "link", onClick: () => scheduleEvaluation(0) }, "Try again")),
    ),
  );
}

// Shows errors of calls from dialogs too.
window.addEventListener("unhandledrejection", (event) => {
  announce(event.reason instanceof Error ? event.reason.message : String(event.reason));
});

async function share(): Promise<void> {
  const link = await linkTo(app.state, location.href);
  if (await copy(link)) {
    announce(`Copied a link that contains the files and the settings (${link.length} characters). Nothing was sent.`);
    return;
  }
  const field = h("textarea", { class: "input code", rows: 6, readonly: true, "aria-label": "Link" });
  field.value = link;
  dialog("Share link", [h("p", {}, "The browser does not allow copying. This is the link:"), field], { focus: field });
  field.select();
}

let dialogOpening = false;

/** Opens a dialog; further clicks are ignored until the core has returned its content. */
function open(opener: (app: App) => Promise<void>): void {
  if (dialogOpening) return;
  dialogOpening = true;
  void opener(app).finally(() => (dialogOpening = false));
}

/** Opens the dialog with reports. Its code is loaded on demand. */
const openReport = async (app: App): Promise<void> => (await import("./report/dialog.ts")).openReport(app);

// The parts.
const editorButtons = elementById("editor-buttons");
editorButtons.append(button("Examples", () => openExamples(app), { icon: "catalogue", id: "examples" }));
mountFiles(app, editorButtons, elementById("editor-pane"));
editorButtons.append(button("From a URL…", () => openUrlDialog(app), { icon: "link", id: "open-url" }));
editorButtons.append(button("Sessions", () => void openSessionList(startAnew, openSaved), { icon: "history", id: "sessions", title: "Start anew, or open an earlier session" }));
editorButtons.append(button("Share link", () => void share(), { icon: "link", id: "share" }));
editorButtons.append(button("Report", () => open(openReport), { icon: "policy", id: "report" }));

mountNavigation(app, workspace.editor.view);
mountTabs(elementById("tabs"), elementById("editor"), app, workspace);

const policyTools = h(
  "div",
  { class: "buttons" },
  button("Compare…", () => open(openComparison), { small: true, id: "compare" }),
  button("Policy", () => open(openPolicy), {
    small: true,
    id: "policy",
    title: "The ClusterAdmissionPolicy with the settings of this page",
  }),
);
const fixAll = button("Fix all…", () => open(openFixAll), { icon: "fix", small: true, id: "fix-all" });
elementById("finding-buttons").append(fixAll);

const controls = mountControls(elementById("controls"), policyTools, app);
const findings = mountFindings(elementById("findings"), elementById("findings-title"), app, applyFix);
const showMigration = mountMigrationOnDemand(elementById("migration"), app);
const terminal = mountTerminal(elementById("terminal"), app);
mountSearch(app, elementById("search"));
elementById("page-buttons").append(
  button("Checks", () => open(openCatalogue), { icon: "catalogue", id: "checks" }),
  themeSwitch(),
);

fill(
  elementById("editor-hint"),
  h("span", {}, h("kbd", {}, "F8"), " next finding"),
  h("span", {}, h("kbd", {}, `${command}+.`), " explain the line"),
  h("span", {}, h("kbd", {}, "Ctrl+Space"), " complete"),
  h("span", {}, h("kbd", {}, "Alt+H"), " describe the field"),
  h("span", {}, h("kbd", {}, "Esc"), " then ", h("kbd", {}, "Tab"), " leaves the editor"),
);
if (embedded) mountPlaygroundLink(app, elementById("editor-hint"));

const openLinkedUrls = (): void => {
  const urls = urlsInHash(location.hash);
  if (urls.length > 0) openUrlDialog(app, urls);
};

// Sessions. A link and a session of the list are opened beside the current one, which is saved.
const saving = startSaving(app);

/** Shows another session, with its own undo history. */
async function showSession(state: State, begin: () => unknown): Promise<void> {
  await saving.finish();
  await begin();
  saving.pause(() => workspace.reset(state));
  if (isCopy) saving.schedule();
}

function clearAddress(): void {
  if (linkInAddress()) history.replaceState(null, "", location.pathname + location.search);
}

async function openSaved(session: Session): Promise<void> {
  clearAddress();
  await showSession(session, () => openSession({ ...session, link: "" }));
  announce(`Opened the session ${sessionTitle(session)}.`);
}

async function startAnew(): Promise<void> {
  clearAddress();
  await showSession({ files: [{ name: DEFAULT_FILE_NAME, text: "" }], active: 0, choices: defaultChoices() }, () => startSession());
  // So that it comes back if the page is loaded again.
  saving.schedule();
  workspace.editor.view.focus();
}

/** Shows that a link was opened beside the last session. */
async function showLinkNotice(): Promise<void> {
  const [last] = await listSessions();
  if (!last) return;
  const host = elementById("session-notice");
  const dismiss = (): void => {
    fill(host);
    workspace.editor.view.focus();
  };
  fill(
    host,
    h(
      "div",
      { class: "note note-info" },
      icon("link"),
      h("span", {}, "This is the content of a link. Your last session is kept: ", h("button", {
        type: "button",
        class: "link",
        onClick: () => {
          dismiss();
          void openSaved(last);
        },
      }, sessionTitle(last)), "."),
      button("Dismiss", dismiss, { kind: "borderless", small: true, icon: "close", iconOnly: true }),
    ),
  );
}

if (isCopy) saving.schedule();
if (origin === "link") void showLinkNotice();
window.addEventListener("hashchange", async () => {
  openLinkedUrls();
  const link = linkInAddress();
  if (!link) return;
  const state = await stateFromHash(link);
  if (!state) return announce(`${INVALID_LINK} The page is unchanged.`);
  await showSession(state, () => startSession(link));
  await showLinkNotice();
});
engine.onUpdate(() => scheduleEvaluation(0));

// Undo outside the editor and outside text fields, which have their own.
document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.altKey || !(event.ctrlKey || event.metaKey) || document.querySelector("dialog[open]")) return;
  const key = event.key.toLowerCase();
  if ((key !== "z" && key !== "y") || (event.target instanceof Element && event.target.matches("textarea, input:not([type=radio], [type=checkbox])"))) return;
  if (key === "y" || event.shiftKey ? app.redo() : app.undo()) event.preventDefault();
});

openLinkedUrls();
void evaluate();
engine.versions().then(controls.showVersions, showError);
if (!embedded) registerServiceWorker();
