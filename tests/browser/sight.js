// What a page of a test notices by itself, from its first moment on. It changes nothing.
(() => {
  const text = (element, selector) => element.querySelector(selector)?.textContent.trim() ?? "";
  const row = (plate) => ({
    place: Number(plate.getAttribute("aria-posinset")),
    id: plate.dataset.contestant,
    rank: text(plate, ".rank"),
    figure: text(plate, ".figure"),
    second: text(plate, ".second"),
    cells: Object.fromEntries([...plate.querySelectorAll("[data-stage]")].map((cell) => [cell.dataset.stage, [cell.dataset.look, cell.textContent.trim()]])),
  });
  const seen = {
    callouts: [],
    violations: [],
    mostPlates: 0,
    mostElements: 0,
    /** The plates that are on the screen, from the top. */
    rows: () => [...document.querySelectorAll("li[data-contestant]")].map(row).sort((a, b) => a.place - b.place),
    cursor: () => document.querySelector(".link small")?.dataset.cursor ?? "",
  };
  window.seen = seen;
  addEventListener("securitypolicyviolation", (event) => seen.violations.push(`${event.violatedDirective} ${event.blockedURI}`));
  const calloutsIn = (node) => (node instanceof Element ? [node, ...node.querySelectorAll("*")].filter((element) => element.matches("[data-callout]")) : []);
  new MutationObserver((records) => {
    for (const node of records.flatMap((record) => [...record.addedNodes]))
      for (const { dataset } of calloutsIn(node)) seen.callouts.push([dataset.callout, dataset.contestant, dataset.stage ?? null]);
    seen.mostPlates = Math.max(seen.mostPlates, document.querySelectorAll("li[data-contestant]").length);
    seen.mostElements = Math.max(seen.mostElements, document.querySelectorAll("*").length);
  }).observe(document, { childList: true, subtree: true });
})();
