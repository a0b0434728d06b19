// What a search found: its rows page by page, how many there are, and the same search again. One search at a time: what an
// earlier one answers late is let go.

import { serverNow } from '../core/clock.js';
import { getJson, isAborted, isSaid } from '../core/http.js';
import { highlightTerms } from '../core/query_text.js';
import { currentState, navigate } from '../core/router.js';
import { logParams } from '../core/state.js';
import { zoomRange } from '../core/range.js';
import { groups } from '../core/units.js';
import { h, replace, textButton } from '../ui/dom.js';
import { empty, partialBadge } from '../ui/feedback.js';
import { gapRow } from './row.js';

const PAGE = 100;
const AUTO_ROWS = 10_000; // past this the end of the list waits for a click

/** `node`: marked while a search runs; `during(promise)`: the page's progress line. */
export function createResults({ node, list, counts, facets, search, problem, status, during }) {
  let cursor = null;
  let loadingMore = false;
  let generation = 0;
  let answer = null; // the last page of rows, whose stats are shown

  async function countAgain(state) {
    await during(counts.load(state));
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
        h('div', { class: 'empty-actions' }, textButton('Look further back', () => navigate(zoomRange(currentState(), 4, serverNow())), { class: 'button' }),
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
    // The further one goes, the more at a time: 10,000 rows are there after some 15 questions.
    params.set('limit', String(Math.min(1000, Math.max(PAGE * 2, Math.floor(list.size / 2)))));
    params.set('order', state.order);
    params.set('cursor', cursor);
    try {
      const page = await during(getJson('/api/v1/logs', params, { key: 'logs-more', exact: true }));
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

  const load = (state) => during(searchAnew(state));

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
    return fresh ? load(state) : during(searchAgain(state));
  }

  return {
    load, again, more, countAgain,
    /** Ends the search. What is returned tells whether no other has begun since. */
    end() {
      generation += 1;
      const mine = generation;
      cursor = null;
      found();
      return () => mine === generation;
    },
  };
}
