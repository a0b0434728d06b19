// The administration: sections at the side, of which only those are shown that the caller may use. The server decides again.

import { accountOf, may } from '../core/account.js';
import { getJson, isSaid } from '../core/http.js';
import { currentState, navigate } from '../core/router.js';
import { knownSession } from '../core/session.js';
import { formatHash } from '../core/state.js';
import { h, replace } from '../ui/dom.js';
import { errorSlot, toast } from '../ui/feedback.js';
import { create as createAccount } from './account.js';
import { create as createAudit } from './audit.js';
import { create as createCustomMetrics } from './custom_metrics.js';
import { create as createDeployments } from './deployments.js';
import { create as createKeys } from './keys.js';
import { create as createMatrix } from './matrix.js';
import { create as createProviders } from './providers.js';
import { create as createRoles } from './roles.js';
import { create as createSettings } from './settings.js';
import { create as createTokens } from './tokens.js';
import { create as createUsers } from './users.js';

const admin = (account) => may(account, 'admin');
const SECTIONS = [
  ['users', 'Users', createUsers, admin], ['providers', 'Providers', createProviders, admin], ['roles', 'Roles', createRoles, admin], ['rights', 'Rights', createMatrix, admin], ['tokens', 'Tokens', createTokens, (account) => admin(account) || account.isUser],
  ['deployments', 'Deployments', createDeployments, (account) => may(account, 'deployment:read')], ['custom-metrics', 'Custom metrics', createCustomMetrics, admin], ['settings', 'Settings', createSettings, admin], ['keys', 'Keys', createKeys, admin], ['audit', 'Audit log', createAudit, (account) => may(account, 'audit:read')],
  ['account', 'My account', createAccount, (account) => account.isUser],
];

/** The sections for an account, in order. Pure. */
export const sectionsFor = (account) => SECTIONS.filter(([, , , shown]) => shown(account));

export function create(shell) {
  const account = accountOf(knownSession());
  const sections = sectionsFor(account);
  const problem = errorSlot();
  const nav = h('nav', { class: 'admin-nav', 'aria-label': 'Administration' });
  const place = h('div', { class: 'admin-place' });
  const node = h('div', { class: 'admin' }, nav, h('div', { class: 'admin-main' }, problem.node, place));
  let shown = null;
  let current = '';

  /** One question of a section. `optional`: what stands for the answer when it is refused. */
  async function read(path, { optional } = {}) {
    try {
      return await getJson(path, null, { key: `admin ${path}` });
    } catch (error) {
      if (optional !== undefined && error.status >= 400 && error.status < 500 && error.status !== 401) return optional;
      throw error;
    }
  }

  async function load() {
    const asked = shown;
    try {
      await shell.during(asked.load());
      if (shown === asked) problem.clear();
    } catch (error) {
      if (shown === asked && !isSaid(error)) problem.show(error, load);
    }
  }

  /** After something was changed: what is shown is asked for again. */
  async function changed(say) {
    if (say) toast(say);
    await load();
  }

  function drawNav() {
    replace(nav, sections.map(([name, title]) => h('a', { href: formatHash({ ...currentState(), section: name, find: '' }), class: 'admin-link', 'aria-current': name === current ? 'page' : null, data: { key: name } }, title)));
  }

  return {
    node, keys: [],
    update(state, before) {
      const [first] = sections;
      const chosen = sections.find(([name]) => name === state.section) ?? first;
      if (chosen[0] !== state.section) {
        navigate({ section: chosen[0] }, { replace: true });
        return;
      }
      if (chosen[0] !== current) {
        current = chosen[0];
        problem.clear();
        shown = chosen[2]({ account, read, changed });
        replace(place, shown.node);
        drawNav();
        nav.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'center' });
        load();
      } else if (!before || ['from', 'to', 'actor', 'action', 'outcome'].some((name) => before[name] !== state[name])) load();
    },
    refresh({ asked = false } = {}) {
      if (asked) load();
    },
    leave() {},
  };
}
