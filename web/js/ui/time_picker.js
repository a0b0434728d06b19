// Quick and recent ranges, a calendar, or a start and an end in words.

import { serverNow } from '../core/clock.js';
import { currentState, navigate } from '../core/router.js';
import { changeSetting, setting, zone } from '../core/settings.js';
import { liveRange } from '../core/state.js';
import { readTime } from '../core/time_text.js';
import { QUICK_RANGES, dateParts, describeRange, formatIsoLike, isRelative, parseIn, resolveRange } from '../core/time.js';
import { createCalendar } from './calendar.js';
import { h, replace } from './dom.js';
import { errorSlot } from './feedback.js';
import { icon } from './icons.js';
import { togglePopover } from './popover.js';

const RECENT = 5;
const lower = (text) => text.charAt(0).toLowerCase() + text.slice(1);
const shown = (text) => (isRelative(text) ? text : formatIsoLike(parseIn(text, zone(), serverNow()) ?? serverNow(), zone(), { millis: false }));
const isQuick = ({ from, to }) => to === 'now' && QUICK_RANGES.some(([value]) => value === from);

function remember(range) {
  if (isQuick(range)) return;
  const others = setting('recent').filter(({ from, to }) => from !== range.from || to !== range.to);
  changeSetting('recent', [range, ...others].slice(0, RECENT));
}

/** The start of a day, as the fields show it. */
const dayText = ({ year, month, day }) => formatIsoLike(Date.UTC(year, month, day), 'utc', { millis: false });

function panel(close) {
  const state = currentState();
  const now = serverNow();
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
    const typed = [from, to].map((node) => node.lastChild.value);
    const times = typed.map((text) => readTime(text, { zone: zone(), now: serverNow() }));
    const bad = times.indexOf(null);
    if (bad >= 0) problem.show(`“${typed[bad].trim()}” is not a time. Write 08:30, yesterday 14:00, 27 Nov 08:30, 2026-11-20 14:05, -90m, 1h ago, now-1M or now/d.`);
    else if (times[0].ms >= times[1].ms) problem.show('The start must lie before the end.');
    else {
      remember({ from: times[0].text, to: times[1].text });
      choose(times[0].text, times[1].text);
    }
  };
  const range = resolveRange(state, now);
  const calendar = createCalendar({ today: dateParts(now, zone()), chosen: [dateParts(range.from, zone()), dateParts(range.to - 1, zone())],
    onChoose(first, last) {
      const end = { ...last, day: last.day + 1 };
      const today = dateParts(serverNow(), zone());
      from.lastChild.value = dayText(first);
      to.lastChild.value = Date.UTC(last.year, last.month, last.day) >= Date.UTC(today.year, today.month, today.day) ? 'now' : dayText(end);
      problem.clear();
    } });
  const item = (one, label) => h('button', { type: 'button', class: 'menu-item', 'aria-pressed': String(state.from === one.from && state.to === one.to), on: { click: () => choose(one.from, one.to) } }, label);
  const recent = setting('recent');
  return h('div', { class: 'time-panel' },
    h('div', { class: 'quick', role: 'group', 'aria-label': 'Quick ranges' }, QUICK_RANGES.map(([value, label]) => item({ from: value, to: 'now' }, label))),
    h('form', { class: 'absolute', on: { submit: apply } }, from, to,
      h('p', { class: 'muted small' }, 'As ', h('code', null, '08:30'), ', ', h('code', null, 'yesterday'), ', ', h('code', null, '27 Nov 08:30'), ', ', h('code', null, '-90m'), ', ', h('code', null, '1h ago'), ', ', h('code', null, 'now-1M'), ', ', h('code', { title: 'The beginning of the day, in UTC' }, 'now/d'), '.'),
      problem.node, h('button', { type: 'submit', class: 'button button-primary' }, 'Apply'), calendar),
    recent.length > 0 && h('div', { class: 'recent', role: 'group', 'aria-label': 'Recent ranges' }, h('h3', { class: 'facet-title' }, 'Recent'), recent.map((one) => item(one, describeRange(one, zone(), now)))));
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
