// OpenID providers by which users come: what they are, and who gets which role.

import { ALL } from '../core/account.js';
import { sendJson } from '../core/http.js';
import { visibleText } from '../core/text.js';
import { button, copyText, h, textButton } from '../ui/dom.js';
import { icon } from '../ui/icons.js';
import { toast } from '../ui/feedback.js';
import { choice, confirmLoss, field, input, openForm } from './forms.js';
import { grantList } from './grants_editor.js';
import { panel, table } from './table.js';

const EVERYBODY = '*';
const pathOf = (id) => `/api/v1/providers/${encodeURIComponent(id)}`;
const ruleText = ({ value, role, deployment }) => `${value === EVERYBODY ? 'everybody' : value} → ${role}${deployment === ALL ? '' : ` in ${deployment}`}`;

/** Rules as rows: a group, the role it gives, and where. */
function createRulesEditor(rules, roles, deployments) {
  const known = h('datalist', { id: 'rule-deployments' }, deployments.map((name) => h('option', { value: name })));
  const rows = h('div', { class: 'grant-rows' });

  function add(rule) {
    const value = input({ value: rule.value, placeholder: 'group, or * for everybody', 'aria-label': 'Group' });
    let role = rule.role;
    const names = roles.some(({ name }) => name === role) ? roles : [{ name: role }, ...roles];
    const which = choice('Role', names.map(({ name }) => [name, visibleText(name)]), role, (chosen) => { role = chosen; });
    const where = input({ value: rule.deployment === ALL ? '' : rule.deployment, placeholder: 'in all deployments', 'aria-label': 'In which deployment', list: known.id });
    const row = h('div', { class: 'grant-row' }, h('div', { class: 'grant-where' }, value, which, where, button('Remove the rule', () => row.remove(), { class: 'icon-button' }, icon('trash'))));
    row.rule = () => ({ value: value.value.trim(), role, deployment: where.value.trim() || ALL });
    rows.append(row);
    return value;
  }

  rules.forEach(add);
  return {
    node: h('fieldset', { class: 'form-part grants-editor' }, h('legend', null, 'Who gets which role'), known, rows,
      textButton('Add a rule', () => add({ value: '', role: roles[0]?.name ?? 'viewer', deployment: ALL }).focus(), { class: 'button button-small' }),
      h('p', { class: 'muted small' }, 'Whom no rule fits does not get in. Values are compared exactly. Roles follow with each log-in.')),
    value: () => [...rows.children].map((row) => row.rule()).filter(({ value }) => value !== ''),
  };
}

