// Who may do what where, at one look: principals down, deployments across. A cell can be changed.

import { ALL, INSTANCE_RIGHTS, RIGHTS, matrixOf } from '../core/account.js';
import { sendJson } from '../core/http.js';
import { visibleText } from '../core/text.js';
import { groups } from '../core/units.js';
import { h, textButton } from '../ui/dom.js';
import { empty } from '../ui/feedback.js';
import { field, input, openForm } from './forms.js';
import { createGrantsEditor } from './grants_editor.js';
import { finder, panel } from './table.js';

const SIGNS = { 'logs:read': 'L', 'metrics:read': 'M', 'custom_metrics:read': 'C', 'deployment:read': 'S', 'logs:delete': 'D', ingest: 'I', 'ingest:logs': 'I', 'ingest:metrics': 'I', admin: 'A', 'audit:read': 'U' };
const TITLES = new Map([...RIGHTS, ...INSTANCE_RIGHTS]);
const ORDER = Object.keys(SIGNS);
const MOST_COLUMNS = 40;
const MOST_ROWS = 200;
const LEGEND = [...RIGHTS.filter(([name]) => !name.startsWith('ingest:')), ...INSTANCE_RIGHTS];

/** Puts these grants in place of all that the holder has. */
async function putGrants(row, grants) {
  if (row.kind === 'user') return sendJson('PATCH', `/api/v1/users/${encodeURIComponent(row.name)}`, { grants });
  if (row.kind === 'role') return sendJson('PUT', `/api/v1/roles/${encodeURIComponent(row.name)}`, { description: row.description, grants });
  // A token's grants are changed one by one. What goes goes first: what is granted for the same deployment is joined to what is there.
  const same = (left, right) => left.deployment === right.deployment && String(left.sources ?? '') === String(right.sources ?? '') && String(left.custom_metrics ?? '') === String(right.custom_metrics ?? '') && left.rights.join() === right.rights.join();
  const gone = row.own.filter((old) => !grants.some((grant) => same(old, grant)));
  for (const { id } of gone) await sendJson('DELETE', `/api/v1/grants/${id}`);
  for (const grant of grants.filter((one) => !row.own.some((old) => same(old, one)))) await sendJson('POST', '/api/v1/grants', { token: row.name, ...grant });
  return null;
}

const plain = ({ deployment, rights, sources, custom_metrics: custom }) => ({ deployment, rights, ...(sources?.length > 0 ? { sources } : {}), ...(custom?.length > 0 ? { custom_metrics: custom } : {}) });

