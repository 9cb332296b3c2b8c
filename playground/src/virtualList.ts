// A list of many rows of different heights, of which only those near the visible part of the page are rendered. Its rows are
// positioned absolutely in sections, so that the elements have the structure of the whole list.

/** A section of the list, such as a document with its findings. */
export interface Section<Row> {
  /** Sections with the same key have the same element. */
  key: string;
  /** The rows before the entries, the entries, and the rows after them. */
  head: readonly Row[];
  entries: readonly Row[];
  foot: readonly Row[];
}

export interface RowType<Row extends object> {
  render(row: Row): HTMLElement;
  /** Rows of a kind have a similar height. */
  kind(row: Row): string;
  /** The space above a row, in pixels. */
  gap(row: Row): number;
  /** Sets the attributes of a section. */
  section(element: HTMLElement, section: Section<Row>): void;
}

export interface VirtualList<Row extends object> {
  /** Shows sections. A row that is the same object as before is not rendered again. */
  show(sections: readonly Section<Row>[]): void;
  /** Renders all rows again at the next `show`. */
  reset(): void;
  /** All rows, in their order. */
  readonly rows: readonly Row[];
  /** The row that contains an element; null if none does. */
  rowOf(element: Element | null): Row | null;
  /** Renders a row, and returns its element; null if it is not in the list. */
  reveal(row: Row): HTMLElement | null;
}

interface SectionElements {
  element: HTMLElement;
  list: HTMLUListElement;
}

/** How far beyond the visible part rows are rendered, in pixels, and how many at least. */
const OVERSCAN = 500;
const MIN_ROWS = 16;
/** The number of rows before and after that with the focus that are rendered. */
const FOCUS_ROWS = 2;
/** The time after which a task renders no further rows, in milliseconds; those in view come first. */
const BUDGET = 2.5;
/** The number of rows that are rendered before the time is looked at again: most of the time is that of their layout. */
const ROWS_OF_ROUND = 3;
/** The height of a row before one of its kind is rendered, in pixels. */
const FIRST_ESTIMATE = 110;

/** Makes elements the first children of a parent, in this order. */
function putInOrder(parent: Element, children: readonly Element[]): void {
  let next = parent.firstElementChild;
  for (const child of children) {
    if (child === next) next = next.nextElementSibling;
    else parent.insertBefore(child, next);
  }
}

