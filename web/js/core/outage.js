// Is the server away? Said once, by the frame of the page, whichever question noticed it; views only wait. While it is away
// it is knocked at, and who listens hears when it is back. Only a knock ends it, not another question's answer: else the page would
// ask all anew, without a pause, for the sake of one question that always fails.

const FIRST = 1000;  // milliseconds until the first knock
const MOST = 8000;   // … and between later ones
const SLOW = 60_000; // … where the server answers a knock, but not what the page asks

const listeners = new Set();
let since = 0;
let ended = 0;
let pause = FIRST;
let timer = 0;

export const isAway = () => since > 0;
export const onOutage = (listener) => listeners.add(listener);

const tell = () => listeners.forEach((listener) => listener(since > 0, since));

function over() {
  since = 0;
  ended = Date.now();
  tell();
}

async function knock() {
  clearTimeout(timer);
  if (since === 0) return;
  try {
    const response = await fetch('/health', { cache: 'no-store', credentials: 'omit' });
    if (response.ok) {
      if (since > 0) over();
      return;
    }
  } catch {
    // Still away.
  }
  if (since === 0) return;
  pause = Math.max(pause, Math.min(MOST, pause * 2));
  timer = setTimeout(knock, pause);
}

/** A question found nobody. */
export function unreachable() {
  if (since > 0) return;
  since = Date.now();
  // Where only some questions find nobody, it ends and begins again: then ever more slowly.
  pause = since - ended < 4 * MOST ? Math.min(SLOW, pause * 2) : FIRST;
  timer = setTimeout(knock, pause);
  tell();
}

/** Asks at once, as a person wants it who presses a button or whose network came back. */
export const knockNow = () => { knock(); };

if (typeof window !== 'undefined') window.addEventListener('online', knockNow);
