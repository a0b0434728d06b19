// Quick ranges, or a start and an end in any form the API takes.

import { serverNow } from '../core/clock.js';
import { currentState, navigate } from '../core/router.js';
import { zone } from '../core/settings.js';
import { liveRange } from '../core/state.js';
import { QUICK_RANGES, describeRange, formatIsoLike, isRelative, parseIn, toUrlTime } from '../core/time.js';
import { h, replace } from './dom.js';
import { errorSlot } from './feedback.js';
import { icon } from './icons.js';
import { togglePopover } from './popover.js';

const lower = (text) => text.charAt(0).toLowerCase() + text.slice(1);
const shown = (text) => (isRelative(text) ? text : formatIsoLike(parseIn(text, zone(), serverNow()) ?? serverNow(), zone(), { millis: false }));

function panel(close) {
  const state = currentState();
  const problem = errorSlot();
  const choose = (from, to) => {
    close();
    navigate({ from, to, live: currentState().live && to === 'now' });
  };
  const field = (id, label, value) => h('div', { class: 'field' }, h('label', { for: id }, label),
    h('input', { id, class: 'input mono', value, autocomplete: 'off', spellcheck: 'false' }));
  const from = field('time-from', `From (${zone() === 'utc' ? 'UTC' : 'local time'})`, shown(state.from));
  const to = field('time-to', 'To', shown(state.to));
  const apply = (event) => {
    event.preventDefault();
    const texts = [from, to].map((node) => node.lastChild.value.trim());
    const times = texts.map((text) => parseIn(text, zone(), serverNow()));
    const bad = times.findIndex((time) => time === null);
    if (bad >= 0) problem.show(`“${texts[bad]}” is not a time. Write 2026-11-20 14:05, now-90m or an epoch number.`);
    else if (times[0] >= times[1]) problem.show('The start must lie before the end.');
    else choose(...texts.map((text, index) => (isRelative(text) ? text : toUrlTime(times[index]))));
  };
  return h('div', { class: 'time-panel' },
    h('div', { class: 'quick', role: 'group', 'aria-label': 'Quick ranges' }, QUICK_RANGES.map(([value, label]) =>
      h('button', { type: 'button', class: 'menu-item', 'aria-pressed': String(state.from === value && state.to === 'now'), on: { click: () => choose(value, 'now') } }, label))),
    h('form', { class: 'absolute', on: { submit: apply } }, from, to,
      h('p', { class: 'muted small' }, 'A date and time, ', h('code', null, 'now-90m'), ', or an epoch number.'),
      problem.node, h('button', { type: 'submit', class: 'button button-primary' }, 'Apply')));
}

export function timePicker() {
  const label = h('span', { class: 'time-label' });
  const node = h('button', { type: 'button', class: 'button time-button', 'aria-haspopup': 'dialog', 'aria-expanded': 'false', on: { click: () => open() } },
    icon('clock'), label);
  const open = () => togglePopover(node, 'Time range', panel, { align: 'right', wide: true });
  return {
    node, open,
    update(state) {
      // Live shows what comes now, whatever range is chosen for when it ends.
      const live = state.live && state.view === 'logs';
      const range = describeRange(live ? liveRange(state) : state, zone(), serverNow());
      replace(label, live ? ['Live', h('span', { class: 'live-range' }, ` · ${lower(range)}`)] : range);
      node.title = 'Time range (t)';
    },
  };
}
