// What is stored of each deployment, how long it is kept and why, and what becomes of metrics that are not declared.

import { may } from '../core/account.js';
import { sendJson } from '../core/http.js';
import { defaultState, formatHash } from '../core/state.js';
import { visibleText } from '../core/text.js';
import { formatBytes, formatCount, groups } from '../core/units.js';
import { button, h, textButton } from '../ui/dom.js';
import { icon } from '../ui/icons.js';
import { toast } from '../ui/feedback.js';
import { choice, field, input, openForm } from './forms.js';
import { receiptText } from './key_text.js';
import { ageInput, bytesOf, keptText, lossText, ruleText, sizeInput } from './kept_text.js';
import { finder, firstRows, moreNote, panel, table, timeCell } from './table.js';

const KINDS = ['logs', 'metrics'];
const UNDECLARED = [['', 'as for all deployments'], ['taken', 'taken as plain metrics'], ['refused', 'refused']];
const sizeOf = ({ logs, metrics }) => (logs?.bytes ?? 0) + (metrics?.bytes ?? 0);
const pathOf = (name, kind) => `/api/v1/retention/${encodeURIComponent(name)}/${kind}`;
const ownRule = (name, by) => by?.from === 'set' && by.deployment === name;

export function create({ account, read, changed }) {
  const admin = may(account, 'admin');
  const find = finder('Find a deployment', () => draw());
  const view = panel('Deployments', 'What the store holds of each, the largest first, and how long it is kept. What is set here counts before the configuration (options retention.…), from then on, on every server.',
    find.node, admin && textButton('For all deployments', () => openAll(), { class: 'button' }), admin && textButton('Another deployment', () => openNew(), { class: 'button' }));
  let known = [];

  // Typed, not clicked: nothing brings it back.
  function remove(name) {
    const typed = input({});
    openForm(`Delete ${visibleText(name)} for good?`, h('div', { class: 'form' },
      h('p', null, 'Its logs, metrics and dead letters are removed and its keys destroyed: nobody can read it again, not even from a stolen disk. Backups made before hold it still. What is sent to this name afterwards is new.'),
      field(`Type ${visibleText(name)} to confirm`, typed)), {
      action: 'Delete for good', danger: true,
      submit: async () => {
        if (typed.value !== name) throw new Error('That is not its name; nothing was deleted.');
        return sendJson('DELETE', `/api/v1/deployments/${encodeURIComponent(name)}`);
      },
      done: ({ id }) => follow(id),
    });
  }

  /** Says what becomes of it, until its rows are gone. */
  async function follow(id) {
    const receipt = await read(`/api/v1/deletions/${id}`, { optional: null });
    if (receipt !== null) toast(receiptText(receipt), { ms: receipt.left_tables_at === null ? 1500 : 8000 });
    await changed();
    if (receipt !== null && receipt.left_tables_at === null) setTimeout(() => follow(id), 1000);
  }

  /** The fields of one kind: an own rule, or what counts without one. */
  function kindFields(name, kind, now) {
    const own = ownRule(name, now?.keep_by);
    const age = input({ value: own ? ageInput(now.keep_s) : '', placeholder: 'for ever' });
    const size = input({ value: own ? sizeInput(now.keep_bytes) : '', placeholder: 'no limit' });
    const limits = h('div', { class: 'keep-row', hidden: !own }, field(`Keep ${kind} for`, age, 'As 30d, 12h or 2w.'), field('At most', size, 'As 20 GiB; the oldest go first.'));
    const way = choice(`How long ${kind} are kept`, [['', `${name === '*' ? 'as configured' : 'as configured or set for all'}${own ? '' : `: ${keptText(now)}`}`], ['own', name === '*' ? 'by a rule that is set here' : 'by a rule of their own']], own ? 'own' : '', (value) => { limits.hidden = value !== 'own'; });
    return {
      kind, node: h('fieldset', { class: 'form-part' }, h('legend', null, kind === 'logs' ? 'Logs' : 'Metrics'), way, limits),
      /** The request that makes it so; null: it is so already. */
      wish() {
        if (way.value === '') return own ? { method: 'DELETE' } : null;
        const body = { keep: age.value.trim() || 'forever', keep_bytes: bytesOf(size.value) };
        return own && age.value === ageInput(now.keep_s) && body.keep_bytes === now.keep_bytes ? null : { method: 'PUT', body };
      },
    };
  }

  function openSettings(title, name, one) {
    const kinds = KINDS.map((kind) => kindFields(name, kind, one?.[kind]));
    const before = one?.undeclared_metrics_set ? one.undeclared_metrics : name === '*' ? 'taken' : '';
    const undeclared = choice('Metrics that are not declared', UNDECLARED.filter(([value]) => value !== '' || name !== '*'), before);
    openForm(title, [...kinds.map(({ node }) => node), field('Metrics that are not declared are', undeclared)], {
      action: 'Save', wide: true,
      async submit() {
        const wishes = kinds.map(({ kind, wish }) => ({ kind, ...wish() })).filter(({ method }) => method);
        const losses = [];
        for (const { kind, method, body } of wishes) losses.push(lossText(kind, (await sendJson(method, `${pathOf(name, kind)}?dry_run=1`, body)).would_delete));
        const save = async () => {
          for (const { kind, method, body } of wishes) await sendJson(method, pathOf(name, kind), body);
          if (undeclared.value !== before) await sendJson('PATCH', `/api/v1/deployments/${encodeURIComponent(name)}`, { undeclared_metrics: undeclared.value || null });
        };
        if (losses.every((text) => text === '')) return save();
        return { losses: losses.filter(Boolean), save };
      },
      done(result) {
        if (!result?.losses) return changed('Saved.');
        return openForm('Delete what is no longer kept?', result.losses.map((text) => h('p', null, text)), { action: 'Delete and save', danger: true, submit: result.save, done: () => changed('Saved. What is no longer kept goes now.') });
      },
    });
  }

  async function openAll() {
    const [logs, metrics] = await Promise.all(KINDS.map((kind) => read(pathOf('*', kind))));
    const all = await read('/api/v1/deployments');
    openSettings('All deployments without rules of their own', '*', { logs, metrics, undeclared_metrics: all.undeclared_metrics, undeclared_metrics_set: all.undeclared_metrics === 'refused' });
  }

  function openNew() {
    const name = input({});
    openForm('Another deployment', field('Deployment', name, 'It need not have sent anything yet.'), { action: 'Next', submit: async () => { if (name.value.trim() === '') throw new Error('Name a deployment.'); return name.value.trim(); },
      done: async (wanted) => {
        const [logs, metrics] = await Promise.all(KINDS.map((kind) => read(pathOf(wanted, kind))));
        openSettings(`Deployment ${visibleText(wanted)}`, wanted, { logs, metrics });
      } });
  }

  const amount = (one) => [h('td', { class: 'num' }, one ? formatCount(one.records) : '–'), h('td', { class: 'num' }, one ? formatBytes(one.bytes) : '–'), h('td', { class: 'num', title: one ? ruleText(one.keep_by) : null }, one ? keptText(one) : '–')];
  const row = (one) => h('tr', { data: { key: one.name } }, h('th', { scope: 'row' }, h('a', { href: formatHash({ ...defaultState(), view: 'logs', deployment: [one.name] }) }, visibleText(one.name)),
    one.undeclared_metrics === 'refused' && h('div', { class: 'muted small' }, 'takes declared metrics only')),
    amount(one.logs), amount(one.metrics), timeCell([one.logs?.last, one.metrics?.last].filter(Boolean).sort().at(-1), '–'),
    admin && h('td', { class: 'actions' }, button(`Change ${visibleText(one.name)}`, () => openSettings(`Deployment ${visibleText(one.name)}`, one.name, one), { class: 'icon-button' }, icon('edit')),
      textButton('Delete', () => remove(one.name), { class: 'button button-small', 'aria-label': `Delete ${visibleText(one.name)}` })));

  function draw() {
    const found = find.of(known, ({ name }) => name).toSorted((left, right) => sizeOf(right) - sizeOf(left) || left.name.localeCompare(right.name));
    const total = found.reduce((sum, one) => sum + sizeOf(one), 0);
    view.draw(h('p', { class: 'muted small' }, `${groups(found.length)} deployments, ${formatBytes(total)} stored.`),
      table('Deployments', [['Name'], ['Logs', 'num'], ['Their size', 'num'], ['Kept', 'num'], ['Samples', 'num'], ['Their size', 'num'], ['Kept', 'num'], ['Newest'], ...(admin ? [['']] : [])], firstRows(found).map(row), { nothing: known.length === 0 ? 'Nothing has been sent yet' : 'None has such a name' }), moreNote(found));
  }

  return {
    node: view.node,
    async load() {
      known = (await read('/api/v1/deployments')).deployments;
      draw();
    },
  };
}
