// The system view: how the server itself does.

import { getJson, getReady, isAborted, isSaid } from '../core/http.js';
import { zone } from '../core/settings.js';
import { formatClock } from '../core/time.js';
import { formatBytes, formatCount, formatSeconds, groups } from '../core/units.js';
import { fullness, spark } from '../charts/spark.js';
import { visibleText } from '../core/text.js';
import { h, patch } from '../ui/dom.js';
import { errorSlot } from '../ui/feedback.js';
import { icon } from '../ui/icons.js';
import { createHistory, readChecks } from './history.js';

const history = createHistory();
const known = (value) => typeof value === 'number' && Number.isFinite(value);

function panel(title, value, { of = '', values = null, share = null, tone = '', max = null, facts = [] } = {}) {
  return h('section', { class: 'card panel' }, h('h2', { class: 'panel-title muted' }, title),
    h('div', { class: `panel-value${tone ? ` text-${tone}` : ''}` }, value, of && h('span', { class: 'muted panel-of' }, of)),
    known(share) && h('div', { class: `bar-track tone-${fullness(share * 100)}`, role: 'meter', 'aria-label': `${title}, used`, 'aria-valuenow': Math.round(share * 100), 'aria-valuemin': '0', 'aria-valuemax': '100' },
      h('span', { class: 'bar-fill', vars: { width: `${Math.min(100, share * 100)}%` } })),
    values && spark(values, { label: `${title}, trend`, max, tone: tone || 'accent' }),
    facts.length > 0 && h('dl', { class: 'facts' }, facts.filter(([, text]) => text !== null).map(([name, text]) => h('div', null, h('dt', { class: 'muted' }, name), h('dd', null, text)))));
}

const number = (value, format = groups) => (known(value) ? format(value) : '–');
const share = (part, whole) => (known(part) && known(whole) && whole > 0 ? part / whole : null);

const sinkErrors = (stats) => (stats.sinks ?? []).reduce((sum, sink) => sum + (sink.errors_total ?? 0), 0);
const problems = (stats) => (stats.ingest?.rejected_total ?? 0) + sinkErrors(stats) + (stats.journal?.lost_records ?? 0);

function panels(stats) {
  const { memory = {}, ingest = {}, journal = {}, store = {}, http = {} } = stats;
  const rate = (read) => history.rates(read);
  const records = rate((one) => one.ingest?.records_total);
  const requests = rate((one) => one.http?.requests_total);
  const commits = rate((one) => one.journal?.commits_total);
  const last = (values) => values.filter(known).at(-1);
  return [
    panel('Records taken in', number(last(records), formatCount), { of: ' a second', values: records, facts: [['since start', number(ingest.records_total)]] }),
    panel('In flight', number(ingest.in_flight_bytes, formatBytes), { of: known(ingest.in_flight_limit) ? ` of ${formatBytes(ingest.in_flight_limit)}` : '', share: share(ingest.in_flight_bytes, ingest.in_flight_limit),
      values: history.values((one) => one.ingest?.in_flight_bytes), max: ingest.in_flight_limit, facts: [['queue', number(journal.queue_bytes, formatBytes)]] }),
    panel('Journal', number(journal.bytes, formatBytes), { of: known(journal.disk_budget) ? ` of ${formatBytes(journal.disk_budget)}` : '', share: share(journal.bytes, journal.disk_budget), values: history.values((one) => one.journal?.bytes),
      facts: [['segments', number(journal.segments)], ['disk free', known(journal.free_bytes) ? formatBytes(journal.free_bytes) : null], ['durable up to', number(journal.durable_end)],
        ['lost records', journal.lost_records > 0 ? groups(journal.lost_records) : null], ['state', journal.writable === false ? 'cannot be written' : null]], tone: journal.writable === false || journal.lost_records > 0 ? 'bad' : '' }),
    panel('Commits', number(last(commits), formatCount), { of: ' a second', values: commits, facts: [['fsync p99', number(journal.fsync_p99_ms, (ms) => formatSeconds(ms / 1000))], ['since start', number(journal.commits_total)]] }),
    panel('Memory', number(memory.rss_bytes, formatBytes), { of: ' resident', values: history.values((one) => one.memory?.rss_bytes), facts: [['up for', number(stats.uptime_s, formatSeconds)], ['version', stats.version ?? '–']] }),
    panel('Store', store.available === false ? 'away' : number(store.bytes, formatBytes), { tone: store.available === false ? 'bad' : '', values: history.values((one) => one.store?.bytes),
      facts: [['chunks', number(store.chunks)], ['series', number(store.series)], ['state', store.available === false ? 'Postgres cannot be reached; records wait in the journal' : 'available']] }),
    panel('HTTP requests', number(last(requests), formatCount), { of: ' a second', values: requests, facts: [['connections', number(http.connections)], ['since start', number(http.requests_total)]] }),
    panel('Problems', number(problems(stats)), { of: ' since start', tone: problems(stats) > 0 ? 'warn' : '', values: rate(problems), facts: [['records refused', number(ingest.rejected_total)],
      ['sink errors', number(sinkErrors(stats))], ['records lost', number(journal.lost_records ?? 0)]] }),
  ];
}

