// The overview: what sends, how each machine is, and where errors are.

import { serverNow } from '../core/clock.js';
import { getJson, isAborted, isSaid } from '../core/http.js';
import { currentState, navigate } from '../core/router.js';
import { zone } from '../core/settings.js';
import { SEVERITIES, defaultState, formatHash } from '../core/state.js';
import { visibleText } from '../core/text.js';
import { formatAge, formatClock, parseRfc3339 } from '../core/time.js';
import { formatCount, formatValue, groups } from '../core/units.js';
import { readHistogram } from '../charts/scale.js';
import { spark } from '../charts/spark.js';
import { debounce, h, patch, select } from '../ui/dom.js';
import { empty, errorSlot, partialBadge } from '../ui/feedback.js';
import { icon } from '../ui/icons.js';
import { nameParts } from '../ui/name.js';
import { machineCard } from './card.js';
import { errorsOf, readCounts } from './counts.js';
import { NAMES, gatherSources, keyOf, liveness, sortSources } from './sources.js';
import { startHere } from './start_here.js';

const SORTS = [['', 'Name'], ['errors', 'Errors'], ['cpu', 'CPU'], ['ram', 'RAM'], ['storage', 'Storage'], ['seen', 'Longest silent']];
const RANGE = { from: 'now-1h', to: 'now' };
const MOST_SOURCES = '5000';
const MOST_OTHERS = 120;
const OLD = 60_000; // milliseconds: an older answer is shown with its time
const AGES = 5000; // milliseconds between looks at how old things are

