// Named sets of grants.

import { grantText } from '../core/account.js';
import { sendJson } from '../core/http.js';
import { visibleText } from '../core/text.js';
import { button, h, textButton } from '../ui/dom.js';
import { icon } from '../ui/icons.js';
import { confirmLoss, field, input, openForm } from './forms.js';
import { createGrantsEditor, grantList } from './grants_editor.js';
import { panel, table } from './table.js';

const pathOf = (name) => `/api/v1/roles/${encodeURIComponent(name)}`;

export function create({ read, changed }) {
  const view = panel('Roles', 'A role is a set of grants with a name. A user may hold it in all deployments or in some.', textButton('Add a role', () => open(null), { class: 'button button-primary' }));
  let deployments = [];
  let known = [];

  function open(role) {
    const name = input({ value: role?.name ?? '', disabled: Boolean(role) });
    const description = input({ value: role?.description ?? '' });
    const grants = createGrantsEditor(role?.grants ?? [{ deployment: '*', rights: [] }], { deployments });
    openForm(role ? `Role ${visibleText(role.name)}` : 'Add a role', [field('Name', name), field('What it is for', description), h('fieldset', { class: 'form-part' }, h('legend', null, 'Grants'), grants.node)], {
      action: role ? 'Save' : 'Add', wide: true,
      submit() {
        const wanted = name.value.trim();
        if (wanted === '') throw new Error('Give the role a name.');
        if (!role && known.some((one) => one.name === wanted)) throw new Error(`There is a role “${visibleText(wanted)}” already.`);
        return sendJson('PUT', pathOf(wanted), { description: description.value.trim(), grants: grants.value() });
      },
      done: () => changed('Saved.'),
    });
  }

  const row = (role) => h('tr', { data: { key: role.name } }, h('th', { scope: 'row' }, visibleText(role.name), role.description && h('div', { class: 'muted small' }, visibleText(role.description))),
    h('td', null, grantList(role.grants.map(grantText))),
    h('td', { class: 'actions' }, role.built_in ? h('span', { class: 'badge' }, 'built in') : [button(`Change ${visibleText(role.name)}`, () => open(role), { class: 'icon-button' }, icon('edit')),
      button(`Remove ${visibleText(role.name)}`, () => confirmLoss(`Remove ${visibleText(role.name)}?`, 'Only a role that nobody holds can be removed.', 'Remove', () => sendJson('DELETE', pathOf(role.name)), () => changed('Removed.')), { class: 'icon-button' }, icon('trash'))]));

  return {
    node: view.node,
    async load() {
      const [{ roles }, known_] = await Promise.all([read('/api/v1/roles'), read('/api/v1/deployments', { optional: { deployments: [] } })]);
      [known, deployments] = [roles, known_.deployments.map(({ name }) => name)];
      view.draw(table('Roles', [['Name'], ['Grants'], ['']], roles.map(row)));
    },
  };
}
