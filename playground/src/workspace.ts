// The workspace: the files with their editor states, and the choices. All changes of them have one undo history: those of texts
// are in the history of the file's editor state, and all others keep the content before.

import { isolateHistory, redo as redoText, undo as undoText, undoDepth } from "@codemirror/commands";
import { type EditorState, type Extension, Prec, type StateEffect, Transaction } from "@codemirror/state";
import { EditorView, keymap } from "@codemirror/view";
import type { Choices, ManifestFile, State } from "./app.ts";
import { createEditor, type Editor, replacement, textOf } from "./editor.ts";
import { uniqueName } from "./names.ts";
import { DEFAULT_FILE_NAME } from "./validation.ts";

/** The maximum of undo steps. */
const MAX_STEPS = 500;

interface OpenFile {
  /** Stays the same if the file is renamed or changed. */
  readonly id: number;
  readonly name: string;
  readonly state: EditorState;
  readonly scroll?: StateEffect<unknown>;
}

interface Content {
  readonly files: readonly OpenFile[];
  readonly active: number;
  readonly choices: Choices;
}

/** A step to undo: a change of the text of a file, or the content to restore. */
type Step = { text: number } | { content: Content; choices: boolean };

export interface Workspace {
  readonly editor: Editor;
  readonly state: State;
  readonly text: string;
  readonly canUndo: boolean;
  readonly canRedo: boolean;
  /** Replaces everything, without an undo step. */
  reset(state: State): void;
  replace(state: Partial<State>): void;
  setText(text: string): void;
  choose(choices: Partial<Choices>): void;
  activate(file: number): void;
  undo(): boolean;
  redo(): boolean;
  rename(file: number, name: string): void;
  /** Moves a file to another place. */
  move(file: number, to: number): void;
  /** Closes a file. The last one is replaced by an empty file. */
  close(file: number): void;
}

export interface WorkspaceListener {
  /** A text has changed by an edit in the editor. */
  onEdit(): void;
  /** Files, names, the active file or choices have changed, or whether there is something to undo. `evaluate` if the report changes. */
  onState(evaluate: boolean): void;
}

