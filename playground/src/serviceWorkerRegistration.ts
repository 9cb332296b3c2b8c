// The registration of the service worker, which makes the page available without a network.

/** Registers the service worker of the built page. Without one the page needs a network. */
export function registerServiceWorker(): void {
  if (!import.meta.env.PROD || !("serviceWorker" in navigator)) return;
  const register = (): void => {
    // From now on a newer version can replace the worker, and the files of earlier ones can be deleted.
    navigator.serviceWorker.controller?.postMessage("loaded");
    // Relative to the page, which can be served from any path.
    navigator.serviceWorker.register(new URL("sw.js", document.baseURI), { scope: "./" }).catch(() => {
      // Not served by HTTPS, not allowed, or no storage left. The page works without it.
    });
  };
  // After everything that the page needs at once.
  if (document.readyState === "complete") register();
  else window.addEventListener("load", register, { once: true });
}
