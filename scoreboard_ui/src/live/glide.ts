/** Rows move by transforms only: an element stands where it is put, and glides there from where it stood. */

import type { Action } from "svelte/action";

const GLIDE: KeyframeAnimationOptions = { duration: 600, easing: "cubic-bezier(0.22, 0.9, 0.24, 1)" };

export const glide: Action<HTMLElement, number> = (node, top) => {
  let stands = top;
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  const at = (px: number): string => `translateY(${px}px)`;
  node.style.transform = at(stands);
  return {
    update(next) {
      if (next === stands) return;
      const from = stands;
      stands = next;
      node.style.transform = at(next);
      if (!calm.matches) node.animate([{ transform: at(from) }, { transform: at(next) }], GLIDE);
    },
  };
};