export function createWorkspace(host: HTMLElement, hintId: string, initial: State, extensions: Extension, listener: WorkspaceListener): Workspace {
  let lastId = 0;
  let done: Step[] = [];
  let undone: Step[] = [];
  /** The text field whose changes are the last step. */
  let field: Element | null = null;
  /** Whether the editor is changed by this module. */
  let internal = false;
  let cachedState: State | null = null;

  const editor = createEditor(
    host,
    hintId,
    (update) => {
      if (internal) return;
      setFile(content.active, { state: update.state });
      if (!update.docChanged) return;
      cachedState = null;
      if (undoDepth(update.state) !== undoDepth(update.startState)) push({ text: activeFile().id });
      undone = [];
      listener.onEdit();
      notify(false);
    },
    [
      extensions,
      Prec.high([
        keymap.of([
          { key: "Mod-z", run: () => undo() || true, shift: () => redo() || true, preventDefault: true },
          { key: "Mod-y", mac: "Mod-Shift-z", run: () => redo() || true, preventDefault: true },
        ]),
        // From the browser's menu.
        EditorView.domEventHandlers({
          beforeinput(event) {
            if (event.inputType === "historyUndo") undo();
            else if (event.inputType === "historyRedo") redo();
            else return false;
            event.preventDefault();
            return true;
          },
        }),
      ]),
    ],
  );
  const { view } = editor;
  let content: Content = contentOf(initial);
  let couldUndo = false;
  let couldRedo = false;
  showActive();

  function activeFile(): OpenFile {
    return content.files[content.active] as OpenFile;
  }

  function newFile({ name, text }: ManifestFile): OpenFile {
    lastId += 1;
    return { id: lastId, name, state: editor.create(text) };
  }

  function contentOf({ files, active, choices }: State): Content {
    const names: string[] = [];
    for (const { name } of files) names.push(uniqueName(name, names));
    return {
      files: files.map(({ text }, at) => newFile({ name: names[at] as string, text })),
      active: Math.max(0, Math.min(active, files.length - 1)),
      choices,
    };
  }

  function setFile(index: number, change: Partial<OpenFile>): void {
    content = { ...content, files: content.files.with(index, { ...(content.files[index] as OpenFile), ...change }) };
  }

  function showActive(): void {
    internal = true;
    editor.show(activeFile().state, activeFile().scroll);
    internal = false;
    setFile(content.active, { state: view.state });
  }

  /** The content with the scroll position of the editor. */
  function snapshot(): Content {
    setFile(content.active, { scroll: view.scrollSnapshot() });
    return content;
  }

  /** Calls the listener if something has changed that it shows. */
  function notify(changed: boolean, evaluate = false): void {
    const [canUndo, canRedo] = [done.length > 0, undone.length > 0];
    if (!changed && canUndo === couldUndo && canRedo === couldRedo) return;
    [couldUndo, couldRedo] = [canUndo, canRedo];
    listener.onState(evaluate);
  }

  function push(step: Step): void {
    done.push(step);
    if (done.length > MAX_STEPS) done.shift();
    field = null;
  }

  /** Shows other content. */
  function change(next: Content): void {
    const { id, state } = activeFile();
    content = next;
    cachedState = null;
    const own = activeFile();
    if (own.id !== id || own.state !== state) showActive();
  }

  /** Changes the content in one undo step. */
  function commit(next: Partial<Content>, evaluate: boolean): void {
    const before = snapshot();
    push({ content: before, choices: next.files === undefined });
    undone = [];
    change({ ...before, ...next });
    // A change of the text is not joined with one before this step.
    if (next.files === undefined) {
      internal = true;
      view.dispatch({ annotations: isolateHistory.of("full") });
      internal = false;
      setFile(content.active, { state: view.state });
    }
    notify(true, evaluate);
  }

  function activate(index: number): void {
    if (index === content.active || !content.files[index]) return;
    change({ ...snapshot(), active: index });
    notify(true);
  }

  /** Reverts the last step of `from`, and adds its opposite to `to`. */
  function revert(from: Step[], to: Step[], revertText: typeof undoText): boolean {
    field = null;
    for (let step = from.pop(); step; step = from.pop()) {
      if ("content" in step) {
        const current = snapshot();
        to.push({ content: current, choices: step.choices });
        // A step of the choices keeps the selections and scroll positions.
        change(step.choices ? { ...current, choices: step.content.choices } : step.content);
        notify(true, true);
        return true;
      }
      const { text } = step;
      const index = content.files.findIndex(({ id }) => id === text);
      if (index < 0) continue;
      activate(index);
      internal = true;
      const reverted = revertText(view);
      internal = false;
      setFile(index, { state: view.state });
      // Its history is limited too.
      if (!reverted) continue;
      to.push(step);
      cachedState = null;
      notify(true, true);
      return true;
    }
    return false;
  }

  const undo = (): boolean => revert(done, undone, undoText);
  const redo = (): boolean => revert(undone, done, redoText);

  function setText(text: string): void {
    if (text === textOf(view.state)) return;
    view.dispatch({ ...replacement(view.state, text), annotations: isolateHistory.of("full") });
  }

  return {
    editor,
    undo,
    redo,
    activate,
    setText,
    get state() {
      cachedState ??= {
        files: content.files.map(({ name, state }) => ({ name, text: textOf(state) })),
        active: content.active,
        choices: content.choices,
      };
      return cachedState;
    },
    get text() {
      return textOf(view.state);
    },
    get canUndo() {
      return done.length > 0;
    },
    get canRedo() {
      return undone.length > 0;
    },
    reset(state) {
      done = [];
      undone = [];
      field = null;
      change(contentOf(state));
      notify(true, true);
    },
    replace(state) {
      const next: { -readonly [Key in keyof Content]?: Content[Key] } = {};
      if (state.choices) next.choices = structuredClone(state.choices);
      const files = state.files?.map((file): OpenFile => {
        const own = content.files.find(({ name }) => name === file.name);
        if (!own) return newFile(file);
        if (textOf(own.state) === file.text) return own;
        // The step keeps the content before, so the history of the text is only moved.
        const spec = replacement(own.state, file.text);
        return { ...own, state: own.state.update({ ...spec, annotations: Transaction.addToHistory.of(false) }).state };
      });
      if (files?.length) next.files = files;
      const count = (files ?? content.files).length;
      next.active = Math.min(state.active ?? content.active, count - 1);
      const changed = (files ?? []).filter((own, at) => own !== content.files[at]);
      if (!next.choices && files?.length === content.files.length && changed.length === 1 && next.active === content.active) {
        // Only the text of the file in the editor changes: its marks and its scroll position stay.
        const own = files[content.active];
        if (own === changed[0] && own?.id === activeFile().id && own.name === activeFile().name) return setText(textOf(own.state));
      }
      if (!next.choices && files && !changed.length && files.length === content.files.length) return activate(next.active);
      commit(next, true);
    },
    choose(choices) {
      const next = { ...content.choices, ...structuredClone(choices) };
      const own = document.activeElement;
      const isField = own instanceof HTMLTextAreaElement || (own instanceof HTMLInputElement && own.type === "text");
      if (isField && own === field) {
        change({ ...content, choices: next });
        undone = [];
        notify(true, true);
        return;
      }
      commit({ choices: next }, true);
      field = isField ? own : null;
    },
    rename(index, name) {
      const own = content.files[index];
      if (!own || own.name === name) return;
      const others = content.files.filter((_, at) => at !== index).map((file) => file.name);
      commit({ files: snapshot().files.with(index, { ...own, name: uniqueName(name, others) }) }, true);
    },
    move(index, to) {
      const { files, active } = snapshot();
      const own = files[index];
      if (!own || to < 0 || to >= files.length || to === index) return;
      const moved = files.toSpliced(index, 1).toSpliced(to, 0, own);
      commit({ files: moved, active: moved.indexOf(files[active] as OpenFile) }, true);
    },
    close(index) {
      const { files, active } = snapshot();
      const rest = files.toSpliced(index, 1);
      if (!rest.length) rest.push(newFile({ name: DEFAULT_FILE_NAME, text: "" }));
      commit({ files: rest, active: Math.min(active > index ? active - 1 : active, rest.length - 1) }, true);
    },
  };
}
