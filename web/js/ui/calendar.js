// A month of days to choose a range of days from: the first click takes a day, the second the days up to another.

import { MONTHS, dateParts, weeksOf } from '../core/time.js';
import { button, h, replace } from './dom.js';
import { icon } from './icons.js';

const DAYS = ['Mo', 'Tu', 'We', 'Th', 'Fr', 'Sa', 'Su'];
const stamp = ({ year, month, day }) => Date.UTC(year, month, day);
const partsOf = (ms) => dateParts(ms, 'utc');

/** `today` and `chosen` [first, last] are calendar parts { year, month, day }; `onChoose(first, last)` too. */
export function createCalendar({ today, chosen, onChoose }) {
  let [first, last] = chosen.map(stamp);
  let shown = chosen[1];
  let extending = false;
  const node = h('div', { class: 'calendar', role: 'group', 'aria-label': 'Days' });

  function choose(day) {
    [first, last] = extending ? [Math.min(first, day), Math.max(last, day)] : [day, day];
    extending = !extending;
    draw();
    onChoose(partsOf(first), partsOf(last));
  }

  function turn(by) {
    shown = partsOf(Date.UTC(shown.year, shown.month + by, 1));
    draw();
  }

  function cell(day) {
    const at = partsOf(day);
    const classes = ['day', at.month !== shown.month && 'day-other', day >= first && day <= last && 'day-chosen', day === stamp(today) && 'day-today'].filter(Boolean);
    return h('button', { type: 'button', class: classes.join(' '), data: { key: `day ${day}` }, disabled: day > stamp(today), 'aria-pressed': String(day >= first && day <= last),
      'aria-label': `${at.day} ${MONTHS[at.month]} ${at.year}`, on: { click: () => choose(day) } }, at.day);
  }

  function draw() {
    replace(node, h('div', { class: 'calendar-head' }, button('Month before', () => turn(-1), { class: 'icon-button' }, icon('left')),
      h('strong', { 'aria-live': 'polite' }, `${MONTHS[shown.month]} ${shown.year}`), button('Month after', () => turn(1), { class: 'icon-button' }, icon('right'))),
    h('div', { class: 'calendar-days' }, DAYS.map((name) => h('span', { class: 'muted small', 'aria-hidden': 'true' }, name)), weeksOf(shown.year, shown.month).flat().map(cell)));
  }

  draw();
  return node;
}
