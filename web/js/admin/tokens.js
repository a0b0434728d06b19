// Tokens: made with rights and an end, shown once, revoked at once.

import { grantText, may } from '../core/account.js';
import { sendJson } from '../core/http.js';
import { visibleText } from '../core/text.js';
import { h, textButton } from '../ui/dom.js';
import { choice, confirmLoss, field, input, openForm, showSecret } from './forms.js';
import { createGrantsEditor, grantList } from './grants_editor.js';
import { finder, firstRows, moreNote, panel, table, timeCell } from './table.js';

const ENDS = [['', 'as the settings say'], ['1h', 'in an hour'], ['1d', 'in a day'], ['7d', 'in a week'], ['30d', 'in 30 days'], ['90d', 'in 90 days'], ['365d', 'in a year'], ['never', 'never']];
const TONES = { valid: 'badge-good', expired: 'badge-warn', revoked: 'badge-bad' };

// By what it can be told: a token's beginning, or the certificate that stands in its place.
const shownBy = ({ prefix, certificate }) => (certificate ? `certificate ${visibleText(certificate.slice(0, 23))}…` : `${visibleText(prefix)}…`);

export function create({ account, read, changed }) {
  const admin = may(account, 'admin');
  const find = finder('Find a token', () => draw());
  const view = panel('Tokens', admin ? 'For agents and other programs. A token is shown once, when it is made; only its beginning is kept.' : 'Tokens of yours, for programs that act for you. None may do more than you may.',
    find.node, textButton('Make a token', open, { class: 'button button-primary' }));
  let deployments = [];
  let known = [];

  function open() {
    const name = input({ placeholder: 'agent on web-1' });
    const ends = choice('Ends', ENDS, '');
    const to = input({ placeholder: 'the one that it may send to', list: 'token-deployments' });
    const certificate = input({ placeholder: 'AB:CD:…', autocomplete: 'off', spellcheck: 'false' });
    const grants = createGrantsEditor(admin ? [{ deployment: '*', rights: ['ingest'] }] : account.grants, { deployments, instance: admin });
    openForm('Make a token', [field('Name', name, 'What it is for, so that it can be told from others later.'), field('Ends', ends), h('fieldset', { class: 'form-part' }, h('legend', null, 'Rights'), grants.node),
      h('datalist', { id: 'token-deployments' }, deployments.map((one) => h('option', { value: one }))), field('Records that name no deployment go to', to),
      admin && field('In place of a token', certificate, 'The SHA-256 fingerprint of a TLS client’s certificate: whoever shows it has these rights, and sends no token.')].filter(Boolean), {
      action: 'Make it', wide: true,
      submit: () => sendJson('POST', '/api/v1/tokens', { name: name.value.trim(), grants: grants.value(), ...(ends.value === '' ? {} : { ttl: ends.value }), ...(to.value.trim() === '' ? {} : { default_deployment: to.value.trim() }), ...(certificate.value.trim() === '' ? {} : { certificate: certificate.value.trim() }) }),
      async done(made) {
        if (made.certificate) return changed('The certificate has these rights now.');
        await changed('');
        return showSecret(`Token ${visibleText(made.name)}`, 'Copy it now: it is shown this once and kept nowhere.', made.token);
      },
    });
  }

  const row = (token) => h('tr', { data: { key: token.id } }, h('th', { scope: 'row' }, visibleText(token.name), h('div', { class: 'muted small mono' }, shownBy(token))),
    h('td', null, h('span', { class: `badge ${TONES[token.state] ?? ''}` }, visibleText(token.state))), admin && h('td', null, token.owner ? visibleText(token.owner) : h('span', { class: 'muted' }, '–')),
    h('td', null, grantList(token.grants.map(grantText))), timeCell(token.last_used), token.revoked_at ? h('td', { class: 'muted' }, '–') : timeCell(token.expires_at),
    h('td', { class: 'actions' }, token.state === 'valid' && textButton('Revoke', () => confirmLoss(`Revoke ${visibleText(token.name)}?`, 'Whatever uses this token is refused from its next request on, and open streams end.', 'Revoke',
      () => sendJson('DELETE', `/api/v1/tokens/${encodeURIComponent(token.id)}`), () => changed('Revoked.')), { class: 'button button-small', 'aria-label': `Revoke ${visibleText(token.name)}` })));

  function draw() {
    const found = find.of(known, ({ name, prefix, certificate, owner }) => `${name} ${certificate ?? prefix} ${owner ?? ''}`);
    view.draw(table('Tokens', [['Name'], ['State'], ...(admin ? [['Owner']] : []), ['Rights'], ['Last used'], ['Ends'], ['']], firstRows(found).map(row), { nothing: known.length === 0 ? 'There are no tokens yet' : 'None has such a name' }), moreNote(found));
  }

  return {
    node: view.node,
    async load() {
      const [{ tokens }, named] = await Promise.all([read('/api/v1/tokens'), read('/api/v1/deployments', { optional: { deployments: [] } })]);
      deployments = named.deployments.map(({ name }) => name);
      // Those that work stand first; of equals the newest.
      const rank = ({ state }) => ['valid', 'expired', 'revoked'].indexOf(state);
      known = tokens.toSorted((left, right) => rank(left) - rank(right) || String(right.created_at).localeCompare(String(left.created_at)));
      draw();
    },
  };
}
