/** Where to go after signing in: the `next` of the address when it is a page of ours, else the first page. */
export function nextPage(search = window.location.search): string {
  const wanted = new URLSearchParams(search).get("next") ?? "/";
  // `//host` and `/\host` lead elsewhere although they begin like a path.
  if (!/^\/(?![/\\])/.test(wanted)) return "/";
  const url = new URL(wanted, window.location.origin);
  if (url.origin !== window.location.origin || url.pathname.startsWith("/sign-in")) return "/";
  return url.pathname + url.search + url.hash;
}
