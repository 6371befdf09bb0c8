/**
 * The service worker of /desk: it keeps the page itself, so that a desk opens without a network. It never touches the API: what is asked
 * of the server is asked of the server, and entries are the page's own to keep. The build fills in what the page consists of.
 */

const SHELL = __SHELL__;
const CACHE = "desk-__VERSION__";
const PAGE = "./desk";
const PAGE_LIMIT_MS = 4_000;

self.addEventListener("install", (event) => {
  const fresh = SHELL.map((path) => new Request(path, { cache: "reload" }));
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(fresh)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  const old = (name) => name.startsWith("desk-") && name !== CACHE;
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(names.filter(old).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  const scope = new URL("./", self.registration.scope).pathname;
  const path = url.pathname.slice(scope.length);
  if (request.method !== "GET" || url.origin !== self.location.origin || !url.pathname.startsWith(scope)) return;
  if (request.mode === "navigate" && path === "desk") event.respondWith(page(request));
  else if (path.startsWith("assets/") || SHELL.includes(`./${path}`)) event.respondWith(part(request));
});

/** The newest page where the server answers soon, else the one that is kept. */
async function page(request) {
  const kept = await caches.match(PAGE, { cacheName: CACHE });
  try {
    const answer = await fetch(request, kept ? { signal: AbortSignal.timeout(PAGE_LIMIT_MS) } : {});
    if (answer.ok || !kept) return answer;
  } catch (fault) {
    if (!kept) throw fault;
  }
  return kept;
}

/** Parts are named by their content, so the kept one is the right one. */
async function part(request) {
  const kept = await caches.match(request);
  if (kept) return kept;
  const answer = await fetch(request);
  if (answer.ok) {
    const cache = await caches.open(CACHE);
    await cache.put(request, answer.clone());
  }
  return answer;
}
