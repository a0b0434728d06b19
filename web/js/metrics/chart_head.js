// The head of a chart: its name, what is drawn of how much, and its choices.

import { ALL_AS_ONE, LINES, RANKS, drawnOf } from '../core/state.js';
import { visibleText } from '../core/text.js';
import { groups } from '../core/units.js';
import { button, h, replace, select } from '../ui/dom.js';
import { icon } from '../ui/icons.js';
import { nameParts } from '../ui/name.js';
import { togglePopover } from '../ui/popover.js';
import { labelPanel } from './label_panel.js';

const AGGREGATES = ['avg', 'min', 'max', 'sum', 'count', 'last', 'rate', 'p50', 'p90', 'p95', 'p99'];

/** How many of the lines are drawn, and which: a button that tells it and changes it; null where there are too few to choose from. */
export function topChoice(spec, drawn, total, onChange) {
  if (total <= LINES[0]) return null;
  const { lines, rank } = drawnOf(spec);
  const by = RANKS.find(([name]) => name === rank)[1];
  const panel = (close) => {
    const choices = (legend, name, list, value) => h('fieldset', null, h('legend', null, legend), list.map(([key, label]) => h('label', { class: 'check' },
      h('input', { type: 'radio', name, value: key, checked: String(key) === String(value), on: { change: (event) => { close(); onChange({ ...spec, ...drawnOf(spec), [name]: name === 'lines' ? Number(event.target.value) : event.target.value }); } } }), label)));
    return h('div', { class: 'menu' }, choices('Lines drawn', 'lines', LINES.map((count) => [count, String(count)]), lines), choices('The largest by', 'rank', RANKS, rank),
      h('p', { class: 'muted small' }, 'A grey area holds all others.'));
  };
  const node = h('button', { type: 'button', class: 'badge chart-top', 'aria-haspopup': 'dialog', 'aria-expanded': 'false', title: 'Choose how many lines are drawn, and by what',
    on: { click: () => togglePopover(node, 'Lines drawn', panel) } }, drawn < total ? `top ${groups(drawn)} of ${groups(total)} by ${by}` : `all ${groups(total)} lines`, icon('caret'));
  return node;
}

/** `notes`: elements that tell of the answer; `labels`: those that the metric has. */
export function drawHead(head, chips, spec, { labels, about, notes, onChange, onRemove }) {
  const choices = [[[], 'each series'], [[ALL_AS_ONE], 'all as one'], [['deployment'], 'by deployment'], ...labels.filter((name) => name !== 'deployment').map((name) => [[name], `by ${visibleText(name)}`])]
    .map(([by, text]) => [JSON.stringify(by), text]);
  const value = JSON.stringify(spec.by);
  if (!choices.some(([by]) => by === value)) choices.push([value, `by ${visibleText(spec.by.join(', '))}`]);
  const filter = button('Filter by label', () => togglePopover(filter, 'Filter by label', labelPanel(spec, (name, text) => onChange({ ...spec, labels: { ...spec.labels, [name]: text } })), { align: 'right' }),
    { class: 'icon-button', 'aria-haspopup': 'dialog', 'aria-expanded': 'false' }, icon('filter'));
  replace(head, h('h2', { class: 'chart-title name', title: visibleText(about ? `${spec.name}: ${about}` : spec.name) }, nameParts(spec.name)), notes, h('div', { class: 'spacer' }),
    select('Aggregate', AGGREGATES.map((name) => [name, name]), spec.agg, (agg) => onChange({ ...spec, agg }), { class: 'select' }),
    select('Group by', choices, value, (by) => onChange({ ...spec, by: JSON.parse(by) }), { class: 'select' }),
    filter, button(`Remove ${visibleText(spec.name)}`, onRemove, { class: 'icon-button' }, icon('close')));
  replace(chips, Object.entries(spec.labels).map(([name, text]) => h('span', { class: 'chip' }, h('span', { class: 'mono' }, visibleText(`${name} = ${text}`)),
    button(`Remove ${visibleText(`${name} = ${text}`)}`, () => {
      const left = { ...spec.labels };
      delete left[name];
      onChange({ ...spec, labels: left });
    }, { class: 'icon-button' }, icon('close')))));
  chips.hidden = chips.children.length === 0;
}
