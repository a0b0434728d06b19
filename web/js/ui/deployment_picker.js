// Which deployments to show. The list comes from what there is: logs of the last day and the newest metrics.

import { getJson, isAborted } from '../core/http.js';
import { currentState, navigate } from '../core/router.js';
import { visibleText } from '../core/text.js';
import { h, replace } from './dom.js';
import { icon } from './icons.js';
import { togglePopover } from './popover.js';

const MOST_SERIES = '20000';

/** { names, whole: whether there can be no other }. Logs of the last day, and every metric: a deployment may send either. */
async function knownDeployments() {
  const [logs, metrics] = await Promise.allSettled([
    getJson('/api/v1/logs/facets', { field: 'deployment', from: 'now-24h', to: 'now', limit: '1000' }, { key: 'deployments-logs' }),
    getJson('/api/v1/metrics/series', { limit: MOST_SERIES }, { key: 'deployments-metrics' }),
  ]);
  if (logs.status === 'rejected' && metrics.status === 'rejected') throw logs.reason;
  const names = new Set((logs.value?.values ?? []).map((item) => String(item.value)));
  for (const series of metrics.value?.series ?? []) if (series.deployment) names.add(series.deployment);
  return { names: [...names].sort(), whole: Boolean(logs.value && metrics.value) && !(logs.value.other > 0) && !metrics.value.truncated };
}

/** For one that sent its last log more than a day ago, or is beyond what the server lists. */
function otherField(add) {
  const input = h('input', { class: 'input', id: 'other-deployment', autocomplete: 'off', spellcheck: 'false', autocapitalize: 'off', placeholder: 'Its name' });
  return h('form', { class: 'other-deployment', on: { submit: (event) => {
    event.preventDefault();
    if (input.value.trim() !== '') add(input.value.trim());
  } } }, h('label', { class: 'muted small', for: 'other-deployment' }, 'Another one'), h('div', { class: 'group' }, input, h('button', { type: 'submit', class: 'button' }, 'Add')));
}

function panel(close) {
  const list = h('div', { class: 'menu' }, h('p', { class: 'muted small' }, 'Loading…'));
  const chosen = new Set(currentState().deployment);
  const apply = () => navigate({ deployment: [...chosen].sort() });
  const draw = (names, whole) => {
    const all = h('button', { type: 'button', class: 'menu-item', 'aria-pressed': String(chosen.size === 0), on: { click: () => { close(); navigate({ deployment: [] }); } } }, 'All deployments');
    const rows = names.map((name) => h('label', { class: 'check' },
      h('input', { type: 'checkbox', checked: chosen.has(name), data: { key: name }, on: { change: (event) => {
        if (event.target.checked) chosen.add(name);
        else chosen.delete(name);
      } } }), visibleText(name)));
    const add = (name) => {
      chosen.add(name);
      draw([...new Set([...names, name])].sort(), whole);
    };
    replace(list, all, rows.length > 0 && h('fieldset', null, h('legend', null, 'Only these'), rows,
      h('button', { type: 'button', class: 'button button-primary button-wide', on: { click: () => { close(); apply(); } } }, 'Apply')),
    rows.length === 0 && h('p', { class: 'muted small' }, 'Nothing has been sent in the last day.'),
    !whole && h('p', { class: 'muted small' }, 'There may be more than these.'), otherField(add));
  };
  knownDeployments().then(({ names, whole }) => draw([...new Set([...names, ...chosen])].sort(), whole), (error) => {
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
      label.textContent = deployment.length === 0 ? 'All deployments' : deployment.length < 3 ? visibleText(deployment.join(', ')) : `${deployment.length} deployments`;
      node.title = 'Deployments shown';
    },
  };
}
