// Grants as rows that can be changed: a deployment, the rights there, of which sources and which custom metrics.

import { ALL, INSTANCE_RIGHTS, RIGHTS } from '../core/account.js';
import { visibleText } from '../core/text.js';
import { button, h, replace, textButton } from '../ui/dom.js';
import { icon } from '../ui/icons.js';
import { input } from './forms.js';

let serial = 0;
const listOf = (text) => text.split(',').map((part) => part.trim()).filter(Boolean);

/** "ingest" is both of its parts. What this page does not know stays as it is. */
function boxesOf(rights, { instance }) {
  const known = [...RIGHTS.filter(([name]) => !name.startsWith('ingest:') || (rights.includes(name) && !rights.includes('ingest'))), ...(instance ? INSTANCE_RIGHTS : [])];
  return [...known, ...rights.filter((name) => !known.some(([right]) => right === name)).map((name) => [name, visibleText(name)])];
}

/** `deployments`: names to offer; `fixed`: the one deployment that all is about. value() gives the grants, or throws what is missing. */
export function createGrantsEditor(grants, { deployments = [], instance = true, fixed = '' } = {}) {
  serial += 1;
  const list = h('datalist', { id: `deployments-${serial}` }, deployments.map((name) => h('option', { value: name })));
  const rows = h('div', { class: 'grant-rows' });
  let entries = grants.map((grant) => entryOf(grant));

  function entryOf(grant) {
    const where = input({ value: grant.deployment === ALL ? '' : grant.deployment, placeholder: 'all deployments', 'aria-label': 'Deployment', list: list.id });
    const sources = input({ value: (grant.sources ?? []).join(', '), placeholder: 'all sources', 'aria-label': 'Sources, with commas between; * stands for any text' });
    const custom = input({ value: (grant.custom_metrics ?? []).join(', '), placeholder: 'all custom metrics', 'aria-label': 'Custom metrics, with commas between; * stands for any text' });
    const boxes = boxesOf(grant.rights, { instance }).map(([name, label]) => h('label', { class: 'check' }, h('input', { type: 'checkbox', value: name, checked: grant.rights.includes(name) }), label));
    const node = h('fieldset', { class: 'grant-row' }, h('legend', { class: 'sr-only' }, 'Grant'),
      h('div', { class: 'grant-where' }, !fixed && where, sources, custom, !fixed && button('Remove this grant', () => { entries = entries.filter((one) => one.node !== node); draw(); }, { class: 'icon-button' }, icon('trash'))),
      h('div', { class: 'grant-rights' }, boxes));
    // They narrow that one right alone.
    const chosen = (name) => boxes.some((box) => box.querySelector('input').value === name && box.querySelector('input').checked);
    const show = () => { custom.hidden = !chosen('custom_metrics:read'); };
    node.addEventListener('change', show);
    show();
    return { node, read: () => ({ deployment: fixed || where.value.trim() || ALL, rights: boxes.map((box) => box.querySelector('input')).filter((box) => box.checked).map((box) => box.value), sources: listOf(sources.value), custom: custom.hidden ? [] : listOf(custom.value) }) };
  }

  function add() {
    entries.push(entryOf({ deployment: fixed || ALL, rights: [], sources: [] }));
    draw();
    entries.at(-1).node.querySelector('input').focus();
  }

  function draw() {
    replace(rows, entries.map(({ node }) => node), entries.length === 0 && h('p', { class: 'muted small' }, 'No rights of its own.'));
  }

  draw();
  return {
    node: h('div', { class: 'grants-editor' }, list, rows, textButton('Add a grant', add, { class: 'button button-small' })),
    value() {
      const read = entries.map((entry) => {
        const { sources, custom, ...grant } = entry.read();
        return { ...grant, ...(sources.length > 0 ? { sources } : {}), ...(custom.length > 0 ? { custom_metrics: custom } : {}) };
      });
      if (!fixed && read.some(({ rights }) => rights.length === 0)) throw new Error('Choose at least one right of each grant, or remove the grant.');
      return read.filter(({ rights }) => rights.length > 0);
    },
  };
}

/** A list of grants in a table's cell. */
export const grantList = (texts) => (texts.length === 0 ? h('span', { class: 'muted' }, '–') : h('ul', { class: 'grant-list' }, texts.map((text) => h('li', null, visibleText(text)))));
