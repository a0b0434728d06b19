// The frame around every view: name, tabs, deployment, time range, refresh, menu.

import { onlyDeployment, viewsFor } from '../core/account.js';
import { formatHash } from '../core/state.js';
import { visibleText } from '../core/text.js';
import { currentState, navigate } from '../core/router.js';
import { changeSetting, setting } from '../core/settings.js';
import { serverNow } from '../core/clock.js';
import { moveRange, zoomRange } from '../core/range.js';
import { resolveRange } from '../core/time.js';
import { button, h, patch, replace, select } from './dom.js';
import { deploymentPicker } from './deployment_picker.js';
import { icon, logo } from './icons.js';
import { showKeyHelp } from './keyboard.js';
import { createLateNotice } from './late.js';
import { outageNotice } from './outage_notice.js';
import { closePopover, togglePopover } from './popover.js';
import { applyTheme, isDark, toggleTheme } from './theme.js';
import { timePicker } from './time_picker.js';

const TABS = [['overview', 'Overview'], ['logs', 'Logs'], ['metrics', 'Metrics'], ['system', 'System'], ['admin', 'Admin']];
const REFRESH = [['', 'Auto'], ['off', 'Off'], ['5s', '5 s'], ['10s', '10 s'], ['30s', '30 s'], ['1m', '1 min'], ['5m', '5 min']];
const THEMES = [['auto', 'Same as the system'], ['light', 'Light'], ['dark', 'Dark']];

/** What a narrow window has no room for in its header. */
function narrowMenu({ moves, choices, close }) {
  const move = ([symbol, control]) => h('button', { type: 'button', class: 'menu-item', disabled: control.disabled, on: { click: () => { close(); control.click(); } } }, icon(symbol), control.title);
  return h('div', { class: 'narrow-menu' }, moves.map(move),
    h('label', { class: 'menu-refresh' }, h('span', null, 'Refresh every'), select('Refresh every', choices, currentState().refresh, (value) => { close(); navigate({ refresh: value }, { replace: true }); }, { class: 'select' })));
}

function menu(actions, narrow) {
  const radio = (name, choices) => choices.map(([value, label]) => h('label', { class: 'check' },
    h('input', { type: 'radio', name, checked: setting(name) === value, on: { change: () => { changeSetting(name, value); if (name === 'theme') applyTheme(); } } }), label));
  const who = visibleText(actions.account.name);
  const own = () => { closePopover(); navigate({ view: 'admin', section: 'account' }); };
  return h('div', { class: 'menu' }, narrow,
    who !== '' && h('p', { class: 'menu-who small' }, h('span', { class: 'muted' }, 'Signed in as '), h('strong', null, who)),
    actions.account.isUser && h('button', { type: 'button', class: 'menu-item', on: { click: own } }, icon('user'), 'My account'),
    h('fieldset', null, h('legend', null, 'Theme'), radio('theme', THEMES)),
    h('fieldset', null, h('legend', null, 'Times'), radio('zone', [['local', `Local (${Intl.DateTimeFormat().resolvedOptions().timeZone})`], ['utc', 'UTC']])),
    h('button', { type: 'button', class: 'menu-item', on: { click: () => { closePopover(); showKeyHelp(); } } }, icon('help'), 'Keyboard shortcuts'),
    h('button', { type: 'button', class: 'menu-item', on: { click: actions.signOut } }, icon('signOut'), 'Sign out'));
}

const fixedDeployment = (name) => ({ node: h('span', { class: 'deployment-fixed', title: 'The deployment that you may read' }, visibleText(name)), update() {} });

