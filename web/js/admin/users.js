// Who may log in, and what they may do.

import { ALL, grantText } from '../core/account.js';
import { sendJson } from '../core/http.js';
import { visibleText } from '../core/text.js';
import { button, h, textButton } from '../ui/dom.js';
import { icon } from '../ui/icons.js';
import { confirmLoss, field, input, openForm } from './forms.js';
import { createGrantsEditor, grantList } from './grants_editor.js';
import { finder, firstRows, moreNote, panel, table, timeCell } from './table.js';

const pathOf = (name) => `/api/v1/users/${encodeURIComponent(name)}`;
const heldText = ({ role, deployment }) => (deployment === ALL ? role : `${role} in ${deployment}`);

/** Roles with boxes, each for all deployments or for one. */
function createRolesChoice(roles, held, deployments) {
  const list = h('datalist', { id: 'role-deployments' }, deployments.map((name) => h('option', { value: name })));
  const rows = roles.map(({ name, description }) => {
    const of = held.filter(({ role }) => role === name);
    const box = h('input', { type: 'checkbox', checked: of.length > 0 });
    const where = input({ value: of.map(({ deployment }) => (deployment === ALL ? '' : deployment)).filter(Boolean).join(', '), placeholder: 'in all deployments', 'aria-label': `${name}: in which deployments, with commas between`, list: list.id });
    return { name, box, where, node: h('div', { class: 'role-row' }, h('label', { class: 'check', title: visibleText(description) }, box, visibleText(name)), where) };
  });
  return {
    node: h('fieldset', { class: 'form-part' }, h('legend', null, 'Roles'), list, rows.map(({ node }) => node)),
    value: () => rows.filter(({ box }) => box.checked).flatMap(({ name, where }) => {
      const names = where.value.split(',').map((part) => part.trim()).filter(Boolean);
      return (names.length > 0 ? names : [ALL]).map((deployment) => ({ role: name, deployment }));
    }),
  };
}

export function create({ read, changed }) {
  const find = finder('Find a user', () => draw());
  const view = panel('Users', 'People who log in with a name and a password. What they may do comes from roles and from grants of their own.',
    find.node, textButton('Add a user', () => open(null), { class: 'button button-primary' }));
  let known = { users: [], roles: [], deployments: [] };

  function open(user) {
    const name = input({ value: user?.name ?? '', disabled: Boolean(user), autocomplete: 'off' });
    const fullName = input({ value: user?.full_name ?? '' });
    const password = input({ type: 'password', autocomplete: 'new-password' });
    const roles = createRolesChoice(known.roles, user?.roles ?? [], known.deployments);
    const grants = createGrantsEditor(user?.grants ?? [], { deployments: known.deployments });
    openForm(user ? `User ${visibleText(user.name)}` : 'Add a user', [field('Name', name, user ? '' : 'Letters, digits and . _ @ + -, such as an e-mail address.'), field('Full name', fullName),
      user?.issuer ? h('p', { class: 'muted small' }, `Comes by ${visibleText(user.issuer)}, whose rules give the roles with each log-in: a change of roles here lasts until then. Grants stay.`) : field(user ? 'New password' : 'Password', password, user ? 'Left empty it stays as it is; a new one ends the user’s sessions.' : 'At least 10 characters. Tell it on a safe way; the user can change it.'),
      roles.node, h('fieldset', { class: 'form-part' }, h('legend', null, 'Grants of their own'), grants.node)], {
      action: user ? 'Save' : 'Add', wide: true,
      submit: () => sendJson(user ? 'PATCH' : 'POST', user ? pathOf(user.name) : '/api/v1/users', { ...(user ? {} : { name: name.value.trim() }), full_name: fullName.value.trim(),
        ...(password.value === '' ? {} : { password: password.value }), roles: roles.value(), grants: grants.value() }),
      done: () => changed(user ? 'Saved.' : 'The user can log in now.'),
    });
  }

  const disable = (user) => openForm(user.disabled ? `Let ${visibleText(user.name)} in again?` : `Lock ${visibleText(user.name)} out?`,
    h('p', null, user.disabled ? 'The user may log in again, with the rights that are listed.' : 'The user’s sessions and tokens stop working at once, and nobody can log in by this name.'),
    { action: user.disabled ? 'Enable' : 'Disable', danger: !user.disabled, submit: () => sendJson('PATCH', pathOf(user.name), { disabled: !user.disabled }), done: () => changed('Saved.') });

  const remove = (user) => confirmLoss(`Remove ${visibleText(user.name)}?`, 'The user’s tokens and sessions go with it. What the user did stays in the audit log.', 'Remove', () => sendJson('DELETE', pathOf(user.name)), () => changed('Removed.'));

  const row = (user) => h('tr', { data: { key: user.name } },
    h('th', { scope: 'row' }, visibleText(user.name), user.full_name && h('div', { class: 'muted small' }, visibleText(user.full_name))),
    h('td', null, user.disabled ? h('span', { class: 'badge badge-bad' }, 'disabled') : h('span', { class: 'badge badge-good' }, user.has_password || user.issuer ? 'enabled' : 'no password'), ' ', user.issuer && h('span', { class: 'badge', title: visibleText(user.issuer) }, 'by a provider')),
    h('td', null, grantList((user.roles ?? []).map(heldText))), h('td', null, grantList((user.grants ?? []).map(grantText))),
    timeCell(user.last_login), h('td', { class: 'num' }, String(user.sessions ?? 0)),
    h('td', { class: 'actions' }, button(`Change ${visibleText(user.name)}`, () => open(user), { class: 'icon-button' }, icon('edit')),
      textButton(user.disabled ? 'Enable' : 'Disable', () => disable(user), { class: 'button button-small', 'aria-label': `${user.disabled ? 'Enable' : 'Disable'} ${visibleText(user.name)}` }),
      button(`Remove ${visibleText(user.name)}`, () => remove(user), { class: 'icon-button' }, icon('trash'))));

  function draw() {
    const found = find.of(known.users, ({ name, full_name: full }) => `${name} ${full}`);
    view.draw(table('Users', [['Name'], ['State'], ['Roles'], ['Grants'], ['Last log-in'], ['Sessions', 'num'], ['']], firstRows(found).map(row), { nothing: known.users.length === 0 ? 'There are no users yet' : 'None has such a name' }), moreNote(found));
  }

  return {
    node: view.node,
    async load() {
      const [{ users }, { roles }, { deployments }] = await Promise.all([read('/api/v1/users'), read('/api/v1/roles'), read('/api/v1/deployments', { optional: { deployments: [] } })]);
      known = { users, roles, deployments: deployments.map(({ name }) => name) };
      draw();
    },
  };
}
