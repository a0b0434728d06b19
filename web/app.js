// Starts the page: the sign-in card or the shell, the view that the URL names, its updates and its refresh clock.

import { accountOf, viewsFor } from './js/core/account.js';
import { askWhoIsThere, logOut } from './js/core/http.js';
import { onOutage } from './js/core/outage.js';
import { silence } from './js/core/pulse.js';
import { currentState, navigate, onState } from './js/core/router.js';
import { isSignedIn, isUser, keepSession, knownSession, leave as leaveTo, onSession, signInUser, signOut } from './js/core/session.js';
import { onSetting } from './js/core/settings.js';
import { visibleText } from './js/core/text.js';
import { parseDuration } from './js/core/time.js';
import { takeTold } from './js/core/told.js';
import { h, replace, textButton } from './js/ui/dom.js';
import { empty, toast } from './js/ui/feedback.js';
import { addShared, setViewKeys } from './js/ui/keyboard.js';
import { closePopover } from './js/ui/popover.js';
import { createShell } from './js/ui/shell.js';
import { signInCard } from './js/ui/sign_in.js';
import { toggleTheme } from './js/ui/theme.js';

const root = document.getElementById('app');
const LOADERS = {
  overview: () => import('./js/overview/overview.js'),
  logs: () => import('./js/logs/logs.js'),
  metrics: () => import('./js/metrics/metrics.js'),
  system: () => import('./js/system/system.js'),
  admin: () => import('./js/admin/admin.js'),
};

let shell = null;
let account = accountOf(null);
let view = null;
let shown = '';
let timer = 0;

// Past this, an answer that does not come is given up for a new question.
const GIVEN_UP = 60_000;

function stopClock() {
  clearInterval(timer);
  timer = 0;
}

/** One question at a time: a new one would throw away the answer that is on its way, and a slow server never show any. */
function tick() {
  if (document.hidden || !timer || (shell?.busy && silence() < GIVEN_UP)) return;
  view?.refresh?.();
}

function leave() {
  stopClock();
  view?.leave?.();
  view = null;
  shown = '';
  setViewKeys([]);
}

function startClock(state) {
  stopClock();
  const wanted = state.refresh || view?.defaultRefresh || '';
  const every = parseDuration(wanted);
  if (wanted === 'off' || !every) return;
  timer = setInterval(tick, Math.max(every, 1000));
}

/** The view counts as not shown then, so that a click on its tab tries again. */
function showFailure(error) {
  shown = '';
  replace(shell.main, empty('This view could not be loaded', `The server may be away, or newer than this page. (${error.message})`,
    textButton('Reload the page', () => location.reload(), { class: 'button button-primary' })));
}

async function show(state, before) {
  if (!shell) return;
  closePopover();
  const wanted = state.view;
  if (!mayOpen(wanted)) {
    showNothing(wanted);
    return;
  }
  if (shown !== wanted) {
    leave();
    shown = wanted;
    shell.update(state, null);
    let module;
    try {
      module = await LOADERS[wanted]();
    } catch (error) {
      if (shown === wanted && shell) showFailure(error);
      return;
    }
    if (shown !== wanted || !shell) return;
    view = module.create(shell);
    // Whoever came by a link in the old view goes on at the beginning of the new one.
    if (shell.main.contains(document.activeElement)) shell.main.focus({ preventScroll: true });
    replace(shell.main, view.node);
    shell.main.scrollTop = 0;
    setViewKeys(view.keys ?? []);
    document.title = `${wanted[0].toUpperCase()}${wanted.slice(1)} · Penstock`;
    before = undefined;
  }
  const now = currentState();
  shell.update(now, view);
  startClock(now);
  view.update(now, before);
}

const mayOpen = (name) => viewsFor(account).includes(name) || (name === 'admin' && account.isUser);

function showNothing(wanted) {
  leave();
  shell.update(currentState(), null);
  const [first] = viewsFor(account);
  // Without a link of its own the page opens where there is something to see.
  if (first && wanted === 'overview') navigate({ view: first }, { replace: true });
  else replace(shell.main, empty('Not for you to see', 'Your rights do not cover this part. An administrator can grant them.', first && textButton('Show what I may see', () => navigate({ view: first }), { class: 'button button-primary' })));
}

