// How this page is signed in: with a token of this tab (sessionStorage) or, when asked for, of this device (localStorage); or as a user,
// by a cookie that no script can read. And who wants to know of changes.

const KEY = 'penstock.token';
const HINT = 'penstock.user'; // in localStorage: that there may be such a cookie, so that strangers' pages ask nothing in vain
const ACCOUNT = 'penstock.account'; // in sessionStorage: what the server last told of who this is, to draw the page at once
const listeners = new Set();

function read(storage, key = KEY) {
  try {
    return storage.getItem(key) ?? '';
  } catch {
    return '';
  }
}

function write(storage, key, value) {
  try {
    if (value) storage.setItem(key, value);
    else storage.removeItem(key);
  } catch {
    // Storage may be switched off; what is kept then lives as long as the page.
  }
}

let token = read(sessionStorage) || read(localStorage);
let user = token === '' && read(localStorage, HINT) !== '';

export const currentToken = () => token;
/** A cookie may say who this is. With a token there is none sent along. */
export const isUser = () => user;
export const isSignedIn = () => token !== '' || user;

/** What the server last told of who this is; null: not known yet. */
export function knownSession() {
  try {
    return JSON.parse(read(sessionStorage, ACCOUNT) || 'null');
  } catch {
    return null;
  }
}

export const keepSession = (session) => write(sessionStorage, ACCOUNT, JSON.stringify(session));

export function signIn(value, remember, session) {
  keepSession(session);
  [token, user] = [value, false];
  write(sessionStorage, KEY, value);
  write(localStorage, KEY, remember ? value : '');
  write(localStorage, HINT, '');
  listeners.forEach((listener) => listener(true));
}

export function signInUser(session) {
  keepSession(session);
  [token, user] = ['', true];
  write(sessionStorage, KEY, '');
  write(localStorage, KEY, '');
  write(localStorage, HINT, '1');
  listeners.forEach((listener) => listener(true));
}

/** `why` is shown on the sign-in card. A refusal of an old token does not sign out a newer one. */
export function signOut(why = '', refused = token) {
  if (refused !== token || !isSignedIn()) return;
  [token, user] = ['', false];
  write(sessionStorage, KEY, '');
  write(sessionStorage, ACCOUNT, '');
  write(localStorage, KEY, '');
  write(localStorage, HINT, '');
  listeners.forEach((listener) => listener(false, why));
}

/** Signed out here, and gone to where the provider signs out; '' when there is none. */
export function leave(there) {
  signOut('');
  if (there !== '') location.assign(there);
}

export const onSession = (listener) => listeners.add(listener);
