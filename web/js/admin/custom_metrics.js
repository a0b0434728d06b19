// What is declared about metrics: unit, description, allowed range; and by which names.

import { sendJson } from '../core/http.js';
import { visibleText } from '../core/text.js';
import { groups } from '../core/units.js';
import { button, h, textButton } from '../ui/dom.js';
import { icon } from '../ui/icons.js';
import { confirmLoss, field, input, openForm } from './forms.js';
import { finder, firstRows, moreNote, panel, table, timeCell } from './table.js';
import { boundOf, rangeText } from './kept_text.js';

const ALL = '*';
const pathOf = ({ id }) => `/api/v1/custom-metrics/${id}`;
const placeText = (deployment) => (deployment === ALL ? 'all deployments' : visibleText(deployment));

export function create({ read, changed }) {
  const find = finder('Find a metric', () => draw());
  const view = panel('Custom metrics', 'Declared metrics have a unit and a range: samples outside it are refused, by name. Reading them needs the right “Read custom metrics”. Of several that fit, a deployment’s own counts before those of all, and a name before a pattern.',
    find.node, textButton('Declare a metric', () => open(null), { class: 'button button-primary' }));
  let known = [];
  let deployments = [];

  function open(metric) {
    const name = input({ value: metric?.name ?? '', placeholder: 'orders.open, or orders.*' });
    const where = input({ value: metric && metric.deployment !== ALL ? metric.deployment : '', placeholder: 'all deployments', list: 'metric-deployments' });
    const unit = input({ value: metric?.unit ?? '', placeholder: 'bytes, s, %, orders' });
    const description = input({ value: metric?.description ?? '' });
    const [least, most] = [metric?.min, metric?.max].map((bound) => input({ value: bound ?? '', placeholder: 'no bound', inputmode: 'decimal' }));
    openForm(metric ? `Metric ${visibleText(metric.name)}` : 'Declare a metric', [h('datalist', { id: 'metric-deployments' }, deployments.map((one) => h('option', { value: one }))),
      field('Name or pattern', name, '* stands for any text, ? for one character.'), field('Deployment', where), field('Unit', unit), field('What it tells', description),
      field('Smallest value', least), field('Largest value', most)], {
      action: metric ? 'Save' : 'Declare', wide: true,
      submit: () => sendJson(metric ? 'PUT' : 'POST', metric ? pathOf(metric) : '/api/v1/custom-metrics', { name: name.value.trim(), deployment: where.value.trim() || ALL, unit: unit.value.trim(),
        description: description.value.trim(), min: boundOf(least.value, 'smallest'), max: boundOf(most.value, 'largest') }),
      done: () => changed(metric ? 'Saved.' : 'Declared. It counts from the next request on.'),
    });
  }

  const remove = (metric) => confirmLoss(`Remove ${visibleText(metric.name)}?`, 'It is a plain metric again: whoever may read metrics reads it too, and values outside the range are taken. What is stored stays.', 'Remove',
    () => sendJson('DELETE', pathOf(metric)), () => changed('Removed.'));

  const row = (metric) => h('tr', { data: { key: String(metric.id) } }, h('th', { scope: 'row' }, h('code', null, visibleText(metric.name)), metric.description && h('div', { class: 'muted small' }, visibleText(metric.description))),
    h('td', null, placeText(metric.deployment)), h('td', null, visibleText(metric.unit) || '–'), h('td', null, rangeText(metric)), timeCell(metric.changed_at),
    h('td', { class: 'actions' }, button(`Change ${visibleText(metric.name)}`, () => open(metric), { class: 'icon-button' }, icon('edit')),
      button(`Remove ${visibleText(metric.name)}`, () => remove(metric), { class: 'icon-button' }, icon('trash'))));

  function draw() {
    const found = find.of(known, ({ name, deployment, unit, description }) => `${name} ${deployment} ${unit} ${description}`).toSorted((left, right) => left.name.localeCompare(right.name) || left.deployment.localeCompare(right.deployment));
    view.draw(known.length > 0 && h('p', { class: 'muted small' }, `${groups(found.length)} declared.`),
      table('Custom metrics', [['Name'], ['Deployment'], ['Unit'], ['Allowed'], ['Changed'], ['']], firstRows(found).map(row), { nothing: known.length === 0 ? 'Nothing is declared: every metric is a plain one' : 'None has such a name' }), moreNote(found));
  }

  return {
    node: view.node,
    async load() {
      const [{ metrics }, named] = await Promise.all([read('/api/v1/custom-metrics'), read('/api/v1/deployments', { optional: { deployments: [] } })]);
      [known, deployments] = [metrics, named.deployments.map(({ name }) => name)];
      draw();
    },
  };
}
