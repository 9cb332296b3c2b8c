// The dialog that opens manifests from URLs. Nothing is requested before the person has agreed to the hosts that it names.

import type { App, ManifestFile } from "../app.ts";
import { button, dialog, field, fill, h, icon, type Child } from "../ui.ts";
import { type Address, AddressError, addressOf } from "./address.ts";
import { RequestError, requestText } from "./request.ts";

/** Opens the dialog, with the URLs of a link. */
export function openUrlDialog(app: App, urls: string[] = []): void {
  const closed = new AbortController();
  const input = h("input", { class: "input code", type: "text", inputmode: "url", autocomplete: "off", autocapitalize: "off", spellcheck: "false" });
  input.value = urls.join(" ");
  const requests = h("div", { class: "url-requests" });
  const errors = h("div", { role: "alert" });
  const submit = button("Open", () => void request(), { kind: "primary", icon: "open" });
  const label = submit.lastElementChild as HTMLElement;

  const form = h("form", { novalidate: true }, field("URL of a manifest", input, "Several URLs are separated by spaces. For the page of a file on GitHub, Gist or GitLab its text is requested."));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void request();
  });
  input.addEventListener("input", () => {
    fill(errors);
    show();
  });

  const texts = (): string[] => input.value.split(/\s+/).filter(Boolean);

  /** Shows what would be requested. */
  function show(): void {
    const addresses = texts().flatMap((text) => valid(text) ?? []);
    const hosts = [...new Set(addresses.map((address) => address.request.host))];
    label.textContent = hosts.length === 0 ? "Open" : `Open from ${hosts.length === 1 ? hosts[0] : `${hosts.length} hosts`}`;
    fill(
      requests,
      hosts.length > 0 && [
        h("p", null, "Your browser requests:"),
        h("ul", { class: "plain-list" }, addresses.map(({ request: { host, href } }) => h("li", null, h("code", null, href), ", from ", h("strong", null, host)))),
        note("info", `${hosts.join(", ")} ${hosts.length === 1 ? "sees" : "see"} this request: your IP address, your browser, and that the page is from ${location.origin}. The rest of the address of this page, cookies and your manifests are not sent.`),
      ],
    );
  }

  async function request(): Promise<void> {
    if (submit.disabled || texts().length === 0) return input.focus();
    submit.disabled = true;
    fill(errors);
    const results = await Promise.all(texts().map((text) => load(text, closed.signal)));
    submit.disabled = false;
    if (closed.signal.aborted) return;
    const opened = results.flatMap((result) => ("name" in result ? result : []));
    const failed = results.flatMap((result) => ("name" in result ? [] : result));
    if (opened.length > 0) app.announce(`Opened ${app.addFiles(opened).join(", ")}.`);
    if (failed.length === 0) return close();
    // Those that were opened are not requested again.
    input.value = failed.map(({ text }) => text).join(" ");
    show();
    fill(errors, failed.map(({ text, message, link }) => note("error", h("code", null, text), `: ${message} `, link)));
    input.focus();
  }

  const { close } = dialog("Open from a URL", [form, requests, errors], {
    // A link can have opened the dialog: then the first key press must not request anything.
    focus: urls.length === 0 ? input : undefined,
    actions: [button("Cancel", () => close()), submit],
    onClose: () => closed.abort(),
  });
  show();
}

function note(kind: "error" | "info", ...children: Child[]): HTMLElement {
  return h("p", { class: `note note-${kind}` }, icon(kind), h("span", null, children));
}

function valid(text: string): Address | null {
  try {
    return addressOf(text, location.href);
  } catch {
    return null;
  }
}

async function load(text: string, closed: AbortSignal): Promise<ManifestFile | { text: string; message: string; link: Child }> {
  let address;
  try {
    address = addressOf(text, location.href);
    return { name: address.fileName, text: await requestText(address.request, closed) };
  } catch (error) {
    if (!(error instanceof AddressError || error instanceof RequestError)) throw error;
    const link = address && ["You can ", h("a", { href: address.url, target: "_blank", rel: "noopener noreferrer" }, "open it in a tab"), ", save the file, and open that here."];
    return { text, message: error.message, link };
  }
}
