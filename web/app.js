// Starts the page: the sign-in card or the shell, the view that the URL names, its updates and its refresh clock.

import { currentState, navigate, onState } from './js/core/router.js';
import { currentToken, onSession, signOut } from './js/core/session.js';
import { onSetting } from './js/core/settings.js';
import { parseDuration } from './js/core/time.js';
import { replace } from './js/ui/dom.js';
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

function leave() {
  clearInterval(timer);
  view?.leave?.();
  view = null;
  shown = '';
  setViewKeys([]);
}

function startClock(state) {
  clearInterval(timer);
  const wanted = state.refresh || view?.defaultRefresh || '';
  const every = parseDuration(wanted);
  if (wanted === 'off' || !every) return;
  timer = setInterval(() => {
    if (!document.hidden) view?.refresh?.();
  }, Math.max(every, 1000));
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
      if (shown === wanted) replace(shell.main, empty('This view could not be loaded', `Reload the page to try again. (${error.message})`));
      return;
    }
    if (shown !== wanted || !shell) return;
    view = module.create(shell);
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
  if (currentToken() === '') return;
  shell = createShell({ refresh: () => view?.refresh?.({ asked: true }), signOut: () => signOut('') });
  replace(root, shell.node);
  show(currentState());
}

function askForToken(why) {
  leave();
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
document.addEventListener('visibilitychange', () => {
  if (!document.hidden && timer) view?.refresh?.();
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
