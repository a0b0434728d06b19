// One machine on the overview.

import { formatAge } from '../core/time.js';
import { formatBytes, formatCount, formatSeconds, formatValue, groups } from '../core/units.js';
import { fullness, spark } from '../charts/spark.js';
import { h } from '../ui/dom.js';
import { icon } from '../ui/icons.js';
import { nameParts } from '../ui/name.js';
import { formatHash, defaultState } from '../core/state.js';
import { visibleText } from '../core/text.js';

const SAY = { live: 'sending', late: 'late', silent: 'silent' };
const known = (value) => value !== null && value !== undefined && Number.isFinite(value);

function meter(name, value, { values, detail = '', max = 100, tone = fullness(value) }) {
  if (!known(value)) return null;
  return h('div', { class: 'meter' }, h('span', { class: 'meter-name' }, name), h('span', { class: 'meter-value' }, formatValue(value, '%')),
    spark(values, { label: `${name} over the last minutes, now ${formatValue(value, '%')}`, max, tone }), detail && h('span', { class: 'meter-detail muted' }, detail));
}

function flow(name, into, out, labels) {
  const now = [into.at(-1), out.at(-1)];
  if (!known(now[0]) && !known(now[1])) return null;
  const top = Math.max(1024, ...into.filter(known), ...out.filter(known));
  return h('div', { class: 'meter meter-flow' }, h('span', { class: 'meter-name' }, name),
    h('span', { class: 'meter-flows' }, known(now[0]) && h('span', { title: labels[0] }, `${labels[2]} ${formatValue(now[0], 'B/s')}`), known(now[1]) && h('span', { title: labels[1] }, `${labels[3]} ${formatValue(now[1], 'B/s')}`)),
    h('span', { class: 'spark-pair' }, into.length > 0 && spark(into, { label: `${name}, ${labels[0]}`, max: top }), out.length > 0 && spark(out, { label: `${name}, ${labels[1]}`, max: top, tone: 'second' })));
}

function storage(mount) {
  const percent = mount.usage ?? 0;
  const text = known(mount.total) && known(mount.used) ? `${formatBytes(mount.used)} of ${formatBytes(mount.total)}` : '';
  return h('div', { class: 'storage' }, h('span', { class: 'storage-mount mono', title: visibleText(mount.mount) }, visibleText(mount.mount) || 'storage'), h('span', { class: 'storage-text muted' }, text), h('span', { class: 'storage-percent' }, formatValue(mount.usage, '%')),
    h('span', { class: `bar-track tone-${fullness(percent)}`, role: 'meter', 'aria-label': `Storage ${mount.mount}`, 'aria-valuenow': Math.round(percent), 'aria-valuemin': '0', 'aria-valuemax': '100' },
      h('span', { class: 'bar-fill', vars: { width: `${Math.min(100, percent)}%` } })));
}

export function machineCard(machine, now, { manyDeployments }) {
  const { state } = machine;
  const name = visibleText(machine.source);
  const link = (patch) => formatHash({ ...defaultState(), deployment: [machine.deployment], ...patch });
  const charts = ['cpu.usage', 'ram.usage', 'net.in', 'net.out'].map((name) => ({ name, agg: 'avg', by: [], labels: { source: machine.source } }));
  const facts = [known(machine.load) && ['load', formatCount(machine.load)], known(machine.temperature) && ['', formatValue(machine.temperature, '°C')],
    known(machine.processes) && ['procs', groups(machine.processes)], known(machine.uptime) && ['up', formatSeconds(machine.uptime)]].filter(Boolean);
  return h('article', { class: `card machine is-${state}`, 'aria-label': name, data: { source: machine.source, key: machine.key } },
    h('header', { class: 'machine-head' }, h('i', { class: `state-dot state-${state}`, title: SAY[state] }),
      h('a', { class: 'machine-name name', href: link({ view: 'metrics', charts }), title: `Charts of ${name}` }, nameParts(machine.source, '(no source)')),
      manyDeployments && h('span', { class: 'tag name', title: visibleText(machine.deployment) }, nameParts(machine.deployment)), h('span', { class: 'spacer' }),
      machine.errors > 0 && h('a', { class: 'error-count', href: link({ view: 'logs', severity: 'ERROR', source: [machine.source] }), title: 'Errors in the last hour' }, icon('warning'), formatCount(machine.errors)),
      h('span', { class: 'seen muted', title: new Date(machine.lastSeen).toISOString() }, state === 'live' ? formatAge(machine.lastSeen, now) : `${SAY[state]}, ${formatAge(machine.lastSeen, now)}`)),
    state === 'silent' && h('p', { class: 'old-values small' }, `Old: the last values, of ${formatAge(machine.lastSeen, now)}.`),
    h('div', { class: 'meters' },
      meter('CPU', machine.cpu.now, { values: machine.cpu.values }),
      meter('RAM', machine.ram.now, { values: machine.ram.values, max: machine.ram.percent ? 100 : machine.ram.total, detail: known(machine.ram.total) && known(machine.ram.used) ? `${formatBytes(machine.ram.used)} / ${formatBytes(machine.ram.total)}` : '' }),
      machine.gpus.map((gpu, index) => meter(machine.gpus.length > 1 ? `GPU ${visibleText(gpu.name) || index}` : 'GPU', gpu.now, { values: gpu.values, detail: known(gpu.memory) ? formatBytes(gpu.memory) : '', tone: 'third' })),
      flow('Net', machine.netIn, machine.netOut, ['in', 'out', '↓', '↑']), flow('Disk', machine.diskRead, machine.diskWrite, ['read', 'write', 'r', 'w'])),
    machine.storage.length > 0 && h('div', { class: 'storages' }, machine.storage.slice(0, 3).map(storage),
      machine.storage.length > 3 && h('span', { class: 'muted small' }, `and ${machine.storage.length - 3} more`)),
    h('footer', { class: 'machine-foot' }, facts.map(([name, value]) => h('span', { class: 'fact' }, name && h('span', { class: 'muted' }, `${name} `), value)),
      h('span', { class: 'spacer' }), h('a', { href: link({ view: 'logs', source: [machine.source] }) }, 'Logs')));
}
