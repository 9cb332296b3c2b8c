// The controls above the findings: grouping, filter, and the fixes of the findings that pass it.

import type { App } from "./app.ts";
import { MODES } from "./choices.ts";
import { openFixAll } from "./dialogs/fixAll.ts";
import { countsPerCheck, type Filter, GROUPINGS, type Grouping, isActive, NO_FILTER } from "./findingFilter.ts";
import type { Item } from "./items.ts";
import { button, field, fill, h, select } from "./ui.ts";

export interface FilterBar {
  readonly state: { filter: Filter; grouping: Grouping };
  readonly isOpen: boolean;
  /** Shows the numbers of all items and of those that pass the filter. */
  show(all: readonly Item[], shown: readonly Item[]): void;
}

const LAYOUT_KEY = "findingGroups";

/** How long after the last keystroke the text filters, in milliseconds. */
const TYPING_DELAY = 150;

export function mountFilterBar(host: HTMLElement, title: HTMLElement, app: App, list: { change: () => void; shown: () => readonly Item[] }): FilterBar {
  const kept = app.layout.get(LAYOUT_KEY);
  const state: { filter: Filter; grouping: Grouping } = { filter: { ...NO_FILTER }, grouping: GROUPINGS.find((own) => own === kept) ?? "object" };
  const set = (some: Partial<Filter>): void => {
    Object.assign(state.filter, some);
    list.change();
  };

  const group = select(
    GROUPINGS.map((value) => ({ value, label: `By ${value}` })),
    state.grouping,
    (value) => {
      state.grouping = value as Grouping;
      app.layout.set(LAYOUT_KEY, value);
      list.change();
    },
  );
  const level = select([{ value: "", label: "Every level" }, "baseline", "restricted"], "", (value) => set({ level: value as Filter["level"] }));
  const mode = select([{ value: "", label: "Every mode" }, ...MODES], "", (value) => set({ mode: value as Filter["mode"] }));
  const fix = select([], "", (value) => set({ fix: value as Filter["fix"] }));
  const check = select([], "", (value) => set({ check: value }));
  const text = h("input", { class: "input", type: "search", autocomplete: "off", spellcheck: "false", placeholder: "Name, field or text" });
  let timer: ReturnType<typeof setTimeout> | undefined;
  text.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => set({ text: text.value.trim() }), TYPING_DELAY);
  });

  const status = h("p", { class: "hint", role: "status" });
  const actions = h("div", { class: "buttons" });
  const fixThese = button("", () => void openFixes(), { small: true, icon: "fix", id: "fix-these" });
  const clear = button("Clear the filter", () => {
    for (const control of [level, mode, fix, check, text]) control.value = "";
    set(NO_FILTER);
    toggle.focus();
  }, { small: true });
  actions.append(fixThese, clear);

  const panel = h(
    "div",
    { class: "filter-bar", id: "filter-bar", role: "group", "aria-label": "Groups and filter of the findings", hidden: state.grouping === "object" },
    h("div", { class: "filter-fields" }, field("Group", group), field("Fix", fix), field("Check", check), field("Level", level), field("Mode", mode), field("Text", text)),
    h("div", { class: "filter-foot" }, status, actions),
  );
  host.before(panel);

  const toggle = button("Group, filter", () => {
    panel.hidden = !panel.hidden;
    if (!panel.hidden) list.change();
    toggle.setAttribute("aria-expanded", String(!panel.hidden));
  }, { small: true, icon: "search", id: "filter-findings" });
  toggle.setAttribute("aria-expanded", String(!panel.hidden));
  toggle.setAttribute("aria-controls", panel.id);
  title.nextElementSibling?.prepend(toggle);

  let opening = false;
  async function openFixes(): Promise<void> {
    if (opening) return;
    opening = true;
    try {
      await openFixAll(app, list.shown().filter(({ fix, stale }) => fix && !stale));
    } finally {
      opening = false;
    }
  }

  /** Sets the options of a select element if they have changed. */
  function setOptions(control: HTMLSelectElement, options: readonly { value: string; label: string }[], value: string): void {
    const signature = JSON.stringify(options);
    if (control.dataset.options === signature) return;
    control.dataset.options = signature;
    fill(control, options.map((own) => h("option", { value: own.value }, own.label)));
    control.value = value;
  }

  return {
    state,
    get isOpen() {
      return !panel.hidden;
    },
    show(all, shown) {
      const active = isActive(state.filter);
      const counts = countsPerCheck(all);
      const { check: selected } = state.filter;
      // The selected check stays, even if its last finding is fixed.
      if (selected && !counts.some(([id]) => id === selected)) counts.push([selected, 0]);
      setOptions(check, [{ value: "", label: "Every check" }, ...counts.map(([value, count]) => ({ value, label: `${value} (${count})` }))], selected);
      const fixable = all.reduce((sum, own) => sum + Number(own.fix !== null), 0);
      setOptions(
        fix,
        [
          { value: "", label: "With and without a fix" },
          { value: "fix", label: `With a fix (${fixable})` },
          { value: "decision", label: `Needs a decision (${all.length - fixable})` },
        ],
        state.filter.fix,
      );
      toggle.classList.toggle("active", active);
      const summary = active ? `${shown.length} of ${all.length} shown` : "";
      if (status.textContent !== summary) status.textContent = summary;
      const fixes = active ? shown.reduce((sum, own) => sum + Number(own.fix !== null && !own.stale), 0) : 0;
      const label = fixes === 1 ? "Fix this one…" : `Fix these ${fixes}…`;
      const labelElement = fixThese.querySelector("span");
      if (labelElement && labelElement.textContent !== label) labelElement.textContent = label;
      fixThese.hidden = !fixes;
      clear.hidden = !active;
      const mark = active ? `Group, filter (${shown.length})` : "Group, filter";
      const markElement = toggle.querySelector("span");
      if (markElement && markElement.textContent !== mark) markElement.textContent = mark;
    },
  };
}
