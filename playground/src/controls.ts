// The controls: by what the manifests are judged. They show the state, and change it through the app.

import type { OptionError } from "../core/pkg/core.js";
import type { App, Choices, LabelsMeaning, ModePolicy } from "./app.ts";
import { EXEMPTIONS, HARDENED, LABELS_MEANINGS, LEVELS, MODES, warnsOfTypos } from "./choices.ts";
import { button, fill, h, icon, labelled, newId, select } from "./ui.ts";

const LABELS = MODES.flatMap((mode) => [`pod-security.kubernetes.io/${mode}`, `pod-security.kubernetes.io/${mode}-version`]);

const MEANINGS: Record<LabelsMeaning, string> = {
  ignore: "mean nothing",
  honor: "override the settings",
  tighten: "can only tighten the settings",
  set: "can only tighten, and are set on namespaces",
};

const MORE_EXAMPLE = `exemptions:
  checks:
    - checks: [hostPathVolumes]
      containers: [agent]
      reason: reads the node's logs`;

const namesIn = (text: string): string[] => text.split(",").map((name) => name.trim()).filter(Boolean);

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);

export interface Controls {
  showVersions(versions: readonly string[]): void;
  /** Shows what is wrong with the options, and what is only odd, and marks the controls that hold it. */
  showMistakes(mistakes: readonly OptionError[], oddities: readonly OptionError[]): void;
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
  const groups = textInput((value) => app.choose({ groups: namesIn(value) }), "none");
  const workloads = checkbox("Reject workloads whose pods would be rejected", (on) => app.choose({ enforceWorkloads: on }));
  const updates = checkbox("Accept their updates that bring nothing new", (on) => app.choose({ allowExisting: on }));
  const meaning = select(
    LABELS_MEANINGS.map((value) => ({ value, label: MEANINGS[value] })),
    "ignore",
    (value) => app.choose({ labels: value as LabelsMeaning }),
  );
  const typos = checkbox("Warn of labels that are misspelt", (on) => {
    const usual = warnsOfTypos(app.state.choices.labels);
    app.choose({ labelTypos: on === usual ? "" : on ? "warn" : "ignore" });
  });
  const harden = HARDENED.map((check) => ({
    check,
    ...checkbox(check, (on) => {
      const { harden: before } = app.state.choices;
      app.choose({ harden: HARDENED.filter((own) => (own === check ? on : before.includes(own))) });
    }),
  }));
  const further = h("textarea", {
    class: "input code",
    rows: 5,
    placeholder: MORE_EXAMPLE,
    spellcheck: "false",
    autocomplete: "off",
    autocapitalize: "off",
    onInput: () => app.choose({ more: further.value }),
  });

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
  const exemptions = EXEMPTIONS.map((kind) => ({
    kind,
    input: textInput(
      (value) => app.choose({ exemptions: { ...app.state.choices.exemptions, [kind]: namesIn(value) } }),
      {
        usernames: "system:serviceaccount:ci:runner",
        groups: "system:masters",
        serviceAccounts: "monitoring/agent",
        namespaces: "kube-system",
        namespacePatterns: "cattle-*",
        runtimeClasses: "gvisor",
      }[kind],
    ),
  }));

