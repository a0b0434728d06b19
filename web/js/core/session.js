// The token of this tab (sessionStorage) or, when asked for, of this device (localStorage), and who wants to know of changes.

const KEY = 'penstock.token';
const listeners = new Set();

function read(storage) {
  try {
    return storage.getItem(KEY) ?? '';
  } catch {
    return '';
  }
}

let token = read(sessionStorage) || read(localStorage);

export const currentToken = () => token;

export function signIn(value, remember) {
  token = value;
  try {
    sessionStorage.setItem(KEY, value);
    if (remember) localStorage.setItem(KEY, value);
    else localStorage.removeItem(KEY);
  } catch {
    // Storage may be switched off; the token then lives as long as the page.
  }
  listeners.forEach((listener) => listener(true));
}

/** `why` is shown on the sign-in card. A refusal of an old token does not sign out a newer one. */
export function signOut(why = '', refused = token) {
  if (refused !== token || token === '') return;
  token = '';
  try {
    sessionStorage.removeItem(KEY);
    localStorage.removeItem(KEY);
  } catch {
    // Nothing was stored then.
  }
  listeners.forEach((listener) => listener(false, why));
}

export const onSession = (listener) => listeners.add(listener);
