// The status line at the bottom of the page, which shows a message for some seconds.

import { h } from "./ui.ts";

/** How long a message stays, in milliseconds: the longest message can be read twice. */
const DURATION = 6000;

export function createAnnouncer(): (message: string) => void {
  const box = h("div", { class: "toast", role: "status", "aria-live": "polite" });
  document.body.append(box);
  let timer: ReturnType<typeof setTimeout> | undefined;
  return (message) => {
    clearTimeout(timer);
    // Outside an open dialog everything is inert, and screen readers skip it.
    const host = document.querySelector("dialog[open]") ?? document.body;
    if (box.parentElement !== host) host.append(box);
    box.textContent = message;
    box.classList.add("visible");
    timer = setTimeout(() => {
      box.classList.remove("visible");
      box.textContent = "";
      if (box.parentElement !== document.body) document.body.append(box);
    }, DURATION);
  };
}