/** `actions`: refresh(), signOut(), and the `account` that the page is made for. */
export function createShell(actions) {
  const allowed = viewsFor(actions.account);
  const tabs = new Map(TABS.filter(([view]) => allowed.includes(view)).map(([view, label]) => [view, h('a', { href: '#', class: 'tab', data: { view }, on: { click: (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    navigate({ view });
  } } }, icon(view), h('span', null, label))]));
  // Whoever may read one deployment has nothing to pick.
  const only = onlyDeployment(actions.account);
  const deployments = only === '' ? deploymentPicker() : fixedDeployment(only);
  const time = timePicker();
  // What comes live has no other time than now: to move in time ends it.
  const show = (range) => navigate({ ...range, live: false });
  const zoomOut = button('Zoom out', () => show(zoomRange(currentState(), 2, serverNow())), { class: 'icon-button' }, icon('zoomOut'));
  const back = button('Earlier', () => show(moveRange(currentState(), -0.5, serverNow())), { class: 'icon-button' }, icon('left'));
  const forth = button('Later', () => show(moveRange(currentState(), 0.5, serverNow())), { class: 'icon-button' }, icon('right'));
  const timeGroup = h('div', { class: 'group time-group' }, back, time.node, forth, zoomOut);
  const refresh = button('Refresh (r)', actions.refresh, { class: 'icon-button refresh-button' }, icon('refresh'));
  const every = h('div', { class: 'refresh-every' });
  const theme = button('Switch between light and dark (d)', toggleTheme, { class: 'icon-button theme-button' });
  let choices = [];
  const moves = () => (timeGroup.hidden ? [] : [['left', back], ['right', forth], ['zoomOut', zoomOut]]);
  const more = button('Menu', () => togglePopover(more, 'Menu', (close) => menu(actions, narrowMenu({ moves: moves(), choices, close })), { align: 'right' }),
    { class: 'icon-button', 'aria-haspopup': 'dialog', 'aria-expanded': 'false' }, icon('more'));
  const busy = h('div', { class: 'progress', 'aria-hidden': 'true' });
  const main = h('main', { class: 'main', id: 'main', tabindex: '-1' });
  const late = createLateNotice(main, actions.refresh);
  const node = h('div', { class: 'shell' },
    h('a', { class: 'skip', href: '#main', on: { click: (event) => { event.preventDefault(); main.focus(); } } }, 'Skip to content'),
    h('header', { class: 'top' },
      h('a', { class: 'brand', href: '#/overview', 'aria-label': 'Penstock, overview' }, logo(), h('span', null, 'Penstock')),
      h('nav', { class: 'tabs', 'aria-label': 'Views' }, [...tabs.values()]),
      h('div', { class: 'spacer' }),
      h('div', { class: 'controls' }, deployments.node, timeGroup, h('div', { class: 'group' }, refresh, every), theme, more)),
    busy, outageNotice(), late.node, main);

  function drawTheme() {
    replace(theme, icon(isDark() ? 'sun' : 'moon'));
  }

  window.addEventListener('penstock-theme', drawTheme);
  drawTheme();

  let working = 0;
  return {
    node, main,
    openTime: () => (timeGroup.hidden ? false : time.open()),
    /** Is an answer on its way that was asked for with during()? */
    get busy() { return working > 0; },
    leave() {
      late.stop();
      window.removeEventListener('penstock-theme', drawTheme);
    },
    /** Wraps a promise in the thin progress line below the header. */
    async during(promise) {
      working += 1;
      busy.classList.add('on');
      try {
        return await promise;
      } finally {
        working -= 1;
        if (working === 0) busy.classList.remove('on');
      }
    },
    update(state, view) {
      node.dataset.view = state.view;
      for (const [name, tab] of tabs) {
        tab.setAttribute('href', formatHash({ ...state, view: name }));
        if (name === state.view) tab.setAttribute('aria-current', 'page');
        else tab.removeAttribute('aria-current');
      }
      deployments.update(state);
      deployments.node.hidden = state.view === 'system' || state.view === 'admin';
      timeGroup.hidden = !['logs', 'metrics'].includes(state.view) && !(state.view === 'admin' && state.section === 'audit');
      time.update(state);
      forth.disabled = state.to === 'now';
      const range = resolveRange(state, serverNow());
      zoomOut.disabled = range.to - range.from > 366 * 86_400_000;
      const label = (value) => (value === '' && view?.defaultRefresh ? `Auto · ${view.defaultRefresh.replace(/(\d)([a-z])/, '$1 $2')}` : value === '' ? 'Off' : null);
      choices = REFRESH.filter(([value]) => value !== 'off' || view?.defaultRefresh).map(([value, text]) => [value, label(value) ?? text]);
      if (!choices.some(([value]) => value === state.refresh)) choices.push([state.refresh, state.refresh]); // a link may name another
      patch(every, select('Refresh every', choices, state.refresh, (value) => navigate({ refresh: value }, { replace: true }), { class: 'select' }));
    },
  };
}
