// When each cell was first seen to be cleared on the screen, after the frame that shows it was painted, and when the page had the frame of
// each position: milliseconds since 1970.
(() => {
  const heard = {};
  window.heard = heard;
  const now_ms = () => performance.timeOrigin + performance.now();
  const Plain = WebSocket;
  window.WebSocket = class extends Plain {
    constructor(...address) {
      super(...address);
      this.addEventListener("message", ({ data }) => {
        const to = /"to":(\d+)/.exec(data)?.[1];
        if (to !== undefined) heard[to] ??= now_ms();
      });
    }
  };
  const painted = {};
  window.painted = painted;
  const waiting = [];
  const after = new MessageChannel();
  after.port1.onmessage = () => {
    const at_ms = now_ms();
    for (const key of waiting.splice(0)) painted[key] ??= at_ms;
  };
  const look = () => {
    for (const cell of document.querySelectorAll('li[data-contestant] [data-stage][data-look="cleared"], li[data-contestant] [data-stage][data-look="first"]')) {
      const key = `${cell.closest("li").dataset.contestant}/${cell.dataset.stage}`;
      if (!(key in painted) && !waiting.includes(key)) waiting.push(key);
    }
    if (waiting.length > 0) requestAnimationFrame(() => after.port2.postMessage(0));
  };
  new MutationObserver(look).observe(document, { subtree: true, childList: true, attributes: true, attributeFilter: ["data-look"] });
})();
