// What is stored of each deployment, and how long it is kept.

import { defaultState, formatHash } from '../core/state.js';
import { formatSpan } from '../core/time.js';
import { visibleText } from '../core/text.js';
import { formatBytes, formatCount, groups } from '../core/units.js';
import { h } from '../ui/dom.js';
import { finder, firstRows, moreNote, panel, table, timeCell } from './table.js';

const kept = ({ keep_s: seconds = 0, keep_bytes: bytes = 0 } = {}) => [seconds > 0 ? formatSpan(seconds * 1000) : '', bytes > 0 ? `up to ${formatBytes(bytes)}` : ''].filter(Boolean).join(', ') || 'for ever';
const sizeOf = ({ logs, metrics }) => (logs?.bytes ?? 0) + (metrics?.bytes ?? 0);

export function create({ read }) {
  const find = finder('Find a deployment', () => draw());
  const view = panel('Deployments', 'What the store holds of each, the largest first, and how long it is kept (options retention.…).', find.node);
  let known = [];

  const amount = (one) => [h('td', { class: 'num' }, one ? formatCount(one.records) : '–'), h('td', { class: 'num' }, one ? formatBytes(one.bytes) : '–'), h('td', { class: 'num' }, one ? kept(one) : '–')];
  const row = (one) => h('tr', { data: { key: one.name } }, h('th', { scope: 'row' }, h('a', { href: formatHash({ ...defaultState(), view: 'logs', deployment: [one.name] }) }, visibleText(one.name))),
    amount(one.logs), amount(one.metrics), timeCell([one.logs?.last, one.metrics?.last].filter(Boolean).sort().at(-1), '–'));

  function draw() {
    const found = find.of(known, ({ name }) => name).toSorted((left, right) => sizeOf(right) - sizeOf(left) || left.name.localeCompare(right.name));
    const total = found.reduce((sum, one) => sum + sizeOf(one), 0);
    view.draw(h('p', { class: 'muted small' }, `${groups(found.length)} deployments, ${formatBytes(total)} stored.`),
      table('Deployments', [['Name'], ['Logs', 'num'], ['Their size', 'num'], ['Kept', 'num'], ['Samples', 'num'], ['Their size', 'num'], ['Kept', 'num'], ['Newest']], firstRows(found).map(row), { nothing: known.length === 0 ? 'Nothing has been sent yet' : 'None has such a name' }), moreNote(found));
  }

  return {
    node: view.node,
    async load() {
      known = (await read('/api/v1/deployments')).deployments;
      draw();
    },
  };
}
