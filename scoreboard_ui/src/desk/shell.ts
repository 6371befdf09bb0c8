/** The page itself, kept by a service worker so that it opens without a network, and the offer to install it. Needs https or this computer. */

/** What browsers give that can install a page. */
export interface Offer extends Event {
  prompt(): Promise<void>;
}

export function keepShell(): void {
  const workers = (navigator as { serviceWorker?: ServiceWorkerContainer }).serviceWorker;
  if (workers === undefined || !isSecureContext || import.meta.env.DEV) return;
  workers.register("./desk-sw.js", { scope: "./desk" }).catch(() => undefined); // without it the page works while it is open
  void (navigator as { storage?: StorageManager }).storage?.persist?.().catch(() => false);
}

/**
 * Wait until this window alone uses this desk, then act; returns how to let go. Two windows would send under one name. Where there are no
 * locks (a page that came by http), the server tells the older window that it was replaced.
 */
export function alone(name: string, onwait: () => void, act: () => void): () => void {
  const locks = (navigator as { locks?: LockManager }).locks;
  let done: () => void = () => {};
  const held = new Promise<void>((let_go) => (done = let_go));
  if (locks === undefined) {
    act();
    return done;
  }
  const give_up = new AbortController();
  const hold = (): Promise<void> => {
    act();
    return held;
  };
  void locks
    .request(name, { ifAvailable: true }, (lock) => {
      if (lock !== null) return hold();
      onwait();
      void locks.request(name, { signal: give_up.signal }, hold).catch(() => undefined);
      return undefined;
    })
    .catch(() => undefined);
  return () => {
    give_up.abort();
    done();
  };
}

/** Remember that the browser offers to install the page, for the menu. */
export function keepOffer(): void {
  addEventListener("beforeinstallprompt", (event) => {
    event.preventDefault();
    (window as { deskOffer?: Offer }).deskOffer = event as Offer;
  });
}
