// Links with `#url=…`: the URLs of the manifests that the page offers to open.

/**
 * The URLs in a fragment such as `#url=https://example.com/pod.yaml&url=…`, as they are written there; none if it is another
 * fragment. A URL is written as it is, or encoded by `encodeURIComponent`.
 */
export function urlsInHash(hash: string): string[] {
  if (!/^#url=./s.test(hash)) return [];
  return hash
    .slice("#url=".length)
    .split("&url=")
    .filter(Boolean)
    .map((value) => {
      // The escapes of a URL that is written as it is belong to it.
      if (/^https?:\/\//i.test(value)) return value;
      try {
        return decodeURIComponent(value);
      } catch {
        return value;
      }
    });
}
