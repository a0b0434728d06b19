// A record among its neighbours: what came before and after it at the same source.

import { getJson, isAborted } from '../core/http.js';
import { h, replace, textButton } from '../ui/dom.js';
import { openDialog } from '../ui/dialog.js';
import { errorSlot, partialBadge } from '../ui/feedback.js';
import { logRow, rowDetail } from './row.js';

const STEP = 15;
const MOST = 1000;

function openContext(id, { actions, onClose }) {
  const problem = errorSlot();
  const place = h('div', { class: 'context' }, h('p', { class: 'muted' }, 'Loading…'));
  const counts = { before: STEP, after: STEP };
  const abort = new AbortController();
  let first = true;

  const more = (side, found) => found.length >= counts[side] && counts[side] < MOST && textButton(side === 'before' ? 'Show earlier' : 'Show later', () => {
    counts[side] = Math.min(MOST, counts[side] * 3);
    load();
  }, { class: 'button button-small' });

  async function load() {
    try {
      const answer = await getJson('/api/v1/logs/context', { id, before: String(counts.before), after: String(counts.after) }, { key: 'context', signal: abort.signal, exact: true });
      problem.clear();
      const all = [...answer.before, answer.record, ...answer.after];
      const byId = new Map(all.map((record) => [record.id, record]));
      const rows = h('ol', { class: 'rows' }, all.map((record) => logRow(record, { current: record.id === answer.record.id })));
      rows.addEventListener('click', (event) => {
        const summary = event.target.closest('.row-summary');
        if (!summary || String(getSelection()) !== '') return;
        const row = summary.parentElement;
        const open = row.querySelector('.detail');
        if (open) open.remove();
        else row.append(rowDetail(byId.get(row.dataset.id), actions));
        summary.setAttribute('aria-expanded', String(!open));
      });
      rows.addEventListener('keydown', (event) => {
        if (event.key === 'Enter' && event.target.matches('.row-summary')) event.target.click();
      });
      rows.querySelectorAll('.row-summary').forEach((summary) => summary.setAttribute('tabindex', '0'));
      replace(place, h('p', { class: 'muted small' }, `${answer.record.deployment} / ${answer.record.source} `, partialBadge(answer.stats)),
        more('before', answer.before), rows, more('after', answer.after));
      if (first) {
        rows.querySelector('.row-current')?.scrollIntoView({ block: 'center' });
        rows.querySelector('.row-current .row-summary')?.focus({ preventScroll: true });
      }
      first = false;
    } catch (error) {
      if (isAborted(error)) return;
      if (first) place.replaceChildren();
      problem.show(error.status === 404 ? 'This record is not there any more, or this token may not read it.' : error, load);
    }
  }

  const dialog = openDialog('Record in context', [problem.node, place], {
    className: 'dialog-wide', onClose: () => { abort.abort(); onClose(); },
    actions: [textButton('Copy link', () => actions.link({ id }), { class: 'button button-small' })],
  });
  load();
  return dialog;
}

/** One dialog at a time; show('') closes it. `onClose`: the user closed it. */
export function createRecordDialog({ actions, onClose }) {
  let dialog = null;
  return {
    show(id) {
      const old = dialog;
      dialog = null;
      old?.close();
      if (!id) return;
      const opened = openContext(id, { actions, onClose: () => {
        if (dialog !== opened) return;
        dialog = null;
        onClose();
      } });
      dialog = opened;
    },
  };
}
