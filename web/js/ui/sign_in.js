// The sign-in card. The URL is left as it is, so that a shared link opens where it points once signed in.

import { tokenKind } from '../core/http.js';
import { signIn } from '../core/session.js';
import { h } from './dom.js';
import { errorSlot } from './feedback.js';
import { logo } from './icons.js';

// What an Authorization header can hold; fetch refuses the rest as if the server were away.
const SENDABLE = /^[\x21-\x7e]+$/;
const REFUSALS = {
  unknown: 'The server does not know this token. Check that all of it was copied, and that it was not revoked.',
  send: 'This token may only send records. The dashboard needs one that may read, such as the administrator’s.',
};

/** Why this cannot be a token, or ''. */
function mistakeIn(value) {
  if (value === '') return 'Paste a token first.';
  if (SENDABLE.test(value)) return '';
  return 'This is not a token: it holds a space or a character that no token has. Check what was copied.';
}

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
    const mistake = mistakeIn(value);
    if (mistake !== '') {
      problem.show(mistake);
      token.focus();
      return;
    }
    submit.disabled = true;
    submit.textContent = 'Checking…';
    problem.clear();
    try {
      const kind = await tokenKind(value);
      if (kind === 'read') {
        signIn(value, remember.checked);
        return;
      }
      problem.show(REFUSALS[kind]);
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
    h('p', { id: 'token-help', class: 'muted small' }, 'At the first start, the server prints the administrator’s token once. When it is lost, ',
      h('code', null, 'penstock token create'), ' makes a new one, which replaces the administrator’s token at the server’s next start.'),
    h('label', { class: 'check', for: 'remember' }, remember, 'Remember on this device'),
    problem.node, submit));
}