function sinkRow(sink) {
  const lag = history.values((stats) => stats.sinks?.find((one) => one.name === sink.name)?.lag_records);
  const state = String(sink.state ?? '');
  const bad = /fail|error|stop|down|broken/.test(state);
  const waiting = /wait|retry|paus|back/.test(state);
  return h('tr', null, h('th', { scope: 'row' }, sink.name), h('td', null, h('span', { class: `badge ${bad ? 'badge-bad' : waiting ? 'badge-warn' : 'badge-good'}` }, state || 'unknown')),
    h('td', { class: 'num' }, number(sink.delivered)), h('td', { class: 'num' }, number(sink.lag_records)), h('td', { class: 'num' }, number(sink.lag_s, formatSeconds)),
    h('td', { class: 'spark-cell' }, spark(lag, { label: `${sink.name}, records behind` })), h('td', { class: `num${sink.errors_total > 0 ? ' text-bad' : ''}` }, number(sink.errors_total)),
    h('td', { class: 'sink-error' }, sink.last_error ? visibleText(sink.last_error) : ''));
}

export function create(shell) {
  const problem = errorSlot();
  const checks = h('div', { class: 'checks', role: 'status' });
  const grid = h('div', { class: 'panels' });
  const sinks = h('section', { class: 'card sinks' });
  const abort = new AbortController();
  const note = h('p', { class: 'text-warn small' });
  const node = h('div', { class: 'system' }, problem.node, checks, note, grid, sinks);
  note.hidden = true;
  let soon = 0;

  /** With no new answer, what is shown is marked with the time it is of. */
  function mark(failed) {
    const at = history.latestAt;
    node.classList.toggle('is-old', failed);
    note.hidden = !failed || !at;
    if (!note.hidden) patch(note, `The numbers below are as of ${formatClock(at, zone())}.`);
  }

  function draw(stats) {
    patch(grid, panels(stats));
    const list = stats.sinks ?? [];
    patch(sinks, h('h2', { class: 'section-title' }, 'Sinks'), h('div', { class: 'table-scroll', tabindex: '0', role: 'region', 'aria-label': 'Sinks' }, h('table', { class: 'table' },
      h('thead', null, h('tr', null, ['Name', 'State', 'Delivered', 'Records behind', 'Time behind', 'Trend', 'Errors', 'Last error'].map((name, index) => h('th', { scope: 'col', class: index > 1 && index < 7 && index !== 5 ? 'num' : '' }, name)))),
      h('tbody', null, list.length > 0 ? list.map(sinkRow) : h('tr', null, h('td', { colspan: '8', class: 'muted' }, 'No sinks are set up.'))))));
  }

  function drawChecks(ready) {
    const list = readChecks(ready);
    patch(checks, h('span', { class: `badge ${ready.ready ? 'badge-good' : 'badge-bad'}` }, icon(ready.ready ? 'check' : 'warning'), ready.ready ? 'Ready to take and answer' : 'Not ready'),
      list.filter((check) => list.length > 1 || !check.ok).map((check) => h('span', { class: 'check-item' }, h('i', { class: `state-dot state-${check.ok ? 'live' : check.required ? 'silent' : 'late'}` }), check.name, h('span', { class: 'muted' }, ` ${check.text}`))));
  }

  async function load() {
    const [ready, stats] = await shell.during(Promise.allSettled([getReady(abort.signal), getJson('/api/v1/stats', null, { key: 'stats', signal: abort.signal })]));
    if (abort.signal.aborted) return;
    if (ready.status === 'fulfilled') drawChecks(ready.value);
    else patch(checks, h('span', { class: 'badge badge-bad' }, icon('warning'), 'No answer'));
    if (stats.status === 'fulfilled') {
      history.push(stats.value, Date.now());
      problem.clear();
      mark(false);
      draw(stats.value);
      // A rate needs two samples: the second comes soon, so that the page does not stand half empty.
      if (history.size === 1) soon = setTimeout(load, 1200);
    } else if (!isAborted(stats.reason)) {
      mark(true);
      if (!isSaid(stats.reason)) problem.show(stats.reason, load);
    }
  }

  return {
    node, defaultRefresh: '5s', keys: [],
    update(state, before) {
      if (!before) {
        if (history.latest) draw(history.latest);
        load();
      }
    },
    refresh: () => load(),
    leave() {
      clearTimeout(soon);
      abort.abort();
    },
  };
}
