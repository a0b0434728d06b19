// The sign-in card. The URL is left as it is, so that a shared link opens where it points once signed in.

import { accountOf, viewsFor } from '../core/account.js';
import { askWhoIsThere, getProviders, logIn } from '../core/http.js';
import { signIn, signInUser } from '../core/session.js';
import { changeSetting, setting } from '../core/settings.js';
import { visibleText } from '../core/text.js';
import { h, replace } from './dom.js';
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

const isSendOnly = (session) => viewsFor(accountOf(session)).length === 0;

/** Two ways in, one shown at a time: the one that was used last on this device. */
export function signInCard(why) {
  const problem = errorSlot();
  const input = (id, props) => h('input', { id, name: id, class: 'input', spellcheck: 'false', autocapitalize: 'off', ...props });
  const token = input('token', { type: 'password', autocomplete: 'current-password', 'aria-describedby': 'token-help' });
  const user = input('user', { type: 'text', autocomplete: 'username' });
  const password = input('password', { type: 'password', autocomplete: 'current-password' });
  const remember = h('input', { id: 'remember', type: 'checkbox' });
  const submit = h('button', { type: 'submit', class: 'button button-primary button-wide' }, 'Sign in');
  const forToken = h('div', { class: 'sign-in-way' }, h('label', { for: 'token' }, 'Access token'), token,
    h('p', { id: 'token-help', class: 'muted small' }, 'At the first start, the server prints the administrator’s token once. When it is lost, ',
      h('code', null, 'penstock token create'), ' makes a new one, which replaces the administrator’s token at the server’s next start.'),
    h('label', { class: 'check', for: 'remember' }, remember, 'Remember on this device'));
  const forUser = h('div', { class: 'sign-in-way' }, h('label', { for: 'user' }, 'Name'), user, h('label', { for: 'password' }, 'Password'), password);
  if (why) problem.show(why);

  let asUser = false;
  function choose(way, { focus = false } = {}) {
    asUser = way === 'user';
    [forUser.hidden, forToken.hidden] = [!asUser, asUser];
    if (focus) (asUser ? user : token).focus();
  }

  const way = (value, label) => h('label', { class: 'sign-in-choice' }, h('input', { type: 'radio', name: 'way', value, checked: setting('way') === value, on: { change: () => { problem.clear(); choose(value, { focus: true }); } } }), h('span', null, label));

  async function byToken() {
    const value = token.value.trim();
    const mistake = mistakeIn(value);
    if (mistake !== '') throw new Error(mistake);
    const session = await askWhoIsThere(value);
    if (session === null) throw new Error(REFUSALS.unknown);
    if (isSendOnly(session)) throw new Error(REFUSALS.send);
    changeSetting('way', 'token');
    signIn(value, remember.checked, session);
  }

  async function byPassword() {
    if (user.value.trim() === '' || password.value === '') throw new Error('Give your name and your password.');
    await logIn(user.value.trim(), password.value);
    const session = await askWhoIsThere('');
    if (session === null) throw new Error('The server took the password, but this browser did not keep its cookie. Allow cookies for this page; without HTTPS they are kept for localhost only.');
    changeSetting('way', 'user');
    signInUser(session);
  }

  async function send(event) {
    event.preventDefault();
    submit.disabled = true;
    submit.textContent = 'Checking…';
    problem.clear();
    try {
      await (asUser ? byPassword() : byToken());
    } catch (error) {
      problem.show(error);
      submit.disabled = false;
      submit.textContent = 'Sign in';
      (asUser ? password : token).select();
    }
  }

  /** Links, since the browser leaves this page; it comes back to where it was. */
  const byProvider = h('div', { class: 'sign-in-providers', hidden: true });
  getProviders().then((providers) => {
    const back = encodeURIComponent(`${location.pathname}${location.search}${location.hash}`);
    replace(byProvider, providers.map(({ id, title }) => h('a', { class: 'button button-wide', href: `/api/v1/oidc/${encodeURIComponent(id)}/login?return_to=${back}` }, `Sign in with ${visibleText(title)}`)), h('p', { class: 'muted small sign-in-or' }, 'or'));
    byProvider.hidden = providers.length === 0;
  });

  choose(setting('way'));
  return h('main', { class: 'sign-in' }, h('form', { class: 'card sign-in-card', on: { submit: send } },
    h('div', { class: 'sign-in-brand' }, logo(), h('h1', null, 'Penstock')),
    h('p', { class: 'muted' }, 'Logs and metrics, held safely and found fast.'),
    byProvider, h('div', { class: 'sign-in-ways', role: 'radiogroup', 'aria-label': 'How to sign in' }, way('user', 'Name and password'), way('token', 'Token')),
    forUser, forToken, problem.node, submit));
}
