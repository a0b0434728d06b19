// Which deployments to show. The list comes from what there is: logs of the last day and the newest metrics.

import { getJson, isAborted } from '../core/http.js';
import { currentState, navigate } from '../core/router.js';
import { h, replace } from './dom.js';
import { icon } from './icons.js';
import { togglePopover } from './popover.js';

async function knownDeployments() {
  const [logs, metrics] = await Promise.allSettled([
    getJson('/api/v1/logs/facets', { field: 'deployment', from: 'now-24h', to: 'now', limit: '200' }, { key: 'deployments-logs' }),
    getJson('/api/v1/metrics/latest', { names: 'cpu.usage', n: '1' }, { key: 'deployments-metrics' }),
  ]);
  if (logs.status === 'rejected' && metrics.status === 'rejected') throw logs.reason;
  const names = new Set((logs.value?.values ?? []).map((item) => String(item.value)));
  for (const series of Object.values(metrics.value?.metrics ?? {}).flat()) if (series.deployment) names.add(series.deployment);
  return [...names].sort();
}

function panel(close) {
  const list = h('div', { class: 'menu' }, h('p', { class: 'muted small' }, 'Loading…'));
  const chosen = new Set(currentState().deployment);
  const apply = () => navigate({ deployment: [...chosen].sort() });
  const draw = (names) => {
    const all = h('button', { type: 'button', class: 'menu-item', 'aria-pressed': String(chosen.size === 0), on: { click: () => { close(); navigate({ deployment: [] }); } } }, 'All deployments');
    const rows = names.map((name) => h('label', { class: 'check' },
      h('input', { type: 'checkbox', checked: chosen.has(name), on: { change: (event) => {
        if (event.target.checked) chosen.add(name);
        else chosen.delete(name);
      } } }), name));
    replace(list, all, rows.length > 0 && h('fieldset', null, h('legend', null, 'Only these'), rows,
      h('button', { type: 'button', class: 'button button-primary button-wide', on: { click: () => { close(); apply(); } } }, 'Apply')),
    rows.length === 0 && h('p', { class: 'muted small' }, 'Nothing has been sent yet.'));
  };
  knownDeployments().then((names) => draw([...new Set([...names, ...chosen])].sort()), (error) => {
    if (!isAborted(error)) replace(list, h('p', { class: 'small' }, error.message));
  });
  return list;
}

export function deploymentPicker() {
  const label = h('span', { class: 'time-label' });
  const node = h('button', { type: 'button', class: 'button deployment-button', 'aria-haspopup': 'dialog', 'aria-expanded': 'false',
    on: { click: () => togglePopover(node, 'Deployments', panel) } }, label, icon('caret'));
  return {
    node,
    update({ deployment }) {
      label.textContent = deployment.length === 0 ? 'All deployments' : deployment.length < 3 ? deployment.join(', ') : `${deployment.length} deployments`;
      node.title = 'Deployments shown';
    },
  };
}
