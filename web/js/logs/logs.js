// The logs view: search, histogram, facets, rows, live tail.

import { getJson, isAborted } from '../core/http.js';
import { addTerm, fieldTerm, highlightTerms, removeTerm } from '../core/query_text.js';
import { currentState, linkTo, navigate } from '../core/router.js';
import { changeSetting, setting } from '../core/settings.js';
import { SEVERITIES, logParams } from '../core/state.js';
import { niceStep, resolveRange, shiftRange, toUrlTime } from '../core/time.js';
import { groups } from '../core/units.js';
import { createHistogram } from '../charts/histogram.js';
import { button, copyText, h, replace, textButton } from '../ui/dom.js';
import { empty, errorSlot, partialBadge, toast } from '../ui/feedback.js';
import { icon } from '../ui/icons.js';
import { togglePopover } from '../ui/popover.js';
import { openContext } from './context.js';
import { downloadPanel } from './download.js';
import { createFacets } from './facets.js';
import { createList } from './list.js';
import { createSearchBar } from './search_bar.js';
import { createTail } from './tail.js';

const PAGE = 100;
const AUTO_ROWS = 3000; // past this the end of the list waits for a click
const phone = matchMedia('(max-width: 760px)');

export function create(shell) {
  let cursor = null;
  let loadingMore = false;
  let dialog = null;
  let generation = 0;

  const copy = async (text, what) => toast(await copyText(text) ? `Copied the ${what}.` : 'The browser did not allow copying.');
  const actions = {
    copy,
    link: (record) => copy(linkTo({ record: record.id, live: false }), 'link'),
    context: (record) => navigate({ record: record.id }),
    filterFor,
    filterOut,
  };

  const problem = errorSlot();
  const search = createSearchBar({
    onQuery: (q) => (q === currentState().q ? load(currentState()) : navigate({ q })),
    onSeverity: (severity) => navigate({ severity }),
    onRemove: (key, value) => navigate(key === 'source' ? { source: currentState().source.filter((item) => item !== value) }
      : { fields: currentState().fields.filter(([name, wanted]) => `${name}\u0000${wanted}` !== value) }),
  });
  const histogram = createHistogram({ onSelect: (range) => navigate({ from: toUrlTime(range.from), to: toUrlTime(range.to), live: false }) });
  const facets = createFacets({ onFilter: facetClick, onExclude: filterOut });
  const list = createList({ actions, onMore: more, onScroll: () => tail.onScroll() });
  const status = h('div', { class: 'log-status', role: 'status' });
  const tail = createTail({ list, onStatus: tailStatus, onGapSearch: (from, to) => navigate({ from, to, live: false }) });
  const live = h('button', { type: 'button', class: 'button live-button', on: { click: () => navigate({ live: !currentState().live }) } });
  const tool = (symbol, label, run, props) => button(label, run, { class: 'icon-button', ...props }, icon(symbol));
  const filters = tool('filter', 'Filters', toggleFacets, { 'aria-pressed': 'false' });
  const order = tool('order', 'Newest or oldest first', () => navigate({ order: currentState().order === 'desc' ? 'asc' : 'desc' }));
  const wrap = tool('wrap', 'Wrap long lines (w)', () => navigate({ wrap: !currentState().wrap }, { replace: true }));
  const save = tool('download', 'Download', () => togglePopover(save, 'Download', downloadPanel(currentState()), { align: 'right' }), { 'aria-haspopup': 'dialog', 'aria-expanded': 'false' });
  const node = h('div', { class: 'logs' }, search.node, problem.node, h('div', { class: 'logs-body' }, facets.node,
    h('div', { class: 'logs-main' }, histogram.node,
      h('div', { class: 'log-tools' }, filters, status, h('div', { class: 'spacer' }), order, wrap, save, live),
      h('div', { class: 'list-frame' }, list.node, tail.jump))));

  function toggleFacets() {
    if (phone.matches) node.classList.toggle('facets-open');
    else changeSetting('facets', !setting('facets'));
    drawFacets();
  }

  function drawFacets() {
    node.classList.toggle('facets-hidden', !setting('facets'));
    filters.setAttribute('aria-pressed', String(phone.matches ? node.classList.contains('facets-open') : setting('facets')));
  }

  function filterFor(name, value) {
    const state = currentState();
    if (name === 'source') navigate({ source: [value], record: '' });
    else if (name === 'deployment') navigate({ deployment: [value], record: '' });
    else if (name === 'severity') navigate({ q: addTerm(state.q, name, value), record: '' });
    else navigate({ q: removeTerm(state.q, fieldTerm(name, value, true)), fields: [...state.fields.filter(([field, wanted]) => field !== name || wanted !== value), [name, value]], record: '' });
  }

  function filterOut(name, value) {
    const state = currentState();
    navigate({ q: addTerm(state.q, name, value, true), record: '', source: state.source.filter((item) => name !== 'source' || item !== value),
      fields: state.fields.filter(([field, wanted]) => field !== name || wanted !== value) });
  }

  function facetClick(field, value) {
    const state = currentState();
    if (field === 'severity') navigate({ severity: state.severity === value ? '' : SEVERITIES.includes(value) ? value : '' });
    else if (field === 'source') navigate({ source: state.source.includes(value) ? state.source.filter((item) => item !== value) : [...state.source, value] });
    else if (state.fields.some(([name, wanted]) => name === field && wanted === value)) navigate({ fields: state.fields.filter(([name, wanted]) => name !== field || wanted !== value) });
    else filterFor(field, value);
  }

  function tailStatus({ state, reason }) {
    if (!currentState().live) return;
    if (state) live.dataset.state = state;
    if (state === 'lost') replace(status, h('span', { class: 'badge badge-warn' }, 'reconnecting'), ` ${reason}`);
    else if (live.dataset.state === 'open') replace(status, `${groups(list.size)} ${list.size === 1 ? 'record' : 'records'}, live`);
    else replace(status, 'Connecting…');
  }

  async function loadHistogram(state) {
    const params = logParams(state);
    const range = resolveRange(state);
    params.set('step', niceStep(range.to - range.from, Math.min(120, Math.max(30, Math.floor((histogram.node.clientWidth || 800) / 9)))));
    try {
      histogram.show(await getJson('/api/v1/logs/histogram', params, { key: 'histogram' }));
    } catch (error) {
      if (isAborted(error)) throw error;
      histogram.clear();
      if (error.status !== 400) problem.show(error, () => load(state));
    }
  }

  async function loadRows(state, mine) {
    const params = logParams(state);
    params.set('limit', String(PAGE));
    params.set('order', state.order);
    const page = await getJson('/api/v1/logs', params, { key: 'logs-page' });
    if (mine !== generation) return null;
    problem.clear();
    list.clear(highlightTerms(state.q));
    list.add(page.records);
    cursor = page.cursor ?? null;
    drawFoot(state);
    return page;
  }

  function showStatus(page) {
    const stats = page.stats ?? {};
    const total = Math.max(histogram.total, list.size);
    replace(status, h('strong', null, groups(total)), total === 1 ? ' record' : ' records', partialBadge(stats),
      h('span', { class: 'muted status-stats' }, ` · ${groups(stats.records_scanned ?? 0)} scanned in ${Math.max(1, Math.round(stats.elapsed_ms ?? 0))} ms`));
  }

  function drawFoot(state) {
    if (list.size === 0) {
      list.foot(empty('Nothing found', 'No record matches in this time.',
        h('div', { class: 'empty-actions' }, textButton('Look further back', () => navigate(shiftRange(currentState(), { scale: 4 })), { class: 'button' }),
          (state.q || state.severity || state.source.length > 0 || state.fields.length > 0) && textButton('Clear the filters', () => navigate({ q: '', severity: '', source: [], fields: [] }), { class: 'button' }))));
      return;
    }
    list.foot(cursor ? textButton('Load more', () => more(true), { class: 'button' }) : h('p', { class: 'muted small' }, 'That is all in this time.'));
    list.watchEnd(cursor !== null && list.size < AUTO_ROWS);
  }

  async function more() {
    if (!cursor || loadingMore || currentState().live) return;
    const mine = generation;
    const state = currentState();
    loadingMore = true;
    list.watchEnd(false);
    const params = logParams(state);
    params.set('limit', String(PAGE * 2));
    params.set('order', state.order);
    params.set('cursor', cursor);
    try {
      const page = await shell.during(getJson('/api/v1/logs', params, { key: 'logs-more' }));
      if (mine !== generation) return;
      list.add(page.records);
      cursor = page.cursor ?? null;
      drawFoot(state);
    } catch (error) {
      if (isAborted(error) || mine !== generation) return;
      list.foot(h('p', null, error.message), textButton('Try again', () => more(), { class: 'button' }));
    } finally {
      loadingMore = false;
    }
  }

  async function load(state) {
    generation += 1;
    const mine = generation;
    cursor = null;
    search.fail('');
    try {
      const bars = loadHistogram(state);
      bars.catch(() => {});
      const page = await shell.during(loadRows(state, mine));
      await bars;
      if (page && mine === generation) showStatus(page);
      if (mine === generation) await facets.load(state);
    } catch (error) {
      if (isAborted(error) || mine !== generation) return;
      list.clear();
      replace(status, '');
      if (error.status === 400 && (error.field === 'q' || error.code === 'invalid_query')) search.fail(error.message);
      else problem.show(error, () => load(state));
    }
  }

  async function goLive(state) {
    generation += 1;
    const mine = generation;
    cursor = null;
    problem.clear();
    loadHistogram(state).then(() => mine === generation && facets.load(state), () => {});
    try {
      await tail.start(state, highlightTerms(state.q));
    } catch (error) {
      if (isAborted(error) || mine !== generation) return;
      if (error.field === 'q' || error.code === 'invalid_query') search.fail(error.message);
      else problem.show(error, () => goLive(state));
      replace(status, '');
    }
  }

  function showRecord(id) {
    if (dialog) {
      const old = dialog;
      dialog = null;
      old.close();
    }
    if (!id) return;
    const opened = openContext(id, { actions, onClose: () => {
      if (dialog !== opened) return;
      dialog = null;
      navigate({ record: '' });
    } });
    dialog = opened;
  }

  const onlyShown = new Set(['wrap', 'record', 'refresh']);
  const same = (state, before) => Object.keys(state).every((key) => onlyShown.has(key) || JSON.stringify(state[key]) === JSON.stringify(before[key]));

  drawFacets();
  return {
    node,
    get defaultRefresh() { return currentState().live ? '15s' : ''; },
    keys: [
      { keys: '/', say: 'Search', run: () => search.focus() },
      { keys: 'j', show: 'j ↓', say: 'Next record', run: () => list.move(1) }, { keys: 'ArrowDown', run: () => list.move(1) },
      { keys: 'k', show: 'k ↑', say: 'Previous record', run: () => list.move(-1) }, { keys: 'ArrowUp', run: () => list.move(-1) },
      { keys: 'Enter', show: 'Enter', say: 'Open or close the record', run: (event) => (event.target.closest('button, a, .row-summary') ? false : list.toggleActive()) },
      { keys: 'x', say: 'Show the record in context', run: () => (list.activeRecord ? actions.context(list.activeRecord) : false) },
      { keys: 'y', say: 'Copy the record as JSON', run: () => (list.activeRecord ? copy(JSON.stringify(list.activeRecord, null, 2), 'record') : false) },
      { keys: 'w', say: 'Wrap long lines', run: () => navigate({ wrap: !currentState().wrap }, { replace: true }) },
      { keys: 'v', say: 'Live tail on or off', run: () => navigate({ live: !currentState().live }) },
      { keys: 'G', say: 'Live: go to the newest', run: () => (currentState().live ? tail.follow() : false) },
      { keys: 'Escape', show: 'Esc', say: 'Close the record', run: () => list.closeActive() },
    ],
    update(state, before) {
      search.update(state);
      node.classList.toggle('wrap', state.wrap);
      node.classList.toggle('is-live', state.live);
      wrap.setAttribute('aria-pressed', String(state.wrap));
      order.disabled = state.live;
      order.dataset.order = state.order;
      live.setAttribute('aria-pressed', String(state.live));
      delete live.dataset.state;
      replace(live, icon(state.live ? 'stop' : 'play'), state.live ? 'Stop' : 'Live');
      if (!before || state.record !== before.record) showRecord(state.record);
      if (before && same(state, before)) return;
      node.classList.remove('facets-open');
      drawFacets();
      if (state.live) goLive(state);
      else {
        tail.stop();
        load(state);
      }
    },
    refresh() {
      const state = currentState();
      if (!state.live) load(state);
      else loadHistogram(state).then(() => facets.load(state), () => {});
    },
    leave() {
      generation += 1;
      tail.stop();
      list.stop();
      histogram.stop();
      tail.leave();
      showRecord('');
    },
  };
}
