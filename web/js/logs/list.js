// The scrolling list of records: pages are added at its end, rows open on click or Enter, j and k move. However long it
// is, only the rows in and near the window are elements (virtual_rows.js); what is open, and where one is, is kept beside.

import { h, replace } from '../ui/dom.js';
import { createVirtualRows } from '../ui/virtual_rows.js';
import { gapRow, logRow, rowDetail } from './row.js';

export function createList({ actions, onMore, onOpen = () => {}, onScroll = () => {} }) {
  const rows = h('ol', { class: 'rows', 'aria-label': 'Records' });
  const foot = h('div', { class: 'list-foot' });
  const node = h('div', { class: 'log-list', tabindex: '-1' }, rows, foot);
  let known = new Set();    // ids of the records
  let opened = new Set();   // ids of those that are open
  let terms = [];
  let active = '';          // id of the row where the keyboard is

  const virtual = createVirtualRows({ scroller: node, list: rows, render: (item) => item.gap ?? rowOf(item) });
  const watcher = new IntersectionObserver((entries) => {
    if (entries.some((entry) => entry.isIntersecting)) onMore();
  }, { root: node, rootMargin: '600px' });

  const summaryOf = (row) => row?.querySelector('.row-summary');
  const recordOf = (row) => row?.entry?.value;
  const indexOf = (id) => virtual.entries.findIndex((entry) => entry.value.id === id);
  const rowNow = (id) => [...rows.children].find((row) => row.dataset.id === id);

  function rowOf(record) {
    const row = logRow(record, { terms });
    const first = active === '' && virtual.entries.find((entry) => entry.value.id)?.value === record;
    if (record.id === active || first) mark(row, record.id === active);
    if (opened.has(record.id)) showDetail(row, record);
    return row;
  }

  function mark(row, on, reachable = true) {
    row?.classList.toggle('active', on);
    summaryOf(row)?.setAttribute('tabindex', reachable ? '0' : '-1');
  }

  function setActive(id) {
    if (id === active) return;
    mark(rowNow(active), false, false);
    active = id;
    mark(rowNow(id), true);
  }

  function showDetail(row, record) {
    row.classList.add('open');
    summaryOf(row).setAttribute('aria-expanded', 'true');
    row.append(rowDetail(record, actions, terms));
  }

  function toggle(row, wanted = !opened.has(row.dataset.id)) {
    const { id } = row.dataset;
    if (wanted) {
      opened.add(id);
      onOpen();
      showDetail(row, recordOf(row));
    } else {
      opened.delete(id);
      row.classList.remove('open');
      summaryOf(row).setAttribute('aria-expanded', 'false');
      row.querySelector('.detail')?.remove();
    }
  }

  rows.addEventListener('click', (event) => {
    const summary = event.target.closest('.row-summary');
    if (!summary || String(getSelection()) !== '') return;
    setActive(summary.parentElement.dataset.id);
    toggle(summary.parentElement);
  });
  rows.addEventListener('keydown', (event) => {
    const summary = event.target.closest('.row-summary');
    if (!summary || (event.key !== 'Enter' && event.key !== ' ')) return;
    event.preventDefault();
    toggle(summary.parentElement);
  });
  rows.addEventListener('focusin', (event) => {
    const id = event.target.closest('.row')?.dataset.id;
    if (id) setActive(id);
  });
  node.addEventListener('scroll', onScroll, { passive: true });

  function move(step) {
    const all = virtual.entries;
    let at = active === '' ? (step > 0 ? -1 : all.length) : indexOf(active);
    do at += step; while (all[at] && all[at].value.gap);
    if (!all[at]) return;
    setActive(all[at].value.id);
    summaryOf(virtual.reveal(at))?.focus({ preventScroll: true });
  }

  function tellSize() {
    node.dataset.size = String(known.size);
  }

  const unknown = (found) => found.filter((record) => !known.has(record.id));
  const remember = (found) => found.forEach((record) => known.add(record.id));

  function add(found) {
    const fresh = unknown(found);
    remember(fresh);
    virtual.splice(virtual.size, 0, fresh);
    tellSize();
    return fresh.length;
  }

  const isRead = () => node.scrollTop > 0 || opened.size > 0;

  /** Puts newer records, newest first, among the rows, which stay as they are. Returns how many were new. `gap` is said
   *  between them and the older rows when nothing of the answer was known. Nobody reading, new rows may push down. */
  function merge(found, { ascending, gap }) {
    const fresh = unknown(found);
    if (fresh.length === 0) return 0;
    const keep = { keep: isRead() || rows.contains(document.activeElement) };
    const all = virtual.entries.map((entry) => entry.value);
    const places = new Map(all.map((value, index) => [value.id, index]));
    // Each run of new records goes beside the known one that comes before it in the answer.
    let at = ascending ? all.length : 0;
    const runs = new Map();
    for (const record of found) {
      const place = places.get(record.id);
      if (place !== undefined) at = ascending ? place : place + 1;
      else runs.set(at, [...(runs.get(at) ?? []), record]);
    }
    if (gap && fresh.length === found.length) runs.get(at).push({ gap });
    remember(fresh);
    for (const [place, run] of [...runs].sort(([left], [right]) => right - left)) virtual.splice(place, 0, ascending ? run.reverse() : run, keep);
    tellSize();
    return fresh.length;
  }

  return {
    node, rows, add, merge, move,
    /** Does somebody look at a certain row? */
    get inUse() { return isRead(); },
    get size() { return known.size; },
    /** Rows, gaps among them. */
    get length() { return virtual.size; },
    get activeRecord() { return virtual.entries[indexOf(active)]?.value; },
    toggleActive() {
      if (active === '') return false;
      return toggle(virtual.reveal(indexOf(active)));
    },
    closeActive() {
      if (opened.has(active)) toggle(virtual.reveal(indexOf(active)), false);
    },
    clear(words = []) {
      if (rows.contains(document.activeElement)) node.focus({ preventScroll: true });
      [known, opened, terms, active] = [new Set(), new Set(), words, ''];
      virtual.splice(0, virtual.size, []);
      tellSize();
      foot.replaceChildren();
      node.scrollTop = 0;
    },
    addGap: (text, action) => virtual.splice(virtual.size, 0, [{ gap: gapRow(text, action) }]),
    /** Drops the oldest rows at the top until `most` are left. */
    trim(most) {
      const gone = virtual.entries.slice(0, Math.max(0, virtual.size - most));
      for (const { value } of gone) {
        known.delete(value.id);
        opened.delete(value.id);
        if (value.id === active) active = '';
      }
      if (gone.length > 0) virtual.splice(0, gone.length, []);
      tellSize();
    },
    toEnd: () => virtual.toEnd(),
    /** Rows are of other heights now. */
    reflow: () => virtual.forget(),
    foot(...children) {
      watcher.unobserve(foot);
      replace(foot, ...children);
    },
    /** Calls onMore whenever the end of the list comes near. */
    watchEnd: (on) => (on ? watcher.observe(foot) : watcher.unobserve(foot)),
    stop() {
      watcher.disconnect();
      virtual.stop();
    },
  };
}
