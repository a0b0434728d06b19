// Of the user who is logged in: what one may do, the password, all sessions.

import { grantText } from '../core/account.js';
import { logOut, sendJson } from '../core/http.js';
import { leave } from '../core/session.js';
import { visibleText } from '../core/text.js';
import { h, textButton } from '../ui/dom.js';
import { confirmLoss, field, input, openForm } from './forms.js';
import { grantList } from './grants_editor.js';
import { panel } from './table.js';

export function create({ account, changed }) {
  const view = panel('My account', 'What you may do, your password, and where you are logged in.', account.hasPassword && textButton('Change the password', change, { class: 'button button-primary' }),
    textButton('Log out everywhere', () => confirmLoss('Log out everywhere?', 'Every session of yours ends, this one too. Tokens go on.', 'Log out', () => logOut({ everywhere: true }), leave), { class: 'button' }));

  function change() {
    const [old, fresh, again] = [input({ type: 'password', autocomplete: 'current-password' }), input({ type: 'password', autocomplete: 'new-password' }), input({ type: 'password', autocomplete: 'new-password' })];
    openForm('Change the password', [field('Password now', old), field('New password', fresh, 'At least 10 characters.'), field('New password again', again)], {
      action: 'Change',
      async submit() {
        if (fresh.value !== again.value) throw new Error('The new password was written in two ways.');
        return sendJson('POST', '/api/v1/session/password', { old: old.value, new: fresh.value });
      },
      done: () => changed('The password is changed; your other sessions ended.'),
    });
  }

  return {
    node: view.node,
    async load() {
      view.draw(h('dl', { class: 'account-facts' }, h('dt', null, 'Name'), h('dd', null, visibleText(account.name)), h('dt', null, 'Rights'), h('dd', null, grantList(account.grants.map(grantText)))));
    },
  };
}
