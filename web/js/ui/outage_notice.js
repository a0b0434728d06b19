// One line below the header while the server is away.

import { onOutage, knockNow } from '../core/outage.js';
import { zone } from '../core/settings.js';
import { formatClock } from '../core/time.js';
import { h, replace, textButton } from './dom.js';
import { icon } from './icons.js';

const node = h('div', { class: 'outage-notice', role: 'alert' });
node.hidden = true;

onOutage((away, since) => {
  node.hidden = !away;
  replace(node, away && [icon('warning'), h('span', null, `The server cannot be reached since ${formatClock(since, zone())}. This page asks again by itself, and goes on when it is back.`),
    textButton('Ask now', knockNow, { class: 'button button-small' })]);
});

/** The same element for every shell: an outage outlives a sign-in. */
export const outageNotice = () => node;
