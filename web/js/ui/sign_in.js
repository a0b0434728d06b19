// The sign-in card. The URL is left as it is, so that a shared link opens where it points once signed in.

import { tokenWorks } from '../core/http.js';
import { signIn } from '../core/session.js';
import { h } from './dom.js';
import { errorSlot } from './feedback.js';
import { logo } from './icons.js';

export function signInCard(why) {
  const problem = errorSlot();
  const token = h('input', {
    id: 'token', name: 'token', type: 'password', autocomplete: 'current-password', spellcheck: 'false', autocapitalize: 'off',
    required: true, 'aria-describedby': 'token-help', class: 'input',
  });
  const remember = h('input', { id: 'remember', type: 'checkbox' });
  const submit = h('button', { type: 'submit', class: 'button button-primary button-wide' }, 'Sign in');
  if (why) problem.show(why);

  async function send(event) {
    event.preventDefault();
    const value = token.value.trim();
    if (value === '') {
      problem.show('Paste a token first.');
      return;
    }
    submit.disabled = true;
    submit.textContent = 'Checking…';
    problem.clear();
    try {
      if (await tokenWorks(value)) {
        signIn(value, remember.checked);
        return;
      }
      problem.show('The server does not know this token. Check that all of it was copied, and that it was not revoked.');
    } catch (error) {
      problem.show(error);
    }
    submit.disabled = false;
    submit.textContent = 'Sign in';
    token.select();
  }

  return h('main', { class: 'sign-in' }, h('form', { class: 'card sign-in-card', on: { submit: send } },
    h('div', { class: 'sign-in-brand' }, logo(), h('h1', null, 'Penstock')),
    h('p', { class: 'muted' }, 'Logs and metrics, held safely and found fast.'),
    h('label', { for: 'token' }, 'Access token'), token,
    h('p', { id: 'token-help', class: 'muted small' }, 'Made with ', h('code', null, 'penstock token create'),
      '. At the first start, the administrator’s token is printed once by the server.'),
    h('label', { class: 'check', for: 'remember' }, remember, 'Remember on this device'),
    problem.node, submit));
}