export function create({ read, changed }) {
  const view = panel('Providers', 'Users come by these OpenID providers, without a password of their own here.', textButton('Add a provider', () => open(null), { class: 'button button-primary' }));
  let known = { providers: [], roles: [], deployments: [] };

  function address(label, value) {
    if (!value) return null;
    const box = input({ value, readonly: true, class: 'input mono', 'aria-label': label, on: { focus: (event) => event.target.select() } });
    return h('div', { class: 'field' }, h('span', { class: 'muted small', 'aria-hidden': 'true' }, label), h('div', { class: 'copy-row' }, box, textButton('Copy', async () => { if (await copyText(value)) toast('Copied.'); })));
  }

  function open(provider) {
    const id = input({ value: provider?.id ?? '', disabled: Boolean(provider) });
    const title = input({ value: provider?.title ?? '' });
    const issuer = input({ value: provider?.issuer ?? '', inputmode: 'url', placeholder: 'https://login.example.com/realms/main' });
    const client = input({ value: provider?.client_id ?? '' });
    const secret = input({ type: 'password', autocomplete: 'new-password', placeholder: provider?.has_secret ? 'stays as it is' : '' });
    const scope = input({ value: provider?.scope ?? 'openid profile email' });
    const claim = input({ value: provider?.claim ?? 'groups' });
    const audience = input({ value: provider?.audience ?? '' });
    const redirect = input({ value: provider?.redirect_uri ?? '', inputmode: 'url' });
    const enabled = h('input', { type: 'checkbox', checked: provider?.enabled ?? true });
    const rules = createRulesEditor(provider?.rules ?? [], known.roles, known.deployments);
    openForm(provider ? `Provider ${visibleText(provider.title)}` : 'Add a provider', [
      field('Id', id, provider ? '' : 'Lower-case letters, digits and dashes. It is a part of the redirect URI, which is registered at the provider.'),
      field('Name on the button', title), field('Issuer', issuer, 'As the provider spells itself.'), field('Client id', client),
      field('Client secret', secret, 'It is sealed, and never shown again. A public client has none.'),
      provider && address('Redirect URI to register', provider.callback), provider && address('Redirect URI after log-out to register', provider.post_logout), provider && address('Back-channel log-out URI', provider.backchannel_logout),
      field('Scope', scope), field('Claim with the groups', claim, 'As groups, roles, or realm_access.roles.'), rules.node,
      field('Audience of access tokens', audience, 'What the provider’s tokens call this API (aud). Left empty they are not taken.'),
      field('Redirect URI', redirect, 'Needed only when the server cannot know its own address, as behind a proxy.'),
      h('label', { class: 'check' }, enabled, 'Users may come by it')], {
      action: provider ? 'Save' : 'Add', wide: true,
      submit() {
        const wanted = id.value.trim();
        if (wanted === '') throw new Error('Give the provider an id.');
        if (!provider && known.providers.some((one) => one.id === wanted)) throw new Error(`There is a provider “${visibleText(wanted)}” already.`);
        return sendJson('PUT', pathOf(wanted), { title: title.value.trim() || wanted, issuer: issuer.value.trim(), client_id: client.value.trim(), ...(secret.value === '' ? {} : { client_secret: secret.value }),
          scope: scope.value.trim(), claim: claim.value.trim(), audience: audience.value.trim(), redirect_uri: redirect.value.trim(), enabled: enabled.checked, rules: rules.value() });
      },
      done: () => changed('Saved.'),
    });
  }

  async function test(provider) {
    try {
      const told = await sendJson('POST', `${pathOf(provider.id)}/test`);
      if (told.good) toast(`${visibleText(provider.title)} answers: ${told.keys} key${told.keys === 1 ? '' : 's'}, ${told.logs_out ? 'signs out too' : 'has no sign-out'}.`);
      else toast(visibleText(told.problem), { kind: 'error', ms: 12_000 });
    } catch (error) {
      toast(error.message, { kind: 'error', ms: 8000 });
    }
  }

  const remove = (provider) => confirmLoss(`Remove ${visibleText(provider.title)}?`, 'Its users’ sessions end, and nobody comes by it any more. The users stay in the list, and tokens of their own go on: remove or disable them too.', 'Remove', () => sendJson('DELETE', pathOf(provider.id)), () => changed('Removed.'));

  const row = (provider) => h('tr', { data: { key: provider.id } },
    h('th', { scope: 'row' }, visibleText(provider.title), h('div', { class: 'muted small mono' }, visibleText(provider.issuer))),
    h('td', null, provider.enabled ? h('span', { class: 'badge badge-good' }, 'on') : h('span', { class: 'badge badge-bad' }, 'off'), ' ', provider.configured && h('span', { class: 'badge' }, 'of the configuration')),
    h('td', null, provider.rules.length === 0 ? h('span', { class: 'text-warn' }, 'nobody gets in') : grantList(provider.rules.map((rule) => visibleText(ruleText(rule))))), h('td', { class: 'num' }, String(provider.users)),
    h('td', { class: 'actions' }, textButton('Test', () => test(provider), { class: 'button button-small', 'aria-label': `Test ${visibleText(provider.title)}` }), provider.configured ? null : [
      button(`Change ${visibleText(provider.title)}`, () => open(provider), { class: 'icon-button' }, icon('edit')), button(`Remove ${visibleText(provider.title)}`, () => remove(provider), { class: 'icon-button' }, icon('trash'))]));

  return {
    node: view.node,
    async load() {
      const [{ providers }, { roles }, { deployments }] = await Promise.all([read('/api/v1/providers'), read('/api/v1/roles'), read('/api/v1/deployments', { optional: { deployments: [] } })]);
      known = { providers, roles, deployments: deployments.map(({ name }) => name) };
      view.draw(table('Providers', [['Provider'], ['State'], ['Who gets which role'], ['Users', 'num'], ['']], providers.map(row), { nothing: 'There are no providers yet' }));
    },
  };
}
