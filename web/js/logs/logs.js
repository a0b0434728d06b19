// The logs view: search, histogram, facets, rows, live tail.

import { serverNow } from '../core/clock.js';
import { getJson, isAborted, isSaid } from '../core/http.js';
import { highlightTerms } from '../core/query_text.js';
import { currentState, linkTo, navigate } from '../core/router.js';
import { changeSetting, setting } from '../core/settings.js';
import { liveRange, logParams } from '../core/state.js';
import { shiftRange, toUrlTime } from '../core/time.js';
import { groups } from '../core/units.js';
import { button, copyText, h, replace, textButton } from '../ui/dom.js';
import { empty, errorSlot, partialBadge, toast } from '../ui/feedback.js';
import { icon } from '../ui/icons.js';
import { togglePopover } from '../ui/popover.js';
import { createRecordDialog } from './context.js';
import { createCounts } from './counts.js';
import { downloadPanel } from './download.js';
import { createFacets } from './facets.js';
import { createFilters } from './filters.js';
import { logKeys } from './keys.js';
import { createList } from './list.js';
import { gapRow } from './row.js';
import { createSearchBar } from './search_bar.js';
import { createTail } from './tail.js';

const PAGE = 100;
const AUTO_ROWS = 3000; // past this the end of the list waits for a click
const phone = matchMedia('(max-width: 760px)');