export function create(shell) {
  const problem = errorSlot();
  const tiles = h('div', { class: 'tiles' });
  const find = h('input', { class: 'input', type: 'search', placeholder: 'Find a source', 'aria-label': 'Find a source', autocomplete: 'off', spellcheck: 'false' });
  const sorter = h('span', { class: 'sorter' });
  const note = h('span', { class: 'muted small', role: 'status' });
  const bar = h('div', { class: 'overview-bar' }, h('div', { class: 'picker-search' }, icon('search'), find), sorter, note);
  const grid = h('div', { class: 'machines' });
  const quiet = h('div', { class: 'log-sources' });
  const node = h('div', { class: 'overview' }, problem.node, tiles, bar, grid, quiet);
  let machines = null;
  let counts = null;
  let rates = null;
  let partial = null;
  let asOf = 0;
  let failed = false;
  let running = new AbortController();

  /** One question for all that is shown here. */
  async function loadAll(state, signal) {
    const params = new URLSearchParams({ ...RANGE, step: '1m', limit: MOST_SOURCES, names: NAMES.join(','), n: '40' });
    state.deployment.forEach((value) => params.append('deployment', value));
    const answer = await getJson('/api/v1/overview', params, { key: 'overview', signal });
    asOf = serverNow();
    partial = answer.stats;
    // Judged once, at the time of the answer: without a newer one, a machine that grows old here may be sending all the same.
    machines = gatherSources(answer.latest?.metrics).map((machine) => ({ ...machine, state: liveness(machine, asOf) }));
    rates = readHistogram(answer, SEVERITIES, (text) => parseRfc3339(text)?.ms ?? 0);
    counts = readCounts(answer);
  }

  const isEmpty = () => machines?.length === 0 && counts?.sources.size === 0 && rates?.total === 0;

  function drawTiles() {
    const parts = [];
    tiles.hidden = isEmpty();
    if (machines && machines.length > 0) {
      const heard = machines.filter((machine) => machine.state !== 'silent');
      const live = heard.filter((machine) => machine.state === 'live').length;
      parts.push(tile('Sources', `${live}`, { of: `of ${machines.length} sending`, tone: live < machines.length ? 'warn' : '' }));
      const busiest = sortSources(heard, 'cpu')[0];
      if (busiest && busiest.cpu.now !== null) parts.push(tile('Busiest CPU', formatValue(busiest.cpu.now, '%'), { of: visibleText(busiest.source), values: busiest.cpu.values, max: 100 }));
      const fullest = sortSources(heard, 'storage')[0];
      if (fullest?.storage[0]) parts.push(tile('Fullest storage', formatValue(fullest.storage[0].usage, '%'), { of: visibleText(`${fullest.source} ${fullest.storage[0].mount}`), tone: fullest.storage[0].usage > 90 ? 'bad' : '' }));
    }
    if (rates) {
      const perMinute = rates.buckets.map((bucket) => bucket.total);
      const errors = rates.buckets.map((bucket) => errorsOf(bucket.counts));
      const sum = errors.reduce((total, value) => total + value, 0);
      const link = (severity) => formatHash({ ...defaultState(), view: 'logs', deployment: currentState().deployment, severity });
      parts.push(tile('Records, last hour', formatCount(rates.total), { of: `${groups(rates.total / 60)} a minute`, values: perMinute, href: link('') }),
        tile('Errors, last hour', formatCount(sum), { of: `${formatValue(rates.total > 0 ? (100 * sum) / rates.total : 0, '%')} of all`, values: errors, tone: sum > 0 ? 'bad' : '', href: link('ERROR') }));
    }
    patch(tiles, parts);
  }

  function tile(name, value, { of = '', values = null, max = null, tone = '', href = null }) {
    const body = [h('span', { class: 'tile-name muted' }, name), h('span', { class: 'tile-value' }, value), h('span', { class: 'tile-of muted' }, of),
      values && spark(values, { label: `${name}, trend`, max, tone: tone || 'accent' })];
    return href ? h('a', { class: `card tile tile-${tone}`, href, data: { key: name } }, body) : h('div', { class: `card tile tile-${tone}`, data: { key: name } }, body);
  }

  function draw() {
    drawTiles();
    if (!machines) return;
    const state = currentState();
    const now = serverNow();
    const words = state.find.toLowerCase().split(/\s+/).filter(Boolean);
    const fits = (item) => words.every((word) => `${item.deployment} ${item.source}`.toLowerCase().includes(word));
    const all = machines.map((machine) => ({ ...machine, errors: counts?.sources.get(machine.key)?.errors ?? null }));
    const shown = sortSources(all.filter(fits), state.sort || 'name');
    const logged = [...(counts?.sources.values() ?? [])];
    const manyDeployments = new Set(machines.map((machine) => machine.deployment)).size > 1 || new Set(logged.map((one) => one.deployment)).size > 1;
    const own = new Set(machines.map((machine) => machine.key));
    const others = logged.filter((one) => !own.has(keyOf(one.deployment, one.source)) && fits(one)).sort((left, right) => right.errors - left.errors || right.total - left.total);
    bar.hidden = machines.length === 0 && others.length === 0 && words.length === 0;
    const nothing = isEmpty();
    grid.classList.toggle('dense', shown.length > 40);
    patch(grid, nothing && state.deployment.length === 0 ? startHere(location.origin) : shown.map((machine) => machineCard(machine, now, { manyDeployments })),
      shown.length === 0 && !nothing && machines.length > 0 && empty('No such source', 'No machine’s name matches.'),
      nothing && state.deployment.length > 0 && empty('Nothing from here', 'These deployments have sent nothing in the last day.'));
    patch(quiet, leftOut(), others.length > 0 && [h('h2', { class: 'section-title' }, machines.length > 0 ? 'Sources that send logs only, last hour' : 'Sources, last hour'),
      h('div', { class: 'log-source-grid' }, others.slice(0, MOST_OTHERS).map((one) => logSource(one, manyDeployments))),
      others.length > MOST_OTHERS && h('p', { class: 'muted small' }, `and ${groups(others.length - MOST_OTHERS)} more; find them in Logs.`)]);
    drawNote(shown.length, now);
  }

  function logSource(one, manyDeployments) {
    return h('a', { class: 'card log-source', data: { key: keyOf(one.deployment, one.source) }, href: formatHash({ ...defaultState(), view: 'logs', deployment: [one.deployment], source: [one.source] }) },
      h('span', { class: 'machine-name name', title: visibleText(one.source) }, nameParts(one.source, '(no source)')), manyDeployments && h('span', { class: 'tag name', title: visibleText(one.deployment) }, nameParts(one.deployment)), h('span', { class: 'spacer' }),
      one.errors > 0 && h('span', { class: 'error-count' }, icon('warning'), formatCount(one.errors)), h('span', { class: 'muted' }, formatCount(one.total)));
  }

  /** What the counts of logs and errors do not hold, said where they are shown. */
  function leftOut() {
    if (!counts || (counts.left === 0 && !counts.approximate)) return null;
    return h('p', { class: 'left-out small' }, counts.left > 0 ? `${groups(counts.left)} sources with fewer errors and records are not shown here; choose a deployment to see its own.`
      : 'There are more sources of logs than can be told apart; choose a deployment to see its own.');
  }

  function drawNote(count, now) {
    const newest = Math.max(0, ...machines.map((machine) => machine.lastSeen));
    patch(note, count === 1 ? '1 source' : `${groups(count)} sources`, newest > 0 && ` · newest ${formatAge(newest, now)}`,
      (failed || now - asOf > OLD) && h('span', { class: 'text-warn' }, ` · as of ${formatClock(asOf, zone())}`), ' ', partialBadge(partial));
    node.classList.toggle('is-old', failed);
  }

  /** Runs `work(signal)` instead of what ran before; a failure leaves what is shown, marked with its age. */
  async function guard(work) {
    running.abort();
    running = new AbortController();
    try {
      await work(running.signal);
      failed = false;
      problem.clear();
    } catch (error) {
      if (isAborted(error)) return;
      failed = true;
      if (!isSaid(error)) problem.show(error, () => load(currentState()));
    }
    draw();
  }

  const load = (state) => shell.during(guard((signal) => loadAll(state, signal)));

  // Ages grow also while nothing is asked, or nothing is answered.
  const ages = setInterval(() => {
    if (!document.hidden) draw();
  }, AGES);
  find.addEventListener('input', debounce(() => navigate({ find: find.value.trim() }, { replace: true }), 120));
  return {
    node, defaultRefresh: '10s',
    keys: [{ keys: '/', say: 'Find a source', run: () => { find.focus(); find.select(); } },
      { keys: 'j', show: 'j →', say: 'Next source', run: () => step(1) }, { keys: 'ArrowRight', run: () => step(1) },
      { keys: 'k', show: 'k ←', say: 'Previous source', run: () => step(-1) }, { keys: 'ArrowLeft', run: () => step(-1) }],
    update(state, before) {
      if (document.activeElement !== find) find.value = state.find;
      patch(sorter, select('Sort by', SORTS, state.sort, (sort) => navigate({ sort }, { replace: true }), { class: 'select' }));
      const changed = !before || JSON.stringify(before.deployment) !== JSON.stringify(state.deployment);
      if (changed) load(state);
      else draw();
    },
    refresh: () => load(currentState()),
    leave() {
      clearInterval(ages);
      running.abort();
    },
  };

  function step(by) {
    const links = [...node.querySelectorAll('.machine-name[href], a.log-source')];
    const at = links.indexOf(document.activeElement);
    const next = links[Math.min(links.length - 1, Math.max(0, at < 0 ? 0 : at + by))];
    next?.focus();
    return links.length > 0;
  }
}
