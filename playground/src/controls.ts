// The controls: the settings and the context of the evaluation. They show the state and change it through the app.

import type { OptionError } from "../engine/pkg/engine.js";
import type { App, Choices, NamespaceLabels, ModePolicy } from "./app.ts";
import { EXEMPTIONS, HARDENING_CHECKS, NAMESPACE_LABELS_VALUES, LEVELS, MODES, warnsAboutTypos } from "./choices.ts";
import { button, field, fill, h, icon, newId, select } from "./ui.ts";

const LABELS = MODES.flatMap((mode) => [`pod-security.kubernetes.io/${mode}`, `pod-security.kubernetes.io/${mode}-version`]);

const NAMESPACE_LABELS_TEXTS: Record<NamespaceLabels, string> = {
  ignore: "are ignored",
  honor: "override the settings",
  tighten: "can only tighten the settings",
  set: "can only tighten, and are set on namespaces",
};

const SETTINGS_EXAMPLE = `exemptions:
  checks:
    - checks: [hostPathVolumes]
      containers: [agent]
      reason: reads the node's logs`;

const namesIn = (text: string): string[] => text.split(",").map((name) => name.trim()).filter(Boolean);

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);

export interface Controls {
  showVersions(versions: readonly string[]): void;
  /** Shows the errors and warnings of the options, and marks their controls. */
  showErrors(errors: readonly OptionError[], warnings: readonly OptionError[]): void;
}