function open(session) {
  leave();
  shell?.leave();
  account = accountOf(session);
  shell = createShell({ account, refresh: () => view?.refresh?.({ asked: true }), signOut: leaveSession });
  replace(root, shell.node);
  show(currentState());
}

/** The page is drawn for whom it was last; should the server tell otherwise, it is drawn anew. */
async function start() {
  if (!isSignedIn()) return;
  const known = knownSession();
  if (known) open(known);
  try {
    const session = await askWhoIsThere();
    if (session === null) signOut('You were signed out. Sign in again.');
    else if (isSignedIn() && JSON.stringify(accountOf(session)) !== JSON.stringify(accountOf(knownSession()))) {
      keepSession(session);
      open(session);
    }
  } catch (error) {
    if (!known) showStartFailure(error);
  }
}

function showStartFailure(error) {
  replace(root, h('main', { class: 'sign-in' }, empty('The page could not be opened', error.message, textButton('Try again', start, { class: 'button button-primary' }), textButton('Sign out', () => signOut('')))));
}

/** Ends the session on the server too. */
async function leaveSession() {
  let there = '';
  if (isUser()) {
    try {
      there = await logOut();
    } catch (error) {
      toast(`The session could not be ended on the server: ${error.message}`, { kind: 'error', ms: 8000 });
    }
  }
  leaveTo(there);
}

/** Back from a provider, which logged the user in. */
async function arrive() {
  try {
    const session = await askWhoIsThere('');
    if (session !== null) signInUser(session);
    else askForToken('The provider logged you in, but this browser did not keep the cookie of it. Allow cookies for this page; without HTTPS they are kept for localhost only.');
  } catch (error) {
    askForToken(error.message);
  }
}

function askForToken(why) {
  leave();
  shell?.leave();
  shell = null;
  closePopover();
  document.querySelectorAll('dialog[open]').forEach((dialog) => dialog.close());
  document.title = 'Sign in · Penstock';
  replace(root, signInCard(why));
  root.querySelector('.sign-in-way:not([hidden]) input')?.focus();
}

onState((state, before) => show(state, before));
onSession((signedIn, why) => (signedIn ? open(knownSession()) : askForToken(why)));
onSetting((name) => {
  if (name === 'zone' && shell) {
    shown = '';
    show(currentState());
  }
});
// What failed while the server was away is asked again, in views without a clock of their own too.
onOutage((away) => {
  if (!away) view?.refresh?.({ asked: true });
  if (!away && !shell && isSignedIn()) start();
});
document.addEventListener('visibilitychange', () => {
  tick();
});
window.addEventListener('unhandledrejection', (event) => {
  if (event.reason?.name === 'AbortError') {
    event.preventDefault();
    return;
  }
  toast(`Something went wrong in the page: ${event.reason?.message ?? event.reason}`, { kind: 'error', ms: 8000 });
});

for (const [key, name, say] of [['o', 'overview', 'Overview'], ['l', 'logs', 'Logs'], ['m', 'metrics', 'Metrics'], ['s', 'system', 'System'], ['a', 'admin', 'Admin']]) {
  addShared({ keys: `g ${key}`, say: `Go to ${say}`, run: () => (mayOpen(name) ? navigate({ view: name }) : false) });
}
addShared(
  { keys: 'r', say: 'Refresh', run: () => view?.refresh?.({ asked: true }) },
  { keys: 't', say: 'Choose the time range', run: () => shell?.openTime() ?? false },
  { keys: 'd', say: 'Switch between light and dark', run: toggleTheme },
);

const told = takeTold();
if (told?.signedIn) arrive();
else if (isSignedIn()) {
  start();
  if (told?.error) toast(visibleText(told.error), { kind: 'error', ms: 12_000 });
} else askForToken(visibleText(told?.error ?? ''));