export function create({ read, changed }) {
  const find = finder('Find a name or a deployment', () => draw());
  const view = panel('Rights', 'Own rights are filled, those by a role outlined. Click a cell to change what is the holder’s own.', find.node, textButton('Another deployment', addColumn, { class: 'button' }));
  let known = { users: [], roles: [], tokens: [] };
  let deployments = [];
  let extra = [];

  function addColumn() {
    const name = input({ list: 'matrix-deployments' });
    openForm('Show another deployment', [h('datalist', { id: 'matrix-deployments' }, deployments.map((one) => h('option', { value: one }))), field('Deployment', name, 'Its column appears, so that rights in it can be given; it need not have sent anything yet.')],
      { action: 'Show', submit: async () => { if (name.value.trim() === '') throw new Error('Name a deployment.'); extra = [...new Set([...extra, name.value.trim()])]; }, done: draw });
  }

  function open(row, column) {
    const here = row.own.filter(({ deployment }) => deployment === column);
    const grants = createGrantsEditor(here.length > 0 ? here : [{ deployment: column, rights: [] }], { instance: column === ALL, fixed: column });
    openForm(`${visibleText(row.title)} in ${column === ALL ? 'all deployments' : visibleText(column)}`, grants.node, {
      action: 'Save', wide: true,
      submit: () => putGrants(row, [...row.own.filter(({ deployment }) => deployment !== column), ...grants.value()].map(plain)),
      done: () => changed('Saved.'),
    });
  }

  const sign = (right, via) => h('span', { class: `right-sign${via ? ' right-via' : ''}`, title: `${TITLES.get(right) ?? right}${via ? ` (by the role ${via})` : ''}` }, SIGNS[right] ?? '?');

  const inOrder = (rights) => [...rights].sort((left, right) => ORDER.indexOf(left) - ORDER.indexOf(right));

  function cell(row, column) {
    const own = row.own.filter(({ deployment }) => deployment === column);
    const via = row.via.filter(({ deployment }) => deployment === column);
    const held = new Set(own.flatMap(({ rights }) => rights));
    const byRole = new Map(via.flatMap(({ rights, via: role }) => rights.map((right) => [right, role])));
    const all = inOrder(new Set([...held, ...byRole.keys()]));
    const signs = all.map((right) => sign(right, held.has(right) ? '' : byRole.get(right)));
    const narrowed = [...own, ...via].some(({ sources, custom_metrics: custom }) => sources?.length > 0 || custom?.length > 0);
    const content = [signs, narrowed && h('span', { class: 'muted', title: 'Of some sources or custom metrics only' }, '*')];
    const label = `${row.title} in ${column === ALL ? 'all deployments' : column}: ${all.map((right) => TITLES.get(right) ?? right).join(', ') || 'nothing'}`;
    return h('td', null, row.fixed ? h('span', { class: 'matrix-cell', 'aria-label': visibleText(label) }, content)
      : h('button', { type: 'button', class: 'matrix-cell', 'aria-label': visibleText(label), on: { click: () => open(row, column) } }, content));
  }

  function draw() {
    const { rows, columns } = matrixOf(known);
    const words = find.words();
    const fits = (text) => words.every((word) => text.toLowerCase().includes(word));
    const all = [...new Set([...columns, ...extra])];
    // Words find rows or columns: where they name a column the rows stay, and the other way round.
    const someColumn = words.length > 0 && all.some((name) => name !== ALL && fits(name));
    const shownColumns = all.filter((name) => name === ALL || !someColumn || fits(name));
    const someRow = rows.some(({ title }) => fits(title));
    const shownRows = rows.filter(({ title }) => words.length === 0 || (someColumn && !someRow) || fits(title));
    if (shownRows.length === 0) {
      view.draw(empty('Nothing has such a name', ''));
      return;
    }
    const columnsNow = shownColumns.slice(0, MOST_COLUMNS);
    view.draw(h('p', { class: 'matrix-legend small muted' }, LEGEND.map(([name, title]) => h('span', null, h('span', { class: 'right-sign' }, SIGNS[name]), title))),
      h('div', { class: 'table-scroll matrix-scroll', tabindex: '0', role: 'region', 'aria-label': 'Rights' }, h('table', { class: 'table matrix' },
        h('thead', null, h('tr', null, h('th', { scope: 'col' }, 'Who'), columnsNow.map((name) => h('th', { scope: 'col', title: visibleText(name) }, name === ALL ? 'all deployments' : visibleText(name))))),
        h('tbody', null, shownRows.slice(0, MOST_ROWS).map((row) => h('tr', { data: { key: `${row.kind} ${row.name}` } }, h('th', { scope: 'row' }, visibleText(row.title), ' ', h('span', { class: 'muted small' }, row.note)), columnsNow.map((name) => cell(row, name))))))),
      (shownColumns.length > MOST_COLUMNS || shownRows.length > MOST_ROWS) && h('p', { class: 'muted small' }, `Shown are ${Math.min(shownRows.length, MOST_ROWS)} of ${groups(shownRows.length)} rows and ${columnsNow.length} of ${groups(shownColumns.length)} columns; type above to find the others.`));
  }

  return {
    node: view.node,
    async load() {
      const [{ users }, { roles }, { tokens }, named] = await Promise.all([read('/api/v1/users'), read('/api/v1/roles'), read('/api/v1/tokens'), read('/api/v1/deployments', { optional: { deployments: [] } })]);
      known = { users, roles, tokens };
      deployments = named.deployments.map(({ name }) => name);
      draw();
    },
  };
}
