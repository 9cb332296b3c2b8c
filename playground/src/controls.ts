// The controls: by what the manifests are judged. They show the state, and change it through the app.

import type { Mistake } from "../core/core.js";
import type { App, Choices, ModePolicy } from "./app.ts";
import { LEVELS, MODES } from "./choices.ts";
import { button, fill, h, icon, labelled, newId, select } from "./ui.ts";

const LABELS = MODES.flatMap((mode) => [`pod-security.kubernetes.io/${mode}`, `pod-security.kubernetes.io/${mode}-version`]);

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);

export interface Controls {
  showVersions(versions: readonly string[]): void;
  /** Shows what is wrong with the options, and what is only odd, and marks the controls that hold it. */
  showMistakes(mistakes: readonly Mistake[], oddities: readonly Mistake[]): void;
}

export function mountControls(host: HTMLElement, tools: HTMLElement, app: App): Controls {
  let versions: readonly string[] = ["latest"];
  const versionLists: HTMLSelectElement[] = [];

  /** A version of a link that is newer than this page is shown all the same; the core says what it is. */
  function fillVersions(list: HTMLSelectElement, value: string): void {
    const all = versions.includes(value) ? versions : [...versions, value];
    if (list.options.length !== all.length || [...list.options].some((option, index) => option.value !== all[index])) {
      fill(list, all.map((version) => h("option", { value: version }, version)));
    }
    list.value = value;
  }

  function versionList(onChange: (version: string) => void): HTMLSelectElement {
    const list = select(versions, "latest", onChange);
    versionLists.push(list);
    return list;
  }

  // All modes alike.
  const levelName = newId("level");
  const levels = LEVELS.map((level) => {
    const input = h("input", { type: "radio", name: levelName, value: level, onChange: () => chooseAll({ level }) });
    return { input, label: h("label", {}, input, capital(level)) };
  });
  const version = versionList((value) => chooseAll({ version: value }));
  version.classList.add("version");
  version.setAttribute("aria-label", "Version");
  const levelBox = h(
    "fieldset",
    { class: "segments" },
    h("legend", { class: "visually-hidden" }, "Level"),
    levels.map(({ label }) => label),
  );
  const alike = h("div", { class: "alike" }, levelBox, version);

  function chooseAll(change: Partial<ModePolicy>): void {
    const policy = { ...app.state.choices.enforce, ...change };
    app.choose({ enforce: policy, audit: { ...policy }, warn: { ...policy } });
  }

  // Each mode by itself.
  const rows = MODES.map((mode) => {
    const choose = (change: Partial<ModePolicy>): void => app.choose({ [mode]: { ...app.state.choices[mode], ...change } });
    const level = select(LEVELS, "restricted", (value) => choose({ level: value as ModePolicy["level"] }));
    const own = versionList((value) => choose({ version: value }));
    level.setAttribute("aria-label", `Level of ${mode}`);
    own.setAttribute("aria-label", `Version of ${mode}`);
    return { mode, level, version: own, row: h("div", { class: "mode-row" }, h("span", { class: "mode-name" }, capital(mode)), level, own) };
  });
  const each = h("div", { class: "each" }, rows.map(({ row }) => row));

  const eachBox = checkbox("Set each mode by itself", (on) => {
    if (on) app.choose({ modes: "each" });
    else {
      const { enforce } = app.state.choices;
      app.choose({ modes: "alike", audit: { ...enforce }, warn: { ...enforce } });
    }
  });

  // The world that a page cannot see.
  const namespace = textInput((value) => app.choose({ namespace: value.trim() }), "default");
  const user = textInput((value) => app.choose({ user: value.trim() }), "nobody in particular");
  const workloads = checkbox("Reject workloads whose pods would be rejected", (on) => app.choose({ enforceWorkloads: on }));
  const honor = checkbox("Labels of the namespace override the settings", (on) => app.choose({ honorLabels: on }));

  const labelRows = h("div", { class: "label-rows" });
  const labelList = h("datalist", { id: newId("labels") }, LABELS.map((label) => h("option", { value: label })));
  const levelList = h("datalist", { id: newId("levels") }, LEVELS.map((level) => h("option", { value: level })));
  const versionData = h("datalist", { id: newId("versions") });
  const addLabel = button("Add a label", () => {
    const used = pairs().map(([key]) => key);
    const row = labelRow(LABELS.find((label) => !used.includes(label)) ?? "", "");
    row.querySelectorAll("input")[1]?.focus();
  }, { small: true, icon: "plus" });

  function labelRow(key: string, value: string): HTMLElement {
    const keyInput = h("input", { class: "input", type: "text", "aria-label": "Label", list: labelList.id, spellcheck: "false", autocomplete: "off", onInput: changed });
    const valueInput = h("input", { class: "input", type: "text", "aria-label": "Value of the label", spellcheck: "false", autocomplete: "off", onInput: changed });
    keyInput.value = key;
    valueInput.value = value;
    const remove = button("Remove this label", () => {
      row.remove();
      changed();
      addLabel.focus();
    }, { kind: "quiet", small: true, icon: "close", iconOnly: true });
    const row = h("div", { class: "label-row" }, keyInput, valueInput, remove);
    labelRows.append(row);
    suggest();
    return row;

    function changed(): void {
      suggest();
      app.choose({ namespaceLabels: Object.fromEntries(pairs().filter(([own]) => own !== "")) });
    }
    function suggest(): void {
      valueInput.setAttribute("list", keyInput.value.endsWith("-version") ? versionData.id : levelList.id);
    }
  }

  function pairs(): [string, string][] {
    return [...labelRows.children].map((row) => {
      const [key, value] = row.querySelectorAll("input");
      return [key?.value.trim() ?? "", value?.value.trim() ?? ""];
    });
  }

  // Names are given as one writes them in a sentence.
  const exemptions = (["usernames", "namespaces", "runtimeClasses"] as const).map((kind) => ({
    kind,
    input: textInput((value) => {
      const names = value.split(",").map((name) => name.trim()).filter(Boolean);
      app.choose({ exemptions: { ...app.state.choices.exemptions, [kind]: names } });
    }, { usernames: "system:serviceaccount:ci:runner", namespaces: "kube-system", runtimeClasses: "gvisor" }[kind]),
  }));

  const ignored = h("p", { class: "hint", hidden: true }, "They change nothing unless the box above is ticked.");
  let told = "[]";
  const mistakes = h("div", { class: "mistakes", role: "status" });
  const more = h(
    "details",
    { class: "more" },
    h("summary", {}, "Modes, namespace, exemptions ", h("span", { class: "more-set muted" })),
    h(
      "div",
      { class: "more-body" },
      group(
        "Modes",
        eachBox.element,
        h("p", { class: "hint" }, "Enforce rejects, warn tells whoever applies, audit writes to the audit log."),
        workloads.element,
      ),
      group(
        "Namespace and user",
        h(
          "div",
          { class: "field-row" },
          labelled("Namespace of manifests that name none", namespace),
          labelled("User who applies them", user),
        ),
        honor.element,
        h("div", { class: "field" }, h("span", { class: "label" }, "Labels of the namespace"), labelRows, ignored, h("div", {}, addLabel)),
      ),
      group(
        "Exempt from all modes",
        h(
          "div",
          { class: "field-row" },
          exemptions.map(({ kind, input }) =>
            labelled({ usernames: "Users", namespaces: "Namespaces", runtimeClasses: "Runtime classes" }[kind], input),
          ),
        ),
        h("p", { class: "hint" }, "Several are set apart by commas. There are no wildcards."),
      ),
    ),
    labelList,
    levelList,
    versionData,
  );
  const moreSet = more.querySelector(".more-set") as HTMLElement;
  host.append(h("div", { class: "controls-row" }, alike, each, tools), more, mistakes);

  // Where the core's paths point to.
  const targets: [string, HTMLElement][] = [
    ["settings.level", levelBox],
    ["settings.version", version],
    ["settings.namespaceLabels", honor.input],
    ["settings.workloads", workloads.input],
    ["namespaceLabels", labelRows],
    ["namespace", namespace],
    ["user", user],
    ...rows.flatMap(({ mode, level, version: own }): [string, HTMLElement][] => [
      [`settings.defaults.${mode}-version`, own],
      [`settings.defaults.${mode}`, level],
    ]),
    ...exemptions.map(({ kind, input }): [string, HTMLElement] => [`settings.exemptions.${kind}`, input]),
  ];

  function show(choices: Choices): void {
    alike.hidden = choices.modes !== "alike";
    each.hidden = choices.modes !== "each";
    for (const { input } of levels) input.checked = input.value === choices.enforce.level;
    fillVersions(version, choices.enforce.version);
    for (const { mode, level, version: own } of rows) {
      level.value = choices[mode].level;
      fillVersions(own, choices[mode].version);
    }
    eachBox.input.checked = choices.modes === "each";
    workloads.input.checked = choices.enforceWorkloads;
    honor.input.checked = choices.honorLabels;
    if (namespace.value.trim() !== choices.namespace) namespace.value = choices.namespace;
    if (user.value.trim() !== choices.user) user.value = choices.user;
    for (const { kind, input } of exemptions) {
      // What is being typed stays as it is, half a name and a comma included.
      const names = input.value.split(",").map((name) => name.trim()).filter(Boolean);
      if (names.join() !== choices.exemptions[kind].join()) input.value = choices.exemptions[kind].join(", ");
    }
    const shown = JSON.stringify(Object.fromEntries(pairs().filter(([key]) => key !== "")));
    if (shown !== JSON.stringify(choices.namespaceLabels)) {
      labelRows.replaceChildren();
      for (const [key, value] of Object.entries(choices.namespaceLabels)) labelRow(key, value);
    }
    ignored.hidden = choices.honorLabels || Object.keys(choices.namespaceLabels).length === 0;
    moreSet.textContent = setBeside(choices);
  }

  show(app.state.choices);
  app.onState((state) => show(state.choices));

  return {
    showVersions(all) {
      versions = all;
      fill(versionData, all.map((own) => h("option", { value: own })));
      show(app.state.choices);
    },
    showMistakes(wrong, odd) {
      const found = [...wrong.map((own) => ({ ...own, kind: "error" as const })), ...odd.map((own) => ({ ...own, kind: "warning" as const }))];
      const marked = new Set(found.map(({ path }) => controlAt(path)));
      for (const control of host.querySelectorAll("input, select")) {
        if (marked.has(control as HTMLElement)) control.setAttribute("aria-invalid", "true");
        else control.removeAttribute("aria-invalid");
      }
      // Said anew only where it changed, and not taken from under the focus.
      if (told === JSON.stringify(found)) return;
      told = JSON.stringify(found);
      fill(
        mistakes,
        found.map(({ path, message, kind }) =>
          h(
            "p",
            { class: `note note-${kind}` },
            icon(kind),
            // What is said of a label names it.
            h("span", {}, path.startsWith("namespaceLabels[") ? `${message} ` : [h("code", {}, path.replace(/^settings\./, "")), `: ${message} `],
              controlAt(path) ? h("button", { type: "button", class: "link", onClick: () => focusOn(path) }, "Show it") : null),
          ),
        ),
      );
    },
  };

  /** The control that holds what a path of the core points to. */
  function controlAt(path: string): HTMLElement | null {
    const target = targets.find(([prefix]) => path === prefix || path.startsWith(`${prefix}.`) || path.startsWith(`${prefix}[`))?.[1];
    if (!target || target.matches("input, select")) return target ?? null;
    if (target !== labelRows) return target.querySelector("input:checked, select");
    const label = path.replace(/^namespaceLabels\[?|\]$/g, "");
    const row = pairs().findLastIndex(([key]) => key === label);
    return labelRows.children[Math.max(row, 0)]?.querySelector<HTMLElement>("input:nth-of-type(2)") ?? null;
  }

  function focusOn(path: string): void {
    const control = controlAt(path);
    if (control && more.contains(control)) more.open = true;
    control?.focus();
  }
}

