// One state, kept in the URL's hash. Views read it, change it by navigate(), and hear of changes by onState().

import { formatHash, parseHash } from './state.js';

const listeners = new Set();
const remembered = {};
let state = parseHash(location.hash);

export const currentState = () => state;
export const onState = (listener) => listeners.add(listener);

/** Changes part of the state. `replace` leaves no entry to go back to; `quiet` tells nobody. */
export function navigate(patch, { replace = false, quiet = false } = {}) {
  const before = state;
  if (patch.view && patch.view !== before.view) {
    remembered[before.view] = before;
    const { deployment, from, to } = before;
    state = { ...(remembered[patch.view] ?? parseHash('')), refresh: '', deployment, from, to, live: false, record: '', ...patch };
  } else {
    state = { ...before, ...patch };
  }
  const hash = formatHash(state);
  if (hash !== location.hash) history[replace ? 'replaceState' : 'pushState'](null, '', hash);
  state = parseHash(hash);
  if (!quiet) listeners.forEach((listener) => listener(state, before));
}

export const linkTo = (patch) => new URL(formatHash({ ...state, ...patch }), location.href).href;

function follow() {
  if (formatHash(parseHash(location.hash)) === formatHash(state)) return;
  const before = state;
  state = parseHash(location.hash);
  listeners.forEach((listener) => listener(state, before));
}

window.addEventListener('popstate', follow);
window.addEventListener('hashchange', follow);
