// Functions that create DOM nodes, for all parts of the page: elements, icons, buttons, dialogs. Text is always added as a
// text node; the page parses no HTML.

export type Child = Node | string | number | null | undefined | false | Child[];
type Attribute = string | number | boolean | null | undefined | ((event: never) => void);

/**
 * Creates an element. Attributes that are false, null or undefined are omitted, true sets an empty value, and a function
 * named `on…` is added as a listener of that event.
 */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes?: Record<string, Attribute> | null,
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (typeof value === "function") {
      element.addEventListener(name.replace(/^on/, "").toLowerCase(), value as EventListener);
    } else if (value !== false && value !== null && value !== undefined) {
      element.setAttribute(name, value === true ? "" : String(value));
    }
  }
  append(element, children);
  return element;
}

/** Appends children as `h` does. */
export function append(parent: Node, children: Child[]): void {
  for (const child of children) {
    if (Array.isArray(child)) append(parent, child);
    else if (child instanceof Node) parent.appendChild(child);
    else if (child !== null && child !== undefined && child !== false) {
      parent.appendChild(document.createTextNode(String(child)));
    }
  }
}

/** Replaces all children of an element. */
export function fill(element: Element, ...children: Child[]): void {
  const fragment = document.createDocumentFragment();
  append(fragment, children);
  element.replaceChildren(fragment);
}

// Outlines on a grid of 16 by 16. Each severity has its own shape: octagon, triangle, circle.
const ICONS = {
  error: "M5.2 1.5h5.6l3.7 3.7v5.6l-3.7 3.7H5.2l-3.7-3.7V5.2z M8 4.6v4.2 M8 11.2v.2",
  warning: "M8 2 15 14H1z M8 6.4v3.6 M8 11.9v.2",
  info: "M8 1.5a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13z M8 7.2v4 M8 4.7v.2",
  ok: "M8 1.5a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13z M5 8.2l2.2 2.2L11.2 6",
  none: "M8 1.5a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13z M5 8h6",
  close: "M3.5 3.5l9 9 M12.5 3.5l-9 9",
  fix: "M9.5 2.6a3.6 3.6 0 0 0-1 4.6L2.3 13.4l1.3 1.3 6.2-6.2a3.6 3.6 0 0 0 4.6-4.6L12 6.2 9.8 4z",
  copy: "M5.5 5.5h8v8h-8z M10.5 5.5v-3h-8v8h3",
  link: "M6.7 9.3a3 3 0 0 0 4.3 0l2.3-2.3a3 3 0 0 0-4.3-4.3l-.9.9 M9.3 6.7a3 3 0 0 0-4.3 0L2.7 9a3 3 0 0 0 4.3 4.3l.9-.9",
  open: "M1.5 13V3h4.2l1.6 2h7.2v8z",
  download: "M8 2v8 M4.5 7 8 10.5 11.5 7 M2.5 13.5h11",
  compare: "M2 5h11 M10.5 2.5 13 5l-2.5 2.5 M14 11H3 M5.5 8.5 3 11l2.5 2.5",
  catalogue: "M3 2h8.5a1.5 1.5 0 0 1 1.5 1.5V14H4.5A1.5 1.5 0 0 1 3 12.5z M3 12.5A1.5 1.5 0 0 1 4.5 11H13",
  policy: "M8 1.5 13.5 3.6v4.2c0 3.3-2.3 5.6-5.5 6.7-3.2-1.1-5.5-3.4-5.5-6.7V3.6z",
  search: "M7 2.5a4.5 4.5 0 1 1 0 9 4.5 4.5 0 0 1 0-9z M10.3 10.3 14 14",
  plus: "M8 3v10 M3 8h10",
  undo: "M6 3 2.5 6.5 6 10 M2.5 6.5h7a4 4 0 0 1 0 8H6",
  redo: "M10 3l3.5 3.5L10 10 M13.5 6.5h-7a4 4 0 0 0 0 8H10",
  rename: "M10.5 3 13 5.5 5.5 13 2.5 13.5 3 10.5z",
  history: "M8 1.5a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13z M8 4.5V8l2.5 1.8",
  jump: "M3 8h9.5 M9 4.5 12.5 8 9 11.5",
} as const;

export type IconName = keyof typeof ICONS;

