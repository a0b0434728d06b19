// A field of numbers at the side: percentiles, and how many records lie in each of a few ranges, where values that hardly
// come twice would tell nothing.

import { visibleText } from '../core/text.js';
import { formatCount, formatValue, groups, unitOf } from '../core/units.js';
import { h } from '../ui/dom.js';

/** Do ranges tell more than values? Where there are more values than are shown, most of them numbers. Pure. */
export function toldByRanges({ numbers, values, other }, shown) {
  if (!numbers || numbers.ranges.length < 2) return false;
  const all = values.reduce((sum, { count }) => sum + count, 0) + other;
  return (other > 0 || values.length > shown) && numbers.count * 2 > all;
}

/** "20 ms to 50 ms"; pure. */
export function rangeText(name, { from, to }) {
  const unit = unitOf(name);
  const start = from === 0 ? '0' : formatValue(from, unit);
  return to === undefined ? `${start} and more` : `${start} to ${formatValue(to, unit)}`;
}

/** `isChosen(range)`, `onRange(range)`. */
export function numberRows(name, numbers, { isChosen, onRange }) {
  const most = Math.max(1, ...numbers.ranges.map(({ count }) => count));
  const value = (number) => formatValue(number, unitOf(name));
  const fact = (label, number) => h('div', null, h('dt', { class: 'muted' }, label), h('dd', { title: String(number) }, value(number)));
  return [h('dl', { class: 'facet-numbers small' }, fact('min', numbers.min), fact('p90', numbers.p90), fact('p50', numbers.p50), fact('p95', numbers.p95), fact('max', numbers.max), fact('p99', numbers.p99)),
    numbers.ranges.map((range) => h('div', { class: 'facet-row' },
      h('button', { type: 'button', class: 'facet-value', 'aria-pressed': String(isChosen(range)), title: `${visibleText(name)} ≥ ${range.from}${range.to === undefined ? '' : ` and < ${range.to}`} · ${groups(range.count)}`, data: { key: `${name} from ${range.from}` },
        disabled: range.count === 0 && !isChosen(range), vars: { '--share': `${(100 * range.count) / most}%` }, on: { click: () => onRange(range) } },
      h('span', { class: 'facet-name' }, rangeText(name, range)), h('span', { class: 'facet-count' }, formatCount(range.count)))))];
}
