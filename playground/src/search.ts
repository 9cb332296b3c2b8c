// The search field: finds checks by their words, and opens those that a pasted message of Kubernetes names.

import "./dialogs/dialogs.css";
import type { App, CheckInfo } from "./app.ts";
import { openCatalogue } from "./dialogs/catalogue.ts";
import { fill, h, newId } from "./ui.ts";

/** What a message of Kubernetes about pod security has in it, and hardly anything else. */
const MESSAGE = /violates? .*PodSecurity|PodSecurity "|!= (false|true) \(|\(.*(containers?|pod|volumes?) /i;

interface Result {
  label: Node;
  open: () => void;
}

/** Puts the field into its place. */
export function mountSearch(app: App, host: HTMLElement): void {
  const listId = newId("results");
  const input = h("input", {
    class: "input",
    type: "search",
    placeholder: "Find a check, or paste an error",
    autocomplete: "off",
    spellcheck: "false",
    role: "combobox",
    "aria-label": "Find a check, or paste a message of Kubernetes",
    "aria-autocomplete": "list",
    "aria-expanded": "false",
    "aria-controls": listId,
  });
  const list = h("div", { class: "search-results", role: "listbox", id: listId, "aria-label": "Checks that are found", hidden: true });
  // A list box may hold options only, so that what is not one stands beside it.
  const nothing = h("div", { class: "search-results", hidden: true }, h("p", { class: "nothing" }, "No check has these words."));
  const said = h("p", { class: "visually-hidden", role: "status" });
  host.append(h("div", { class: "search" }, input, list, nothing, said));

  let results: Result[] = [];
  let selected = -1;
  let asked = 0;

  const close = (): void => {
    asked += 1;
    list.hidden = true;
    nothing.hidden = true;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };
  const mark = (at: number): void => {
    selected = at;
    [...list.children].forEach((option, place) => {
      option.setAttribute("aria-selected", String(place === at));
      if (place === at) {
        option.scrollIntoView({ block: "nearest" });
        input.setAttribute("aria-activedescendant", option.id);
      }
    });
    if (at < 0) input.removeAttribute("aria-activedescendant");
  };
  const choose = (result: Result | undefined): void => {
    if (result === undefined) return;
    close();
    result.open();
  };

  const update = async (): Promise<void> => {
    asked += 1;
    const mine = asked;
    const query = input.value.trim();
    if (query === "") return close();
    const [checks, named] = await Promise.all([app.engine.checks(), MESSAGE.test(query) ? app.engine.named(query) : []]);
    // Answers may come late; only the last question counts.
    if (mine !== asked) return;
    results = [];
    if (named.length > 0) {
      const words = named.length === 1 ? "Open the check that this message names" : `Open the ${named.length} checks that this message names`;
      results.push({ label: h("strong", null, words), open: () => void openCatalogue(app, named) });
    }
    const found = named.length > 0 ? named.flatMap((id) => checks.find((check) => check.id === id) ?? []) : matching(checks, query);
    for (const check of found) {
      const label = h("span", null, h("strong", { class: "code" }, check.id), h("span", { class: "muted" }, ` ${check.title}, ${check.level}`));
      results.push({ label, open: () => void openCatalogue(app, [check.id]) });
    }
    fill(
      list,
      results.map((result) => {
        const option = h("div", { role: "option", id: newId("option"), "aria-selected": "false" }, result.label);
        // The field keeps the focus.
        option.addEventListener("pointerdown", (event) => event.preventDefault());
        option.addEventListener("click", () => choose(result));
        return option;
      }),
    );
    list.hidden = results.length === 0;
    nothing.hidden = results.length > 0;
    input.setAttribute("aria-expanded", String(results.length > 0));
    said.textContent = results.length === 0 ? "No check has these words." : `${found.length} found`;
    mark(results.length > 0 ? 0 : -1);
  };

  input.addEventListener("input", () => void update());
  input.addEventListener("click", () => void update());
  input.addEventListener("blur", close);
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (list.hidden) void update();
      else mark((selected + (event.key === "ArrowDown" ? 1 : results.length - 1)) % results.length);
    } else if (event.key === "Enter") {
      event.preventDefault();
      if (!list.hidden) choose(results[selected]);
      else void update();
    } else if (event.key === "Escape" && !(list.hidden && nothing.hidden)) {
      // The first press closes the list; the browser empties the field at the next.
      event.preventDefault();
      close();
    }
  });
  // Who pastes a message wants to know at once what it is about.
  input.addEventListener("paste", (event) => {
    const message = event.clipboardData?.getData("text/plain") ?? "";
    if (!MESSAGE.test(message)) return;
    void app.engine.named(message).then((ids) => {
      if (ids.length === 0) return;
      close();
      void openCatalogue(app, ids);
    });
  });
}

/** The checks that have all the words; those that have them in their name come first. */
function matching(checks: CheckInfo[], query: string): CheckInfo[] {
  const terms = query.toLowerCase().split(/\s+/);
  const has = (text: string): boolean => terms.every((term) => text.toLowerCase().includes(term));
  const fields = (check: CheckInfo): string => check.restrictions.flatMap((restriction) => restriction.fields).join(" ");
  const named = checks.filter((check) => has(`${check.id} ${check.title} ${check.reason}`));
  const others = checks.filter((check) => !named.includes(check) && has(`${check.id} ${check.title} ${check.reason} ${fields(check)}`));
  return [...named, ...others];
}
