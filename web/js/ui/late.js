// Says so when the server owes an answer for long, instead of leaving old numbers standing as if they were new.

import { isAway } from '../core/outage.js';
import { lastHeard, silence } from '../core/pulse.js';
import { zone } from '../core/settings.js';
import { formatClock } from '../core/time.js';
import { h, replace, textButton } from './dom.js';
import { icon } from './icons.js';

const LATE = 20_000;

/** `main` is marked as old meanwhile; `ask` asks again. */
export function createLateNotice(main, ask) {
  const node = h('div', { class: 'late-notice', role: 'status' });
  const text = h('span');
  node.hidden = true;

  function look() {
    const waited = silence();
    const late = waited > LATE && !isAway(); // that nobody is there is said already
    main.classList.toggle('stale', late);
    if (late === node.hidden) replace(node, late && [icon('warning'), text, textButton('Ask again', ask, { class: 'button button-small' })]);
    node.hidden = !late;
    if (!late) return;
    // In steps, so that a screen reader does not count the seconds.
    text.textContent = `No answer for ${Math.floor(waited / 5000) * 5} s.${lastHeard() > 0 ? ` What is shown is as of ${formatClock(lastHeard(), zone())}, the time of the last answer.` : ''}`;
  }

  const timer = setInterval(look, 1000);
  return { node, stop: () => clearInterval(timer) };
}