export function mountControls(host: HTMLElement, tools: HTMLElement, app: App): Controls {
  let versions: readonly string[] = ["latest"];
  const versionLists: HTMLSelectElement[] = [];

  /** Fills a list; it also contains a version of a link that is newer than this page, for which the core returns an error. */
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

  // One policy for all modes.
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
  const sharedPolicy = h("div", { class: "shared-policy" }, levelBox, version);

  function chooseAll(change: Partial<ModePolicy>): void {
    const policy = { ...app.state.choices.enforce, ...change };
    app.choose({ enforce: policy, audit: { ...policy }, warn: { ...policy } });
  }

  // A policy for each mode.
  const rows = MODES.map((mode) => {
    const choose = (change: Partial<ModePolicy>): void => app.choose({ [mode]: { ...app.state.choices[mode], ...change } });
    const level = select(LEVELS, "restricted", (value) => choose({ level: value as ModePolicy["level"] }));
    const own = versionList((value) => choose({ version: value }));
    level.setAttribute("aria-label", `Level of ${mode}`);
    own.setAttribute("aria-label", `Version of ${mode}`);
    return { mode, level, version: own, row: h("div", { class: "mode-row" }, h("span", { class: "mode-name" }, capital(mode)), level, own) };
  });
  const modePolicies = h("div", { class: "mode-policies" }, rows.map(({ row }) => row));

  const modesCheckbox = checkbox("Set each mode separately", (on) => {
    if (on) app.choose({ modes: "each" });
    else {
      const { enforce } = app.state.choices;
      app.choose({ modes: "alike", audit: { ...enforce }, warn: { ...enforce } });
    }
  });

  // The context of the request.
  const namespace = textInput((value) => app.choose({ namespace: value.trim() }), "default");
  const user = textInput((value) => app.choose({ user: value.trim() }), "none");
  const groups = textInput((value) => app.choose({ groups: namesIn(value) }), "none");
  const workloads = checkbox("Reject workloads whose pods would be rejected", (on) => app.choose({ enforceWorkloads: on }));
  const templates = checkbox("Judge templates without the values of their actions", (on) => app.choose({ maskTemplates: on }));
  const updates = checkbox("Accept updates of workloads without new violations", (on) => app.choose({ allowExisting: on }));
  const namespaceLabels = select(
    NAMESPACE_LABELS_VALUES.map((value) => ({ value, label: NAMESPACE_LABELS_TEXTS[value] })),
    "ignore",
    (value) => app.choose({ labels: value as NamespaceLabels }),
  );
  const typos = checkbox("Warn about labels without effect", (on) => {
    const standard = warnsAboutTypos(app.state.choices.labels);
    app.choose({ labelTypos: on === standard ? "" : on ? "warn" : "ignore" });
  });
  const harden = HARDENING_CHECKS.map((check) => ({
    check,
    ...checkbox(check, (on) => {
      const { harden: previous } = app.state.choices;
      app.choose({ harden: HARDENING_CHECKS.filter((own) => (own === check ? on : previous.includes(own))) });
    }),
  }));
  const furtherSettings = h("textarea", {
    class: "input code",
    rows: 5,
    placeholder: SETTINGS_EXAMPLE,
    spellcheck: "false",
    autocomplete: "off",
    autocapitalize: "off",
    onInput: () => app.choose({ more: furtherSettings.value }),
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
    }, { kind: "borderless", small: true, icon: "close", iconOnly: true });
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

  // Names are separated by commas.
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

  const labelsHint = h("p", { class: "hint", hidden: true }, "They have no effect while labels of namespaces are ignored.");
  let shownErrors = "[]";
  const errorList = h("div", { class: "option-errors", role: "status" });
  const more = h(
    "details",
    { class: "more" },
    h("summary", {}, "Modes, namespace, exemptions ", h("span", { class: "more-set muted" })),
    h(
      "div",
      { class: "more-body" },
      group(
        "Modes",
        modesCheckbox.element,
        h("p", { class: "hint" }, "Enforce rejects, warn returns a warning to the user, audit writes to the audit log."),
        workloads.element,
        updates.element,
        templates.element,
      ),
      group(
        "Namespace and user",
        h(
          "div",
          { class: "field-row" },
          field("Namespace of manifests without one", namespace),
          field("User of the request", user),
          field("Groups of the user", groups),
        ),
        field("Labels of namespaces", namespaceLabels),
        typos.element,
        h("div", { class: "field" }, h("span", { class: "label" }, "Labels of the namespace"), labelRows, labelsHint, h("div", {}, addLabel)),
      ),
      group(
        "Exempt from all modes",
        h(
          "div",
          { class: "field-row" },
          exemptions.map(({ kind, input }) =>
            field(
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
        h("p", { class: "hint" }, "Separated by commas. A * stands for any characters, in patterns only."),
      ),
      group(
        "Set missing fields",
        h("div", { class: "hardening" }, harden.map(({ element }) => element)),
        h("p", { class: "hint" }, "In containers, if enforce requires a field and the pod does not set it."),
      ),
      group(
        "More settings",
        field(
          "Further settings, as YAML or JSON",
          furtherSettings,
          "For example exemptions from single checks (checks) or of namespaces by their labels (namespaceSelector). They override the settings above.",
        ),
      ),
    ),
    labelList,
    levelList,
    versionData,
  );
  more.open = app.layout.get("settings") === true;
  more.addEventListener("toggle", () => app.layout.set("settings", more.open));
  const moreSet = more.querySelector(".more-set") as HTMLElement;
  host.append(h("div", { class: "controls-row" }, sharedPolicy, modePolicies, tools), more, errorList);

  // The controls of the core's paths.
  const targets: [string, HTMLElement][] = [
    ["settings.level", levelBox],
    ["settings.version", version],
    ["settings.namespaceLabels", namespaceLabels],
    ["settings.labelTypos", typos.input],
    ["settings.workloads", workloads.input],
    ["settings.updates", updates.input],
    ["more", furtherSettings],
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
    sharedPolicy.hidden = choices.modes !== "alike";
    modePolicies.hidden = choices.modes !== "each";
    for (const { input } of levels) input.checked = input.value === choices.enforce.level;
    fillVersions(version, choices.enforce.version);
    for (const { mode, level, version: own } of rows) {
      level.value = choices[mode].level;
      fillVersions(own, choices[mode].version);
    }
    modesCheckbox.input.checked = choices.modes === "each";
    workloads.input.checked = choices.enforceWorkloads;
    updates.input.checked = choices.allowExisting;
    templates.input.checked = choices.maskTemplates;
    namespaceLabels.value = choices.labels;
    typos.input.checked = choices.labelTypos ? choices.labelTypos === "warn" : warnsAboutTypos(choices.labels);
    for (const { check, input } of harden) input.checked = choices.harden.includes(check);
    if (furtherSettings.value !== choices.more) furtherSettings.value = choices.more;
    showNames(groups, choices.groups);
    if (namespace.value.trim() !== choices.namespace) namespace.value = choices.namespace;
    if (user.value.trim() !== choices.user) user.value = choices.user;
    for (const { kind, input } of exemptions) showNames(input, choices.exemptions[kind]);
    const displayedLabels = JSON.stringify(Object.fromEntries(pairs().filter(([key]) => key !== "")));
    if (displayedLabels !== JSON.stringify(choices.namespaceLabels)) {
      labelRows.replaceChildren();
      for (const [key, value] of Object.entries(choices.namespaceLabels)) labelRow(key, value);
    }
    labelsHint.hidden = choices.labels !== "ignore" || choices.more.trim() !== "" || Object.keys(choices.namespaceLabels).length === 0;
    moreSet.textContent = nonDefaultSettings(choices);
  }

  show(app.state.choices);
  app.onState((state) => show(state.choices));

  return {
    showVersions(list) {
      versions = list;
      fill(versionData, list.map((own) => h("option", { value: own })));
      show(app.state.choices);
    },
    showErrors(errors, warnings) {
      const all = [...errors.map((own) => ({ ...own, kind: "error" as const })), ...warnings.map((own) => ({ ...own, kind: "warning" as const }))];
      const marked = new Set(all.map(controlOf));
      for (const control of host.querySelectorAll("input, select, textarea")) {
        if (marked.has(control as HTMLElement)) control.setAttribute("aria-invalid", "true");
        else control.removeAttribute("aria-invalid");
      }
      // Rendered only if it has changed: screen readers would announce it again, and the focus would be lost.
      if (shownErrors === JSON.stringify(all)) return;
      shownErrors = JSON.stringify(all);
      fill(
        errorList,
        all.map((own) => {
          const { path, message, kind, range } = own;
          return h(
            "p",
            { class: `note note-${kind}` },
            icon(kind),
            // The message of a label contains its key, and the number of further errors has none.
            h("span", {},
              path === "" || path.startsWith("namespaceLabels[") ? null : [h("code", {}, path === "more" ? "more settings" : path.replace(/^settings\./, "")), range ? `, line ${range.start.line}: ` : ": "],
              `${message} `,
              controlOf(own) ? h("button", { type: "button", class: "link", onClick: () => focusOn(own) }, "Show it") : null),
          );
        }),
      );
    },
  };

  /** The control with the value of an error. */
  function controlOf({ path, range }: OptionError): HTMLElement | null {
    return range ? furtherSettings : controlAt(path);
  }

  /** The control of a path of the core. */
  function controlAt(path: string): HTMLElement | null {
    const target = targets.find(([prefix]) => path === prefix || path.startsWith(`${prefix}.`) || path.startsWith(`${prefix}[`))?.[1];
    if (!target || target.matches("input, select, textarea")) return target ?? null;
    if (target !== labelRows) return target.querySelector("input:checked, select");
    const label = path.replace(/^namespaceLabels\[?|\]$/g, "");
    const row = pairs().findLastIndex(([key]) => key === label);
    return labelRows.children[Math.max(row, 0)]?.querySelector<HTMLElement>("input:nth-of-type(2)") ?? null;
  }

  function focusOn(error: OptionError): void {
    const control = controlOf(error);
    if (control && more.contains(control)) more.open = true;
    control?.focus();
    if (error.range) furtherSettings.setSelectionRange(error.range.start.offset, error.range.end.offset);
  }
}

/** The settings in the collapsed section that differ from the default, in parentheses. */
function nonDefaultSettings(choices: Choices): string {
  const set = [];
  if (choices.modes === "each") set.push("separate modes");
  if (choices.namespace && choices.namespace !== "default") set.push(`namespace ${choices.namespace}`);
  if (choices.user) set.push(`user ${choices.user}`);
  if (choices.groups.length) set.push("groups");
  const labels = { ignore: "", honor: "labels honoured", tighten: "labels tighten", set: "labels set" }[choices.labels];
  if (labels) set.push(labels);
  if (choices.labelTypos) set.push(choices.labelTypos === "warn" ? "warnings about labels without effect" : "no warnings about labels without effect");
  if (choices.enforceWorkloads) set.push("workloads rejected");
  const exempt = Object.values(choices.exemptions).flat().length;
  if (exempt) set.push(`${exempt} exempt`);
  if (choices.allowExisting) set.push("updates");
  if (choices.maskTemplates) set.push("templates");
  if (choices.harden.length) set.push("missing fields set");
  if (choices.more.trim()) set.push("further settings");
  return set.length ? `(${set.join(", ")})` : "";
}

function checkbox(label: string, onChange: (on: boolean) => void): { element: HTMLElement; input: HTMLInputElement } {
  const input = h("input", { type: "checkbox", onChange: () => onChange(input.checked) });
  return { input, element: h("label", { class: "check" }, input, label) };
}

/** Sets the names, unless the input already contains them: it keeps a comma that is being typed. */
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