/** An icon next to a text of the same meaning; it is hidden from screen readers. */
export function icon(name: IconName): SVGSVGElement {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("focusable", "false");
  const path = document.createElementNS(space, "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

export interface ButtonOptions {
  /** `primary` is for the main action, `borderless` has no border unless the pointer is over it. */
  kind?: "plain" | "primary" | "borderless";
  icon?: IconName;
  small?: boolean;
  /** The tooltip; it must not be the only place of the information. */
  title?: string;
  /** The accessible name, if the label alone is ambiguous; it must contain the label. */
  name?: string;
  /** Shows only the icon; screen readers get the label. */
  iconOnly?: boolean;
  id?: string;
}

/** Creates a button. */
export function button(label: string, onClick: () => void, options: ButtonOptions = {}): HTMLButtonElement {
  const classes = ["button"];
  if (options.kind && options.kind !== "plain") classes.push(`button-${options.kind}`);
  if (options.small) classes.push("button-small");
  if (options.iconOnly) classes.push("button-icon");
  return h(
    "button",
    {
      type: "button",
      class: classes.join(" "),
      title: options.title ?? (options.iconOnly ? label : null),
      "aria-label": options.name,
      id: options.id,
      onClick,
    },
    options.icon ? icon(options.icon) : null,
    h("span", { class: options.iconOnly ? "visually-hidden" : null }, label),
  );
}

/** The icon and the colour of a chip. */
export type ChipKind = "error" | "warning" | "info" | "ok" | "plain";

/** A short text in a rounded box, with the icon of its kind. */
export function chip(text: string, kind: ChipKind = "plain"): HTMLElement {
  return h("span", { class: `chip chip-${kind}` }, kind === "plain" ? null : icon(kind), text);
}

let identifiers = 0;

/** A unique id for an element. */
export function newId(prefix: string): string {
  identifiers += 1;
  return `${prefix}-${identifiers}`;
}

/** A control with its label above it. */
export function field(label: string, control: HTMLElement, hint?: string): HTMLElement {
  control.id ||= newId("control");
  const hintId = hint ? newId("hint") : null;
  if (hintId) control.setAttribute("aria-describedby", hintId);
  return h(
    "div",
    { class: "field" },
    h("label", { for: control.id }, label),
    control,
    hint && hintId ? h("p", { class: "hint", id: hintId }, hint) : null,
  );
}

/** A select element. */
export function select(
  choices: readonly (string | { value: string; label: string })[],
  value: string,
  onChange: (value: string) => void,
): HTMLSelectElement {
  const element = h("select", { class: "input" });
  for (const choice of choices) {
    const { value: own, label } = typeof choice === "string" ? { value: choice, label: choice } : choice;
    element.append(h("option", { value: own }, label));
  }
  element.value = value;
  element.addEventListener("change", () => onChange(element.value));
  return element;
}

export interface DialogOptions {
  /** Uses the available width, for tables and diffs. */
  wide?: boolean;
  /** The buttons at the bottom. */
  actions?: HTMLElement[];
  onClose?: () => void;
  /** The element that gets the focus; the default is the close button. */
  focus?: HTMLElement;
}

export interface Dialog {
  element: HTMLDialogElement;
  /** The scrollable element that contains the body. */
  body: HTMLElement;
  close(): void;
}

/**
 * Opens a modal dialog. Escape, its close button and a click outside close it, and the focus returns to the element that
 * had it before.
 */
export function dialog(title: string, body: Child, options: DialogOptions = {}): Dialog {
  const before = document.activeElement;
  const titleId = newId("dialog");
  const content = h("div", { class: "dialog-body", tabindex: 0, role: "region", "aria-labelledby": titleId }, body);
  const element = h(
    "dialog",
    { class: options.wide ? "dialog dialog-wide" : "dialog", "aria-labelledby": titleId },
    h(
      "div",
      { class: "dialog-head" },
      h("h2", { id: titleId }, title),
      button("Close", () => element.close(), { kind: "borderless", icon: "close", iconOnly: true }),
    ),
    content,
    options.actions?.length ? h("div", { class: "dialog-foot" }, options.actions) : null,
  );
  // A press that begins inside and ends outside, such as a selection of text, does not close the dialog.
  let pressOutside = false;
  element.addEventListener("pointerdown", (event) => (pressOutside = event.target === element));
  element.addEventListener("click", (event) => {
    if (pressOutside && event.target === element) element.close();
  });
  element.addEventListener("close", () => {
    element.remove();
    if (before instanceof HTMLElement && before.isConnected) before.focus();
    options.onClose?.();
  });
  document.body.append(element);
  element.showModal();
  options.focus?.focus();
  return { element, body: content, close: () => element.close() };
}

/** Copies a text; returns whether it was copied. */
export async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // The clipboard API needs HTTPS or localhost.
    const area = h("textarea", { class: "visually-hidden", "aria-hidden": "true" });
    area.value = text;
    const host = document.querySelector("dialog[open]") ?? document.body;
    const before = document.activeElement;
    host.append(area);
    area.select();
    const copied = document.execCommand("copy");
    area.remove();
    if (before instanceof HTMLElement) before.focus();
    return copied;
  }
}
