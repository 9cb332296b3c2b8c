// Embedding: with `?embed` the page shows only the editor, the verdict and the findings, for frames in documentation. Nothing is
// kept on the device.

import type { App } from "./app.ts";
import { linkTo } from "./shareLink.ts";
import { h, icon } from "./ui.ts";

const parameters = new URLSearchParams(location.search);

export const embedded = parameters.has("embed");

/** The parameter `theme` of an embedded page. */
export const embeddedTheme = embedded ? parameters.get("theme") : null;

/** Hides the parts that an embedded page does not have; called before the first rendering. */
export function startEmbed(): void {
  document.documentElement.classList.toggle("embedded", embedded);
}

/** Adds the link that opens the state of an embedded page in the whole page. */
export function mountPlaygroundLink(app: App, host: HTMLElement): void {
  const page = `${location.origin}${location.pathname}`;
  const link = h("a", { href: page, target: "_blank", rel: "noopener noreferrer" }, "Open in the playground", icon("jump"));
  host.append(link);
  let last: unknown;
  const update = async (): Promise<void> => {
    const { state } = app;
    last = state;
    const href = await linkTo(state, page);
    if (last === state) link.href = href;
  };
  app.onReport(() => void update());
  app.onState(() => void update());
  void update();
}
