// The service worker: caches every file of the page, so that it works without a network after its first load. The build
// prepends VERSION and FILES.

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

// Deletes the files of earlier versions, unless another open page can still request one.
async function deleteOtherCaches() {
  const pages = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  if (pages.length > 1) return;
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith(PREFIX) && name !== CACHE).map((name) => caches.delete(name)));
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
    event.waitUntil(deleteOtherCaches());
  } else if (URLS.has(url.href) || url.href.startsWith(urlOf("assets/"))) {
    event.respondWith(respond(url.href, request));
  }
});
