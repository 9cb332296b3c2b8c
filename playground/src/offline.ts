// Keeps the page for when there is no network, where the browser can.

/** Starts the service worker of the built page. Without one the page works all the same, with a network. */
export function keepOffline(): void {
  if (!import.meta.env.PROD || !("serviceWorker" in navigator)) return;
  const start = (): void => {
    // Relative to the page, wherever it was put.
    navigator.serviceWorker.register(new URL("sw.js", document.baseURI), { scope: "./" }).catch(() => {
      // Not over HTTPS, forbidden, or no room: nothing that the user could do about it here.
    });
  };
  // After all that is needed at once.
  if (document.readyState === "complete") start();
  else window.addEventListener("load", start, { once: true });
}
