// The service worker: caches every file of the page, so that it works without a network after its first load, and deletes the
// files of earlier versions. The build prepends VERSION and FILES.

// Includes the scope, so that two copies of the page at one origin do not delete each other's files.
const PREFIX = `playground ${self.registration.scope} `;
const CACHE = PREFIX + VERSION;

// The page is cached by its directory: some servers redirect index.html to it, and a browser rejects a redirected response
// for a navigation.
const urlOf = (file) => new URL(file === "index.html" ? "." : file, self.registration.scope).href;
const PAGE = urlOf("index.html");
const URLS = new Set(FILES.map(urlOf));

async function cacheFiles() {
  const cache = await caches.open(CACHE);
  // A file with a digest in its name never changes; the browser's cache of the others can be of an earlier version.
  const cacheMode = (file) => (file.startsWith("assets/") ? "default" : "no-cache");
  await cache.addAll(FILES.map((file) => new Request(urlOf(file), { cache: cacheMode(file) })));
}

// How long a page that does not report that it is loaded delays the next version, in milliseconds.
const LOAD_TIMEOUT = 5000;

// The pages that this version was the answer to: by their ids, the functions to call when they are loaded. If the worker is
// restarted, it does not know them any more, and keeps the files of earlier versions until all pages are loaded again.
const pages = new Map();

// Deletes the files of earlier versions, unless an open page is of an earlier version and can still request one.
async function deleteEarlierCaches() {
  const open = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  if (open.some(({ id, url }) => url.startsWith(self.registration.scope) && !pages.has(id))) return;
  const names = (await caches.keys()).filter((name) => name.startsWith(PREFIX) && name !== CACHE);
  // The other cache can be that of a newer version, too.
  if (self.registration.installing || self.registration.waiting) return;
  await Promise.all(names.map((name) => caches.delete(name)));
}

// File names contain a digest, so that those of two versions differ. Only the page itself has the same name in all versions;
// it comes from this one.
async function respond(url, request) {
  const cached = (await (await caches.open(CACHE)).match(url)) ?? (url === PAGE ? undefined : await caches.match(url));
  return cached ?? fetch(request);
}

self.addEventListener("install", (event) => {
  event.waitUntil(cacheFiles().then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(self.clients.claim());
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET") return;
  const url = new URL(request.url);
  url.search = "";
  url.hash = "";
  if (request.mode === "navigate" && (url.href === PAGE || url.href === `${PAGE}index.html`)) {
    event.respondWith(respond(PAGE, request));
    // A newer version does not replace this one before the page is loaded: Chromium would let requests of the page fail.
    const loaded = new Promise((resolve) => {
      pages.set(event.resultingClientId, resolve);
      setTimeout(resolve, LOAD_TIMEOUT);
    });
    event.waitUntil(loaded);
  } else if (URLS.has(url.href) || url.href.startsWith(urlOf("assets/"))) {
    event.respondWith(respond(url.href, request));
  }
});

// Each page sends a message when it is loaded. The page that it replaces is closed by then.
self.addEventListener("message", (event) => {
  pages.get(event.source?.id)?.();
  event.waitUntil(deleteEarlierCaches());
});
