// The scrolling list of records: pages are added at its end, rows open on click or Enter, j and k move.

import { h, replace } from '../ui/dom.js';
import { gapRow, logRow, rowDetail } from './row.js';

export function createList({ actions, onMore, onOpen = () => {}, onScroll = () => {} }) {
  const rows = h('ol', { class: 'rows', 'aria-label': 'Records' });
  const foot = h('div', { class: 'list-foot' });
  const node = h('div', { class: 'log-list', tabindex: '-1' }, rows, foot);
  let records = new Map();
  let terms = [];
  let active = null;

  const watcher = new IntersectionObserver((entries) => {
    if (entries.some((entry) => entry.isIntersecting)) onMore();
  }, { root: node, rootMargin: '600px' });

  const summaryOf = (row) => row?.querySelector('.row-summary');

  function setActive(row, { focus = true } = {}) {
    summaryOf(active)?.setAttribute('tabindex', '-1');
    active?.classList.remove('active');
    active = row;
    if (!row) return;
    row.classList.add('active');
    summaryOf(row).setAttribute('tabindex', '0');
    if (focus) {
      summaryOf(row).focus({ preventScroll: true });
      row.scrollIntoView({ block: 'nearest' });
    }
  }

  function toggle(row, open) {
    const summary = summaryOf(row);
    const wanted = open ?? summary.getAttribute('aria-expanded') !== 'true';
    summary.setAttribute('aria-expanded', String(wanted));
    row.classList.toggle('open', wanted);
    row.querySelector('.detail')?.remove();
    if (!wanted) return;
    onOpen();
    row.append(rowDetail(records.get(row.dataset.id), actions, terms));
  }

  rows.addEventListener('click', (event) => {
    const summary = event.target.closest('.row-summary');
    if (!summary || String(getSelection()) !== '') return;
    setActive(summary.parentElement, { focus: false });
    toggle(summary.parentElement);
  });
  rows.addEventListener('keydown', (event) => {
    const summary = event.target.closest('.row-summary');
    if (!summary || (event.key !== 'Enter' && event.key !== ' ')) return;
    event.preventDefault();
    toggle(summary.parentElement);
  });
  rows.addEventListener('focusin', (event) => {
    const row = event.target.closest('.row');
    if (row && row !== active) setActive(row, { focus: false });
  });
  node.addEventListener('scroll', onScroll, { passive: true });

  const isRow = (element) => element?.classList.contains('row');

  function move(step) {
    const all = [...rows.children].filter(isRow);
    if (all.length === 0) return;
    const at = all.indexOf(active);
    const start = step > 0 ? -1 : all.length;
    setActive(all[Math.min(all.length - 1, Math.max(0, (at < 0 ? start : at) + step))]);
  }

  function add(found) {
    const fresh = found.filter((record) => !records.has(record.id));
    for (const record of fresh) records.set(record.id, record);
    rows.append(...fresh.map((record) => logRow(record, { terms })));
    const first = rows.querySelector('.row-summary');
    if (!active && first) first.setAttribute('tabindex', '0');
    return fresh.length;
  }

  /** Runs `change`, and keeps the row that is at the top of the window where it is. Nobody reading, new rows may push down. */
  function keepPlace(change) {
    const top = node.getBoundingClientRect().top;
    const reading = node.scrollTop > 0 || rows.querySelector('.row.open') || rows.contains(document.activeElement);
    const anchor = reading ? [...rows.children].find((row) => row.getBoundingClientRect().bottom > top) : null;
    const before = anchor?.getBoundingClientRect().top;
    change();
    if (anchor) node.scrollTop += anchor.getBoundingClientRect().top - before;
  }

  /** Puts newer records, newest first, among the rows, which stay as they are. Returns how many were new. `gap` is said
   *  between them and the older rows when nothing of the answer was known. */
  function merge(found, { ascending, gap }) {
    const fresh = found.filter((record) => !records.has(record.id));
    if (fresh.length === 0) return 0;
    const shown = new Map([...rows.children].map((row) => [row.dataset.id, row]));
    keepPlace(() => {
      let at = ascending ? null : rows.firstChild;
      for (const record of found) {
        const known = shown.get(record.id);
        if (known) at = ascending ? known : known.nextSibling;
        else {
          const row = rows.insertBefore(logRow(record, { terms }), at);
          if (ascending) at = row;
        }
      }
      if (gap && fresh.length === found.length) rows.insertBefore(gap, at);
      for (const record of fresh) records.set(record.id, record);
    });
    return fresh.length;
  }

  return {
    node, rows, add, merge, move, toggle,
    /** Does somebody look at a certain row? */
    get inUse() { return node.scrollTop > 0 || rows.querySelector('.row.open') !== null; },
    get size() { return records.size; },
    get activeRecord() { return active ? records.get(active.dataset.id) : undefined; },
    toggleActive: () => (active ? toggle(active) : false),
    closeActive() {
      if (active?.classList.contains('open')) toggle(active, false);
    },
    clear(words = []) {
      if (rows.contains(document.activeElement)) node.focus({ preventScroll: true });
      records = new Map();
      terms = words;
      active = null;
      rows.replaceChildren();
      foot.replaceChildren();
      node.scrollTop = 0;
    },
    addGap: (text, action) => rows.append(gapRow(text, action)),
    /** Drops the oldest rows at the top until `most` are left. */
    trim(most) {
      while (rows.children.length > most) {
        const gone = rows.firstChild;
        records.delete(gone.dataset.id);
        if (gone === active) active = null;
        gone.remove();
      }
    },
    foot(...children) {
      watcher.unobserve(foot);
      replace(foot, ...children);
    },
    /** Calls onMore whenever the end of the list comes near. */
    watchEnd: (on) => (on ? watcher.observe(foot) : watcher.unobserve(foot)),
    stop: () => watcher.disconnect(),
  };
}
