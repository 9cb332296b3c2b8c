// The service worker: keeps every file of the page, so that it works without a network after its first
// load. The build puts VERSION and FILES in front.

// Two copies of the page at one origin, at different paths, must not take each other's files away.
const PREFIX = `playground ${self.registration.scope} `;
const CACHE = PREFIX + VERSION;

// The page goes by its directory: there are servers that redirect from index.html to it, and a browser takes
// no redirected answer for a page.
const address = (file) => new URL(file === "index.html" ? "." : file, self.registration.scope).href;
const PAGE = address("index.html");
const OURS = new Set(FILES.map(address));

async function keepAll() {
  const cache = await caches.open(CACHE);
  // A name with a digest is the same file for ever; what the browser kept of others may be of the version
  // before.
  const how = (file) => (file.startsWith("assets/") ? "default" : "no-cache");
  await cache.addAll(FILES.map((file) => new Request(address(file), { cache: how(file) })));
}

// Files of older versions, once no page is open that could still ask for one.
async function forgetOthers() {
  const pages = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  if (pages.length > 1) return;
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith(PREFIX) && name !== CACHE).map((name) => caches.delete(name)));
}

// The names of files carry a digest of what they hold, so that those of two versions never clash. Only
// the page itself has the same name in all of them, and it comes from this version.
async function answer(url, request) {
  const kept = (await (await caches.open(CACHE)).match(url)) ?? (url === PAGE ? undefined : await caches.match(url));
  return kept ?? fetch(request);
}

self.addEventListener("install", (event) => {
  event.waitUntil(keepAll().then(() => self.skipWaiting()));
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
    event.respondWith(answer(PAGE, request));
    event.waitUntil(forgetOthers());
  } else if (OURS.has(url.href) || url.href.startsWith(address("assets/"))) {
    event.respondWith(answer(url.href, request));
  }
});
