// The logs view: search, histogram, facets, rows, live tail.

import { isSaid } from '../core/http.js';
import { highlightTerms } from '../core/query_text.js';
import { currentState, linkTo, navigate } from '../core/router.js';
import { changeSetting, setting } from '../core/settings.js';
import { liveRange } from '../core/state.js';
import { toUrlTime } from '../core/time.js';
import { groups } from '../core/units.js';
import { button, copyText, h, replace } from '../ui/dom.js';
import { errorSlot, toast } from '../ui/feedback.js';
import { icon } from '../ui/icons.js';
import { togglePopover } from '../ui/popover.js';
import { createSheet } from '../ui/sheet.js';
import { createRecordDialog } from './context.js';
import { createCounts } from './counts.js';
import { downloadPanel } from './download.js';
import { createFacets } from './facets.js';
import { createFilters } from './filters.js';
import { logKeys } from './keys.js';
import { createList } from './list.js';
import { createResults } from './results.js';
import { createSearchBar } from './search_bar.js';
import { createTail } from './tail.js';

const phone = matchMedia('(max-width: 760px)');

export function create(shell) {
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
    onQuery: (q) => (q === currentState().q ? results.load(currentState()) : navigate({ q })),
    onSeverity: (severity) => navigate({ severity }),
    onRemove: (key, value) => navigate(key === 'source' ? { source: currentState().source.filter((item) => item !== value) }
      : { fields: currentState().fields.filter(([name, wanted]) => `${name}\u0000${wanted}` !== value) }),
  });
  const filter = createFilters(() => search.text);
  const counts = createCounts({ onSelect: (range) => navigate({ from: toUrlTime(range.from), to: toUrlTime(range.to), live: false }), onRetry: (state) => results.countAgain(state) });
  const record = createRecordDialog({ actions, onClose: () => navigate({ record: '' }) });
  const facets = createFacets({ onFilter: filter.toggleValue, onExclude: filter.filterOut, onRange: filter.chooseRange });
  const list = createList({ actions, onMore: () => results.more(), onOpen: () => tail.pause(), onScroll: () => tail.onScroll() });
  const status = h('div', { class: 'log-status', role: 'status' });
  const tail = createTail({ list, onStatus: tailStatus, onGapSearch: (from, to) => navigate({ from, to, live: false }), onRecord: counts.hear, onStream: counts.stream });
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

  const results = createResults({ node, list, counts, facets, search, problem, status, during: (promise) => shell.during(promise) });
  const sheet = createSheet({ panel: facets.node, host: node, openClass: 'facets-open', title: 'Filters' });

  function toggleFacets() {
    if (phone.matches) sheet.show();
    else changeSetting('facets', !setting('facets'));
    drawFacets();
  }

  function drawFacets() {
    node.classList.toggle('facets-hidden', !setting('facets'));
    filters.setAttribute('aria-pressed', String(!phone.matches && setting('facets')));
  }

  function tailStatus({ state, reason }) {
    if (!currentState().live) return;
    if (state) live.dataset.state = state;
    if (state === 'lost') replace(status, h('span', { class: 'badge badge-warn' }, 'reconnecting'), ` ${reason}`);
    else if (live.dataset.state === 'open') replace(status, `${groups(list.size)} ${list.size === 1 ? 'record' : 'records'}, live`);
    else replace(status, 'Connecting…');
  }

  async function goLive(state) {
    const isNow = results.end();
    problem.clear();
    search.fail('');
    counts.expect();
    facets.expect();
    const shown = liveRange(state);
    counts.live(true);
    counts.load(shown).then(() => isNow() && facets.load(shown), () => {});
    try {
      await tail.start(shown, highlightTerms(state.q));
    } catch (error) {
      if (isSaid(error) || !isNow()) return;
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
    keys: logKeys({ search, list, tail, actions, sheet }),
    update(state, before) {
      search.update(state);
      const wrapped = node.classList.contains('wrap');
      node.classList.toggle('wrap', state.wrap);
      node.classList.toggle('is-live', state.live);
      if (wrapped !== state.wrap) list.reflow();
      wrap.setAttribute('aria-pressed', String(state.wrap));
      order.disabled = state.live;
      order.dataset.order = state.order;
      live.setAttribute('aria-pressed', String(state.live));
      delete live.dataset.state;
      replace(live, icon(state.live ? 'stop' : 'play'), state.live ? 'Stop' : 'Live');
      if (!before || state.record !== before.record) record.show(state.record);
      if (before && same(state, before)) return;
      sheet.close();
      drawFacets();
      if (state.live) goLive(state);
      else {
        tail.stop();
        counts.live(false);
        results.load(state);
      }
    },
    refresh() {
      const state = currentState();
      const shown = liveRange(state);
      if (!state.live) results.again(state);
      else shell.during(counts.load(shown).then(() => facets.load(shown), () => {}));
    },
    leave() {
      results.end();
      tail.stop();
      list.stop();
      counts.stop();
      tail.leave();
      record.show('');
    },
  };
}
