// How long the server has been owing an answer. A page that only waits looks like one that is up to date.

let open = 0;
let since = 0;
let last = 0;

/** A question is on its way. Call what it returns, once, when that is over, whatever came of it. */
export function asking() {
  if (open === 0) since = Date.now();
  open += 1;
  return () => { open -= 1; };
}

export function heard() {
  since = Date.now();
  last = since;
}

/** Milliseconds that we have waited without any answer; 0 when nothing is asked. */
export const silence = (now = Date.now()) => (open > 0 ? now - since : 0);
/** When the last answer came, by this device's clock; 0: none yet. */
export const lastHeard = () => last;