export function create(shell) {
  let cursor = null;
  let loadingMore = false;
  let generation = 0;
  let answer = null; // the last page of rows, whose stats are shown

  const copy = async (text, what) => toast(await copyText(text) ? `Copied the ${what}.` : 'The browser did not allow copying.');
  const actions = {
    copy,
    link: (record) => copy(linkTo({ record: record.id, live: false }), 'link'),
    context: (record) => navigate({ record: record.id }),
    filterFor: (name, value) => filter.filterFor(name, value),
    filterOut: (name, value) => filter.filterOut(name, value),
  };

  const problem = errorSlot();
  const search = createSearchBar({
    onQuery: (q) => (q === currentState().q ? load(currentState()) : navigate({ q })),
    onSeverity: (severity) => navigate({ severity }),
    onRemove: (key, value) => navigate(key === 'source' ? { source: currentState().source.filter((item) => item !== value) }
      : { fields: currentState().fields.filter(([name, wanted]) => `${name}\u0000${wanted}` !== value) }),
  });
  const filter = createFilters(() => search.text);
  const counts = createCounts({ onSelect: (range) => navigate({ from: toUrlTime(range.from), to: toUrlTime(range.to), live: false }), onRetry: countAgain });
  const record = createRecordDialog({ actions, onClose: () => navigate({ record: '' }) });
  const facets = createFacets({ onFilter: filter.toggleValue, onExclude: filter.filterOut });
  const list = createList({ actions, onMore: more, onOpen: () => tail.pause(), onScroll: () => tail.onScroll() });
  const status = h('div', { class: 'log-status', role: 'status' });
  const tail = createTail({ list, onStatus: tailStatus, onGapSearch: (from, to) => navigate({ from, to, live: false }) });
  const live = h('button', { type: 'button', class: 'button live-button', on: { click: () => navigate({ live: !currentState().live }) } });
  const tool = (symbol, label, run, props) => button(label, run, { class: 'icon-button', ...props }, icon(symbol));
  const filters = tool('filter', 'Filters', toggleFacets, { 'aria-pressed': 'false' });
  const order = tool('order', 'Newest or oldest first', () => navigate({ order: currentState().order === 'desc' ? 'asc' : 'desc' }));
  const wrap = tool('wrap', 'Wrap long lines (w)', () => navigate({ wrap: !currentState().wrap }, { replace: true }));
  const save = tool('download', 'Download', () => togglePopover(save, 'Download', downloadPanel(currentState()), { align: 'right' }), { 'aria-haspopup': 'dialog', 'aria-expanded': 'false' });
  const node = h('div', { class: 'logs' }, search.node, problem.node, h('div', { class: 'logs-body' }, facets.node,
    h('div', { class: 'logs-main' }, counts.node,
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

  function tailStatus({ state, reason }) {
    if (!currentState().live) return;
    if (state) live.dataset.state = state;
    if (state === 'lost') replace(status, h('span', { class: 'badge badge-warn' }, 'reconnecting'), ` ${reason}`);
    else if (live.dataset.state === 'open') replace(status, `${groups(list.size)} ${list.size === 1 ? 'record' : 'records'}, live`);
    else replace(status, 'Connecting…');
  }

  async function countAgain(state) {
    await shell.during(counts.load(state));
    showStatus();
  }

  async function getPage(state, order) {
    const params = logParams(state);
    params.set('limit', String(PAGE));
    params.set('order', order);
    return getJson('/api/v1/logs', params, { key: 'logs-page', exact: true });
  }

  async function loadRows(state, mine) {
    const page = await getPage(state, state.order);
    if (mine !== generation) return;
    problem.clear();
    list.clear(highlightTerms(state.q));
    list.add(page.records);
    cursor = page.cursor ?? null;
    answer = page;
    drawFoot(state);
    found();
    replace(status, 'Counting…');
  }

  function showStatus() {
    if (!answer || currentState().live) return;
    const stats = answer.stats ?? {};
    const total = Math.max(counts.total, list.size);
    const least = !counts.known && cursor !== null;
    replace(status, least && 'at least ', h('strong', null, groups(total)), total === 1 ? ' record' : ' records', partialBadge(stats),
      h('span', { class: 'muted status-stats' }, ` · ${groups(stats.records_scanned ?? 0)} scanned in ${Math.max(1, Math.round(stats.elapsed_ms ?? 0))} ms`));
  }

  function drawFoot(state) {
    if (list.size === 0) {
      list.foot(empty('Nothing found', 'No record matches in this time.',
        h('div', { class: 'empty-actions' }, textButton('Look further back', () => navigate(shiftRange(currentState(), { scale: 4 }, serverNow())), { class: 'button' }),
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
      const page = await shell.during(getJson('/api/v1/logs', params, { key: 'logs-more', exact: true }));
      if (mine !== generation) return;
      list.add(page.records);
      cursor = page.cursor ?? null;
      drawFoot(state);
      if (!counts.known) showStatus();
    } catch (error) {
      if (isAborted(error) || mine !== generation) return;
      list.foot(!isSaid(error) && h('p', null, error.message), textButton('Try again', () => more(), { class: 'button' }));
    } finally {
      loadingMore = false;
    }
  }

  /** A new search. What is there belongs to the one before, and is marked so until the answers are there. */
  async function searchAnew(state) {
    generation += 1;
    const mine = generation;
    cursor = null;
    search.fail('');
    outdate();
    replace(status, 'Loading…');
    try {
      const bars = counts.load(state);
      bars.catch(() => {});
      await loadRows(state, mine);
      await bars;
      if (mine !== generation) return;
      showStatus();
      await facets.load(state);
    } catch (error) {
      if (isAborted(error) || mine !== generation) return;
      if (isSaid(error)) {
        replace(status, 'Waiting for the server…'); // refresh() asks anew when it is back
        return;
      }
      list.clear();
      answer = null;
      found();
      replace(status, '');
      if (error.status === 400 && (error.field === 'q' || error.code === 'invalid_query')) search.fail(error.message);
      else problem.show(error, () => load(state));
    }
  }

  const load = (state) => shell.during(searchAnew(state));

  function outdate() {
    node.classList.add('searching');
    list.node.setAttribute('aria-busy', 'true');
    counts.expect();
    facets.expect();
  }

  function found() {
    node.classList.remove('searching');
    list.node.removeAttribute('aria-busy');
  }

  /** The same search again: what is new joins the rows that are there; open rows, the place and older pages stay. */
  async function searchAgain(state) {
    const mine = generation;
    try {
      const bars = counts.load(state);
      bars.catch(() => {});
      const page = await getPage(state, 'desc');
      if (mine !== generation) return;
      problem.clear();
      answer = page;
      mergeRows(page, state);
      await bars;
      if (mine !== generation) return;
      showStatus();
      await facets.load(state);
    } catch (error) {
      if (isSaid(error) || mine !== generation) return;
      problem.show(error, () => again(state));
    }
  }

  function mergeRows(page, state) {
    const ascending = state.order === 'asc';
    if (ascending && cursor !== null) return; // the newest are further down than what was loaded
    const gap = page.cursor && gapRow('More records came than are shown here.', textButton('Load anew', () => load(currentState()), { class: 'button button-small' }));
    list.merge(page.records, { ascending, gap });
  }

  function again(state) {
    const fresh = list.size === 0 || node.classList.contains('searching') || (list.size > AUTO_ROWS && !list.inUse);
    return fresh ? load(state) : shell.during(searchAgain(state));
  }

  async function goLive(state) {
    generation += 1;
    const mine = generation;
    cursor = null;
    problem.clear();
    search.fail('');
    found();
    counts.expect();
    facets.expect();
    const shown = liveRange(state);
    counts.load(shown).then(() => mine === generation && facets.load(shown), () => {});
    try {
      await tail.start(shown, highlightTerms(state.q));
    } catch (error) {
      if (isAborted(error) || mine !== generation) return;
      if (error.field === 'q' || error.code === 'invalid_query') search.fail(error.message);
      else problem.show(error, () => goLive(state));
      replace(status, '');
    }
  }

  const onlyShown = new Set(['wrap', 'record', 'refresh']);
  const same = (state, before) => Object.keys(state).every((key) => onlyShown.has(key) || JSON.stringify(state[key]) === JSON.stringify(before[key]));

  drawFacets();
  return {
    node,
    get defaultRefresh() { return currentState().live ? '15s' : ''; },
    keys: logKeys({ search, list, tail, actions }),
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
      if (!before || state.record !== before.record) record.show(state.record);
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
      const shown = liveRange(state);
      if (!state.live) again(state);
      else shell.during(counts.load(shown).then(() => facets.load(shown), () => {}));
    },
    leave() {
      generation += 1;
      tail.stop();
      list.stop();
      counts.stop();
      tail.leave();
      record.show('');
    },
  };
}
