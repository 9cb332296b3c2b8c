// The list of sessions that are kept on the device: open and delete them, and start anew.

import "./dialogs.css";
import { deleteSession, listSessions, openSessions, pruneSessions, type Session } from "../sessions.ts";
import { button, chip, dialog, fill, h } from "../ui.ts";
import { plural } from "../verdicts.ts";

/** The number of lines that are shown of each session. */
const LINES = 4;

/** The names of the files: `deploy.yaml and 2 more`. */
export function sessionTitle({ files, active }: Session): string {
  const name = files[active]?.name ?? "";
  return files.length > 1 ? `${name} and ${files.length - 1} more` : name;
}

/** Opens the list. */
export async function openSessionList(startAnew: () => Promise<void>, open: (session: Session) => Promise<void>): Promise<void> {
  const body = h("div", {});
  /** Whether the button Delete all was pressed once. */
  let confirming = false;
  const removeAll = button("Delete all", async () => {
    if (!confirming) {
      confirming = true;
      (removeAll.lastElementChild as HTMLElement).textContent = "Delete all: press again";
      return;
    }
    const all = await listSessions();
    const others = await openSessions();
    opened.close();
    await startAnew();
    await Promise.all(all.filter(({ id }) => !others.has(id) || id === current).map(({ id }) => deleteSession(id)));
  });
  const begin = button("Start anew", () => {
    opened.close();
    void startAnew();
  }, { kind: "primary", icon: "plus" });
  const opened = dialog("Sessions", body, { wide: true, focus: begin, actions: [removeAll, begin] });
  let current = "";
  await pruneSessions();
  await show();

  async function show(): Promise<void> {
    const [sessions, open] = await Promise.all([listSessions(), openSessions()]);
    current = open.values().next().value ?? "";
    removeAll.hidden = sessions.length === 0;
    fill(
      body,
      h("p", { class: "muted" }, "The files and settings are kept in this browser, and are never sent. The 20 newest sessions are kept."),
      sessions.length
        ? h("ul", { class: "changes", "aria-label": "Sessions" }, sessions.map((session) => entry(session, open)))
        : h("p", { class: "muted" }, "There is no session yet. The first change of the text or the settings begins one."),
    );
  }

  function entry(session: Session, others: Set<string>): HTMLElement {
    const title = sessionTitle(session);
    const { id, updated, files, active } = session;
    const lines = (files[active]?.text ?? "").split(/\r\n?|\n/).filter((line) => line.trim()).slice(0, LINES);
    return h(
      "li",
      { class: "session", "data-session": id },
      h(
        "div",
        { class: "row" },
        h("strong", null, title),
        h("span", { class: "muted" }, `${new Date(updated).toLocaleString()}, ${plural(files.length, "file")}`),
        id === current ? chip("This session") : others.has(id) ? chip("Open in another tab") : null,
      ),
      h("pre", { class: "pre" }, lines.length ? lines.join("\n") : "(empty)"),
      id === current
        ? null
        : h(
            "div",
            { class: "buttons" },
            button("Open", () => {
              opened.close();
              void openIt(session);
            }, { small: true, icon: "open", name: `Open: ${title}` }),
            others.has(id)
              ? null
              : button("Delete", async () => {
                  await deleteSession(id);
                  await show();
                  begin.focus();
                }, { small: true, icon: "close", name: `Delete: ${title}` }),
          ),
    );
  }

  async function openIt(session: Session): Promise<void> {
    // It can have changed in another tab.
    await open((await listSessions()).find(({ id }) => id === session.id) ?? session);
  }
}
