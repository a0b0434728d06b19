// A panel with a table: its head, its rows, and what is said while there are none.

import { zone } from '../core/settings.js';
import { formatAge, formatDateTime, parseRfc3339 } from '../core/time.js';
import { serverNow } from '../core/clock.js';
import { currentState, navigate } from '../core/router.js';
import { groups } from '../core/units.js';
import { debounce, h, patch } from '../ui/dom.js';
import { empty } from '../ui/feedback.js';
import { input } from './forms.js';

const MOST_ROWS = 300; // shown at once; the search finds the others

/** `columns`: [title, class]. */
export function table(label, columns, rows, { nothing = 'There are none.' } = {}) {
  if (rows.length === 0) return empty(nothing, '');
  // A narrow window shows each row as a card, its cells with their titles.
  for (const row of rows) [...row.children].forEach((cell, index) => { cell.dataset.label = columns[index]?.[0] ?? ''; });
  return h('div', { class: 'table-scroll', tabindex: '0', role: 'region', 'aria-label': label }, h('table', { class: 'table cards' },
    h('thead', null, h('tr', null, columns.map(([title, name = '']) => h('th', { scope: 'col', class: name }, title === '' ? h('span', { class: 'sr-only' }, 'Actions') : title)))),
    h('tbody', null, rows)));
}

/** A box to find rows by words; the link keeps them. `draw` runs when they change. */
export function finder(label, draw) {
  const node = input({ type: 'search', placeholder: label, 'aria-label': label, value: currentState().find });
  node.addEventListener('input', debounce(() => { navigate({ find: node.value.trim() }, { replace: true, quiet: true }); draw(); }, 80));
  const words = () => node.value.toLowerCase().split(/\s+/).filter(Boolean);
  return {
    node, words,
    /** Those of a list whose text has all the words. */
    of: (list, textOf) => list.filter((one) => { const text = textOf(one).toLowerCase(); return words().every((word) => text.includes(word)); }),
  };
}

/** At most so many rows as a page takes, and a word about the others. */
export const firstRows = (list) => list.slice(0, MOST_ROWS);
export const moreNote = (list) => (list.length > MOST_ROWS ? h('p', { class: 'muted small' }, `and ${groups(list.length - MOST_ROWS)} more; type above to find them.`) : null);

/** A section's frame: title, what can be done, what it is about, and its content, which draw(…) fills. */
export function panel(title, about, ...actions) {
  const body = h('div', { class: 'admin-body' });
  const node = h('section', { class: 'admin-section' }, h('header', { class: 'admin-head' }, h('div', null, h('h2', null, title), h('p', { class: 'muted small' }, about)), h('div', { class: 'spacer' }), actions), body);
  return { node, draw: (...content) => patch(body, ...content) };
}

const msOf = (text) => parseRfc3339(text ?? '')?.ms ?? null;

/** A time as its age, whole in the title. */
export function timeCell(text, never = 'never') {
  const at = msOf(text);
  return at === null ? h('td', { class: 'muted' }, never) : h('td', { title: formatDateTime(at, zone()) }, formatAge(at, serverNow()));
}

export function exactTimeCell(text) {
  const at = msOf(text);
  return h('td', { class: 'mono', title: text }, at === null ? '–' : formatDateTime(at, zone()));
}
