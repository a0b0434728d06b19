// Who did what, the newest first. The rows are in a chain of hashes that can be checked.

import { getJson } from '../core/http.js';
import { currentState, navigate } from '../core/router.js';
import { visibleText } from '../core/text.js';
import { groups } from '../core/units.js';
import { debounce, h, textButton } from '../ui/dom.js';
import { toast } from '../ui/feedback.js';
import { detailText } from './audit_text.js';
import { choice, input } from './forms.js';
import { exactTimeCell, panel, table } from './table.js';

const PAGE = '100';
const OUTCOMES = [['', 'any outcome'], ['done', 'done'], ['refused', 'refused'], ['failed', 'failed'], ['asked', 'asked']];

export function create({ read }) {
  const filters = [['actor', 'Who, as user:ann'], ['action', 'What, as token.create or token']].map(([name, placeholder]) => {
    const node = input({ type: 'search', placeholder, 'aria-label': placeholder, value: currentState()[name] });
    node.addEventListener('input', debounce(() => navigate({ [name]: node.value.trim() }, { replace: true }), 250));
    return node;
  });
  const outcome = choice('Outcome', OUTCOMES, currentState().outcome, (value) => navigate({ outcome: value }, { replace: true }));
  const check = textButton('Check the chain', verify, { class: 'button' });
  const view = panel('Audit log', 'Log-ins, changes of rights, tokens, settings and keys, deletions, large downloads, losses. Nothing in it can be changed without its chain of hashes telling.', check);
  let entries = [];
  let before = null;

  async function verify() {
    check.disabled = true;
    try {
      const { intact, rows, problem } = await read('/api/v1/audit/verify');
      toast(intact ? `The chain is whole: ${groups(rows)} rows.` : `The chain is broken: ${visibleText(problem)}`, { kind: intact ? 'info' : 'error', ms: intact ? 5000 : 0 });
    } catch (error) {
      toast(error.message, { kind: 'error', ms: 8000 });
    } finally {
      check.disabled = false;
    }
  }

  async function page(from) {
    const state = currentState();
    const params = new URLSearchParams({ from: state.from, to: state.to, limit: PAGE });
    for (const name of ['actor', 'action', 'outcome']) if (state[name]) params.set(name, state[name]);
    if (from) params.set('before', from);
    return getJson('/api/v1/audit', params, { key: 'audit' });
  }

  const row = (entry) => h('tr', { data: { key: String(entry.id) } }, exactTimeCell(entry.at), h('td', null, visibleText(entry.actor)), h('td', { class: 'mono' }, visibleText(entry.action)), h('td', null, visibleText(entry.object)),
    h('td', null, h('span', { class: `badge ${entry.outcome === 'refused' || entry.outcome === 'failed' || entry.action === 'data.loss' ? 'badge-bad' : 'badge-good'}` }, visibleText(entry.outcome))), h('td', { class: 'mono' }, visibleText(entry.address ?? '')), h('td', { class: 'audit-detail' }, visibleText(detailText(entry.detail))));

  function draw() {
    view.draw(h('div', { class: 'admin-filters' }, filters, outcome), table('Audit log', [['When'], ['Who'], ['What'], ['On'], ['Outcome'], ['From'], ['More']], entries.map(row), { nothing: 'Nothing in this time' }),
      entries.length === 0 && currentState().from !== 'now-30d' && textButton('Look at the last 30 days', () => navigate({ from: 'now-30d', to: 'now' }), { class: 'button' }),
      before !== null && entries.length > 0 && textButton('Earlier ones', more, { class: 'button' }));
  }

  async function more() {
    const answer = await page(before);
    entries = [...entries, ...answer.entries];
    before = answer.before ?? null;
    draw();
  }

  return {
    node: view.node,
    async load() {
      const answer = await page('');
      [entries, before] = [answer.entries, answer.before ?? null];
      draw();
    },
  };
}
