// Starts the page: the sign-in card or the shell, the view that the URL names, its updates and its refresh clock.

import { onOutage } from './js/core/outage.js';
import { silence } from './js/core/pulse.js';
import { currentState, navigate, onState } from './js/core/router.js';
import { currentToken, onSession, signOut } from './js/core/session.js';
import { onSetting } from './js/core/settings.js';
import { parseDuration } from './js/core/time.js';
import { replace, textButton } from './js/ui/dom.js';
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
};

let shell = null;
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

function start() {
  leave();
  shell?.leave();
  if (currentToken() === '') return;
  shell = createShell({ refresh: () => view?.refresh?.({ asked: true }), signOut: () => signOut('') });
  replace(root, shell.node);
  show(currentState());
}

function askForToken(why) {
  leave();
  shell?.leave();
  shell = null;
  closePopover();
  document.querySelectorAll('dialog[open]').forEach((dialog) => dialog.close());
  document.title = 'Sign in · Penstock';
  replace(root, signInCard(why));
  root.querySelector('input')?.focus();
}

onState((state, before) => show(state, before));
onSession((signedIn, why) => (signedIn ? start() : askForToken(why)));
onSetting((name) => {
  if (name === 'zone' && shell) {
    shown = '';
    show(currentState());
  }
});
// What failed while the server was away is asked again, in views without a clock of their own too.
onOutage((away) => {
  if (!away) view?.refresh?.({ asked: true });
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

for (const [key, name, say] of [['o', 'overview', 'Overview'], ['l', 'logs', 'Logs'], ['m', 'metrics', 'Metrics'], ['s', 'system', 'System']]) {
  addShared({ keys: `g ${key}`, say: `Go to ${say}`, run: () => navigate({ view: name }) });
}
addShared(
  { keys: 'r', say: 'Refresh', run: () => view?.refresh?.({ asked: true }) },
  { keys: 't', say: 'Choose the time range', run: () => shell?.openTime() ?? false },
  { keys: 'd', say: 'Switch between light and dark', run: toggleTheme },
);

if (currentToken() === '') askForToken('');
else start();