/** Creates a list in `host`; `signal` ends its listeners. */
export function virtualList<Row extends object>(host: HTMLElement, type: RowType<Row>, signal?: AbortSignal): VirtualList<Row> {
  host.classList.add("virtual-list");
  let sections: readonly Section<Row>[] = [];
  let rows: Row[] = [];
  /** The index of each row's section, and its position in the entries of the section; -1 in the head or foot. */
  let sectionOf = new Int32Array(0);
  /** The index of the first row of each section. */
  let starts: number[] = [];
  let position = new Int32Array(0);
  /** The offset of each row, with its gap, and of the end. */
  let tops = new Float64Array(1);
  let heights = new WeakMap<Row, number>();
  const estimates = new Map<string, number>();
  const rendered = new Map<Row, HTMLElement>();
  const elements = new Map<string, SectionElements>();
  let indexes = new Map<Row, number>();
  let width = 0;
  let scheduled = 0;

  const heightOf = (row: Row): number => heights.get(row) ?? estimates.get(type.kind(row)) ?? FIRST_ESTIMATE;

  function computeTops(): void {
    const next = new Float64Array(rows.length + 1);
    let top = 0;
    rows.forEach((row, at) => {
      next[at] = top;
      top += (at ? type.gap(row) : 0) + heightOf(row);
    });
    next[rows.length] = top;
    tops = next;
  }

  /** The last row that begins at or above an offset. */
  function rowAt(offset: number): number {
    let [low, high] = [0, Math.max(rows.length - 1, 0)];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((tops[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** The part of the list that is visible. */
  function view(): { from: number; to: number } {
    const own = host.getBoundingClientRect();
    const clip = scroller().getBoundingClientRect();
    const page = document.documentElement.clientHeight;
    return { from: Math.max(0, clip.top) - own.top, to: Math.min(page, Math.max(clip.bottom, 0)) - own.top };
  }

  /** The nearest parent that scrolls. */
  function scroller(): Element {
    for (let parent = host.parentElement; parent; parent = parent.parentElement) {
      if (/auto|scroll/.test(getComputedStyle(parent).overflowY)) return parent;
    }
    return document.documentElement;
  }

  function render(row: Row): void {
    const element = type.render(row);
    element.classList.add("row-of-list");
    rendered.set(row, element);
  }

  function update(): void {
    scheduled = 0;
    const isComplete = renderRows();
    host.ariaBusy = isComplete ? null : "true";
    if (!isComplete) schedule();
  }

  /** Renders rows until all that are near the visible part are there; false if the time is over before. */
  function renderRows(): boolean {
    if (!rows.length) {
      clear();
      return true;
    }
    const start = performance.now();
    // The rows around the focus stay, so that the Tab key reaches the next one.
    const focused = rowOf(document.activeElement);
    const focus = (focused && indexes.get(focused)) ?? -Infinity;
    const isNearFocus = (at: number): boolean => Math.abs(at - focus) <= FOCUS_ROWS;
    let { from, to } = view();
    // Each round renders rows and measures them, which can change which rows are in view.
    for (let round = 0; round < 12; round += 1) {
      const [first, last] = [rowAt(from), rowAt(to)];
      let [begin, end] = [rowAt(from - OVERSCAN), rowAt(to + OVERSCAN)];
      end = Math.min(Math.max(end, begin + MIN_ROWS), rows.length - 1);
      begin = Math.max(Math.min(begin, end - MIN_ROWS), 0);
      for (const [row, element] of rendered) {
        const at = indexes.get(row);
        if (at !== undefined && ((at >= begin && at <= end) || isNearFocus(at))) continue;
        element.remove();
        rendered.delete(row);
      }
      const isVisible = (at: number): boolean => at >= first && at <= last;
      const missing: number[] = [];
      const addMissing = (from: number, to: number): void => {
        for (let at = Math.max(from, 0); at <= Math.min(to, rows.length - 1); at += 1) if (!rendered.has(rows[at] as Row)) missing.push(at);
      };
      addMissing(begin, end);
      if (focused) {
        addMissing(focus - FOCUS_ROWS, Math.min(focus + FOCUS_ROWS, begin - 1));
        addMissing(Math.max(focus - FOCUS_ROWS, end + 1), focus + FOCUS_ROWS);
      }
      missing.sort((a, b) => Number(isVisible(b)) - Number(isVisible(a)));
      const fresh: Row[] = [];
      for (const at of missing.slice(0, ROWS_OF_ROUND)) {
        const row = rows[at] as Row;
        render(row);
        fresh.push(row);
      }
      if (!fresh.length && round) return true;
      arrange();
      const shift = measure(fresh, from);
      from += shift;
      to += shift;
      if (missing.length > fresh.length && performance.now() - start > BUDGET) return false;
    }
    return false;
  }

  /** Puts the rendered rows into their sections, in order, without moving those that are there: a moved element loses the focus. */
  function arrange(): void {
    const order = [...rendered.keys()].map((row) => indexes.get(row) ?? 0).sort((a, b) => a - b);
    const used = new Set(order.map((at) => sections[sectionOf[at] ?? 0]?.key));
    for (const [key, { element }] of elements) {
      if (used.has(key)) continue;
      element.remove();
      elements.delete(key);
    }
    const sectionElements: Element[] = [];
    for (let next = 0; next < order.length; ) {
      const index = sectionOf[order[next] ?? 0] ?? 0;
      const section = sections[index] as Section<Row>;
      const own = elements.get(section.key) ?? newSection(section.key);
      type.section(own.element, section);
      sectionElements.push(own.element);
      const [head, entries, foot]: [Element[], Element[], Element[]] = [[], [], []];
      for (; next < order.length && sectionOf[order[next] ?? 0] === index; next += 1) {
        const at = order[next] ?? 0;
        const element = rendered.get(rows[at] as Row) as HTMLElement;
        const entry = position[at] ?? -1;
        if (entry >= 0) {
          element.ariaPosInSet = String(entry + 1);
          element.ariaSetSize = String(section.entries.length);
          entries.push(element);
        } else (entries.length || at - (starts[index] ?? 0) >= section.head.length ? foot : head).push(element);
      }
      putInOrder(own.list, entries);
      putInOrder(own.element, [...head, own.list, ...foot]);
      own.list.hidden = !entries.length;
    }
    putInOrder(host, sectionElements);
  }

  function newSection(key: string): SectionElements {
    const element = document.createElement("section");
    const list = document.createElement("ul");
    list.className = "finding-list";
    // Safari drops the role of a list without bullets.
    list.setAttribute("role", "list");
    element.append(list);
    const own = { element, list };
    elements.set(key, own);
    return own;
  }

  /**
   * Measures new rows, moves all rows to their offsets, and keeps the rows in view where they are. `from` is the offset of the
   * visible part; returns by how much it has moved.
   */
  function measure(fresh: readonly Row[], from: number): number {
    const anchor = rowAt(Math.max(from, 0));
    const before = tops[anchor] ?? 0;
    let isEstimated = false;
    for (const row of fresh) {
      const height = (rendered.get(row) as HTMLElement).offsetHeight;
      if (height === 0 || heights.get(row) === height) continue;
      const difference = height - heightOf(row);
      heights.set(row, height);
      // The first height of a kind stands for all of it: another one would move all rows again with each row.
      if (!estimates.has(type.kind(row))) {
        estimates.set(type.kind(row), height);
        isEstimated = true;
      } else if (difference) {
        for (let at = (indexes.get(row) ?? 0) + 1; at < tops.length; at += 1) tops[at] = (tops[at] ?? 0) + difference;
      }
    }
    if (isEstimated) computeTops();
    host.style.height = `${tops[rows.length] ?? 0}px`;
    for (const [row, element] of rendered) {
      const at = indexes.get(row) ?? 0;
      const top = `${(tops[at] ?? 0) + (at ? type.gap(row) : 0)}px`;
      if (element.style.top !== top) element.style.top = top;
    }
    const shift = (tops[anchor] ?? 0) - before;
    if (!shift || from <= 0) return 0;
    scroller().scrollTop += shift;
    return shift;
  }

  function clear(): void {
    rendered.clear();
    elements.clear();
    host.replaceChildren();
    host.style.height = "";
  }

  function rowOf(element: Element | null): Row | null {
    const own = element && host.contains(element) ? element.closest(".row-of-list") : null;
    if (own) for (const [row, other] of rendered) if (other === own) return row;
    return null;
  }

  function schedule(): void {
    scheduled ||= requestAnimationFrame(update);
  }

  // The scroll events of the pane do not bubble.
  window.addEventListener("scroll", schedule, { capture: true, passive: true, signal });
  window.addEventListener("resize", schedule, { passive: true, signal });
  new ResizeObserver(() => {
    if (host.clientWidth === width) return;
    width = host.clientWidth;
    heights = new WeakMap();
    estimates.clear();
    measure([...rendered.keys()], view().from);
    schedule();
  }).observe(host);

  return {
    get rows() {
      return rows;
    },
    rowOf,
    reset: clear,
    show(next) {
      sections = next;
      rows = [];
      indexes = new Map();
      starts = [];
      for (const { head, entries, foot } of sections) {
        starts.push(rows.length);
        // Not spread, because a section can have many thousand rows.
        for (const part of [head, entries, foot]) for (const row of part) rows.push(row);
      }
      sectionOf = new Int32Array(rows.length);
      position = new Int32Array(rows.length).fill(-1);
      sections.forEach(({ head, entries, foot }, index) => {
        const start = starts[index] ?? 0;
        const end = start + head.length + entries.length + foot.length;
        sectionOf.fill(index, start, end);
        for (let at = 0; at < entries.length; at += 1) position[start + head.length + at] = at;
      });
      rows.forEach((row, at) => indexes.set(row, at));
      width ||= host.clientWidth;
      computeTops();
      host.style.height = `${tops[rows.length] ?? 0}px`;
      update();
    },
    reveal(row) {
      const at = indexes.get(row);
      if (at === undefined) return null;
      if (!rendered.has(row)) {
        render(row);
        arrange();
        measure([row], view().from);
      }
      return rendered.get(row) ?? null;
    },
  };
}
