// A line at the foot of the page that says something and goes away.

import { h } from "./ui.ts";

/** How long a message stays; long enough to read any of ours twice. */
const TIME = 6000;

export function createAnnouncer(): (message: string) => void {
  const box = h("div", { class: "toast", role: "status", "aria-live": "polite" });
  document.body.append(box);
  let timer: ReturnType<typeof setTimeout> | undefined;
  return (message) => {
    clearTimeout(timer);
    // What is outside of an open dialog is inert, and not read out.
    const host = document.querySelector("dialog[open]") ?? document.body;
    if (box.parentElement !== host) host.append(box);
    box.textContent = message;
    box.classList.add("shown");
    timer = setTimeout(() => {
      box.classList.remove("shown");
      box.textContent = "";
      if (box.parentElement !== document.body) document.body.append(box);
    }, TIME);
  };
}