  const ignored = h("p", { class: "hint", hidden: true }, "They change nothing while labels mean nothing.");
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
        updates.element,
      ),
      group(
        "Namespace and user",
        h(
          "div",
          { class: "field-row" },
          labelled("Namespace of manifests that name none", namespace),
          labelled("User who applies them", user),
          labelled("Groups of the user", groups),
        ),
        labelled("Labels of namespaces", meaning),
        typos.element,
        h("div", { class: "field" }, h("span", { class: "label" }, "Labels of the namespace"), labelRows, ignored, h("div", {}, addLabel)),
      ),
      group(
        "Exempt from all modes",
        h(
          "div",
          { class: "field-row" },
          exemptions.map(({ kind, input }) =>
            labelled(
              {
                usernames: "Users",
                groups: "Groups of users",
                serviceAccounts: "Service accounts of pods",
                namespaces: "Namespaces",
                namespacePatterns: "Patterns of namespaces",
                runtimeClasses: "Runtime classes",
              }[kind],
              input,
            ),
          ),
        ),
        h("p", { class: "hint" }, "Several are set apart by commas. A * stands for any letters in patterns, and nowhere else."),
      ),
      group(
        "Fill in what is missing",
        h("div", { class: "fillings" }, harden.map(({ element }) => element)),
        h("p", { class: "hint" }, "In containers, where enforce asks for it and nobody has said otherwise."),
      ),
      group(
        "More settings",
        labelled(
          "Further settings, as YAML or JSON",
          further,
          "Exemptions for single checks (checks), for namespaces by their labels (namespaceSelector), and all else. They are put over what is set above.",
        ),
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
    ["settings.namespaceLabels", meaning],
    ["settings.labelTypos", typos.input],
    ["settings.workloads", workloads.input],
    ["settings.updates", updates.input],
    ["more", further],
    ["namespaceLabels", labelRows],
    ["namespace", namespace],
    ["user", user],
    ["groups", groups],
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
    updates.input.checked = choices.allowExisting;
    meaning.value = choices.labels;
    typos.input.checked = choices.labelTypos ? choices.labelTypos === "warn" : warnsOfTypos(choices.labels);
    for (const { check, input } of harden) input.checked = choices.harden.includes(check);
    if (further.value !== choices.more) further.value = choices.more;
    showNames(groups, choices.groups);
    if (namespace.value.trim() !== choices.namespace) namespace.value = choices.namespace;
    if (user.value.trim() !== choices.user) user.value = choices.user;
    for (const { kind, input } of exemptions) showNames(input, choices.exemptions[kind]);
    const shown = JSON.stringify(Object.fromEntries(pairs().filter(([key]) => key !== "")));
    if (shown !== JSON.stringify(choices.namespaceLabels)) {
      labelRows.replaceChildren();
      for (const [key, value] of Object.entries(choices.namespaceLabels)) labelRow(key, value);
    }
    ignored.hidden = choices.labels !== "ignore" || choices.more.trim() !== "" || Object.keys(choices.namespaceLabels).length === 0;
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
      const marked = new Set(found.map(controlOf));
      for (const control of host.querySelectorAll("input, select, textarea")) {
        if (marked.has(control as HTMLElement)) control.setAttribute("aria-invalid", "true");
        else control.removeAttribute("aria-invalid");
      }
      // Said anew only where it changed, and not taken from under the focus.
      if (told === JSON.stringify(found)) return;
      told = JSON.stringify(found);
      fill(
        mistakes,
        found.map((own) => {
          const { path, message, kind, range } = own;
          return h(
            "p",
            { class: `note note-${kind}` },
            icon(kind),
            // What is said of a label names it.
            h("span", {},
              path.startsWith("namespaceLabels[") ? null : [h("code", {}, path === "more" ? "more settings" : path.replace(/^settings\./, "")), range ? `, line ${range.start.line}: ` : ": "],
              `${message} `,
              controlOf(own) ? h("button", { type: "button", class: "link", onClick: () => focusOn(own) }, "Show it") : null),
          );
        }),
      );
    },
  };

  /** The control that holds a mistake. */
  function controlOf({ path, range }: OptionError): HTMLElement | null {
    return range ? further : controlAt(path);
  }

  /** The control that holds what a path of the core points to. */
  function controlAt(path: string): HTMLElement | null {
    const target = targets.find(([prefix]) => path === prefix || path.startsWith(`${prefix}.`) || path.startsWith(`${prefix}[`))?.[1];
    if (!target || target.matches("input, select, textarea")) return target ?? null;
    if (target !== labelRows) return target.querySelector("input:checked, select");
    const label = path.replace(/^namespaceLabels\[?|\]$/g, "");
    const row = pairs().findLastIndex(([key]) => key === label);
    return labelRows.children[Math.max(row, 0)]?.querySelector<HTMLElement>("input:nth-of-type(2)") ?? null;
  }

  function focusOn(mistake: OptionError): void {
    const control = controlOf(mistake);
    if (control && more.contains(control)) more.open = true;
    control?.focus();
    if (mistake.range) further.setSelectionRange(mistake.range.start.offset, mistake.range.end.offset);
  }
}

/** What of the folded controls is not as at the beginning, so that nothing acts unseen. */
function setBeside(choices: Choices): string {
  const set = [];
  if (choices.modes === "each") set.push("each mode by itself");
  if (choices.namespace && choices.namespace !== "default") set.push(`namespace ${choices.namespace}`);
  if (choices.user) set.push(`user ${choices.user}`);
  if (choices.groups.length) set.push("groups");
  const meaning = { ignore: "", honor: "labels honoured", tighten: "labels tighten", set: "labels set" }[choices.labels];
  if (meaning) set.push(meaning);
  if (choices.labelTypos) set.push(choices.labelTypos === "warn" ? "misspelt labels warned of" : "misspelt labels ignored");
  if (choices.enforceWorkloads) set.push("workloads rejected");
  const exempt = Object.values(choices.exemptions).flat().length;
  if (exempt) set.push(`${exempt} exempt`);
  if (choices.allowExisting) set.push("updates");
  if (choices.harden.length) set.push("filled in");
  if (choices.more.trim()) set.push("further settings");
  return set.length ? `(${set.join(", ")})` : "";
}

function checkbox(label: string, onChange: (on: boolean) => void): { element: HTMLElement; input: HTMLInputElement } {
  const input = h("input", { type: "checkbox", onChange: () => onChange(input.checked) });
  return { input, element: h("label", { class: "check" }, input, label) };
}

/** What is being typed stays as it is, half a name and a comma included. */
function showNames(input: HTMLInputElement, names: readonly string[]): void {
  if (namesIn(input.value).join() !== names.join()) input.value = names.join(", ");
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