/** What of the folded controls is not as at the beginning, so that nothing acts unseen. */
function setBeside(choices: Choices): string {
  const set = [];
  if (choices.modes === "each") set.push("each mode by itself");
  if (choices.namespace && choices.namespace !== "default") set.push(`namespace ${choices.namespace}`);
  if (choices.user) set.push(`user ${choices.user}`);
  if (choices.honorLabels) set.push("labels honoured");
  if (choices.enforceWorkloads) set.push("workloads rejected");
  const exempt = Object.values(choices.exemptions).flat().length;
  if (exempt) set.push(`${exempt} exempt`);
  return set.length ? `(${set.join(", ")})` : "";
}

function checkbox(label: string, onChange: (on: boolean) => void): { element: HTMLElement; input: HTMLInputElement } {
  const input = h("input", { type: "checkbox", onChange: () => onChange(input.checked) });
  return { input, element: h("label", { class: "check" }, input, label) };
}

function textInput(onInput: (value: string) => void, placeholder: string): HTMLInputElement {
  const input: HTMLInputElement = h("input", {
    class: "input",
    type: "text",
    placeholder,
    spellcheck: "false",
    autocomplete: "off",
    autocapitalize: "off",
    onInput: () => onInput(input.value),
  });
  return input;
}

function group(title: string, ...children: HTMLElement[]): HTMLElement {
  return h("fieldset", { class: "group" }, h("legend", {}, title), children);
}
