// The addresses of manifests: which URLs can be requested, and the raw addresses of files that GitHub, Gist and GitLab show in
// a page.

/** An invalid URL; its message is shown. */
export class AddressError extends Error {}

export interface Address {
  /** The URL as it was entered, without its fragment. */
  url: string;
  /** The URL that is requested. */
  request: URL;
  /** The name of the file that its text becomes. */
  fileName: string;
}

/**
 * The address of a manifest. URLs without a host are relative to `page`.
 * @throws AddressError if the Content-Security-Policy or the browser would block its request
 */
export function addressOf(text: string, page: string): Address {
  let url;
  try {
    // Browsers show and copy addresses without the scheme.
    url = new URL(/^[\w-]+(\.[\w-]+)+\/./.test(text) ? `https://${text}` : text, page);
  } catch {
    throw new AddressError("It is not a valid URL.");
  }
  url.hash = "";
  if (url.username || url.password) throw new AddressError("It contains a user name or a password. The page sends no credentials.");
  if (url.protocol !== "https:" && url.origin !== new URL(page).origin) {
    throw new AddressError("It does not begin with https://. Download the file and open it.");
  }
  return { url: url.href, request: rawUrl(url), fileName: fileNameOf(url) };
}

/** The address of the text of a file; the URL itself if it is not that of a page of a file. */
export function rawUrl(url: URL): URL {
  const path = url.pathname;
  const host = url.hostname.replace(/^www\./, "");
  if (host === "github.com") {
    const [, repository, file] = /^\/([^/]+\/[^/]+)\/(?:blob|raw|blame|edit)\/(.+)$/.exec(path) ?? [];
    if (file) return new URL(`https://raw.githubusercontent.com/${repository}/${file}`);
  }
  if (host === "gist.github.com") {
    // Without a name it is the first file.
    const [, gist, file = "/raw"] = /^\/([^/]+\/[0-9a-f]{20,})(\/raw(?:\/.*)?)?\/?$/.exec(path) ?? [];
    if (gist) return new URL(`https://gist.githubusercontent.com/${gist}${file}`);
  }
  // GitLab's own raw addresses do not allow requests of other pages; those of its API do, without a token for public projects.
  const [, project, ref, file] = /^\/(.+?)\/-\/(?:blob|raw|blame)\/([^/]+)\/(.+)$/.exec(path) ?? [];
  if (project && ref && file) {
    const encoded = (part: string): string => encodeURIComponent(decoded(part));
    return new URL(`/api/v4/projects/${encoded(project)}/repository/files/${encoded(file)}/raw?ref=${encoded(ref)}`, url);
  }
  return url;
}

/** The last segment of the path, with an extension. */
function fileNameOf(url: URL): string {
  const segments = url.pathname.split("/").filter((segment) => segment !== "" && segment !== "raw");
  const name = decoded(segments.at(-1) ?? "").replace(/[/\\\p{Cc}]/gu, "").slice(0, 200);
  if (name === "") return "manifest.yaml";
  return /\.\w+$/.test(name) ? name : `${name}.yaml`;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
