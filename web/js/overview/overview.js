// The overview: what sends, how each machine is, and where errors are.

import { getJson, isAborted } from '../core/http.js';
import { currentState, navigate } from '../core/router.js';
import { SEVERITIES, defaultState, formatHash } from '../core/state.js';
import { formatAge, parseRfc3339 } from '../core/time.js';
import { formatCount, formatValue, groups } from '../core/units.js';
import { readHistogram } from '../charts/scale.js';
import { spark } from '../charts/spark.js';
import { debounce, h, replace, select } from '../ui/dom.js';
import { empty, errorSlot, partialBadge } from '../ui/feedback.js';
import { icon } from '../ui/icons.js';
import { machineCard } from './card.js';
import { NAMES, gatherSources, keyOf, liveness, sortSources } from './sources.js';
import { startHere } from './start_here.js';

const SORTS = [['', 'Name'], ['errors', 'Errors'], ['cpu', 'CPU'], ['ram', 'RAM'], ['storage', 'Storage'], ['seen', 'Longest silent']];
const ERRORS = ['ERROR', 'FATAL'];
const MOST_DEPLOYMENTS = 12;

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
  let loading = false;

  const withDeployments = (state, params) => {
    const all = new URLSearchParams(params);
    state.deployment.forEach((value) => all.append('deployment', value));
    return all;
  };

  async function loadMachines(state) {
    const answer = await getJson('/api/v1/metrics/latest', withDeployments(state, { names: NAMES.join(','), n: '40' }), { key: 'latest' });
    machines = gatherSources(answer.metrics);
    partial = answer.stats;
    draw();
  }

  async function loadRates(state) {
    const answer = await getJson('/api/v1/logs/histogram', withDeployments(state, { from: 'now-1h', to: 'now', step: '1m' }), { key: 'overview-histogram' });
    rates = readHistogram(answer, SEVERITIES, (text) => parseRfc3339(text)?.ms ?? 0);
    drawTiles();
  }

  /** Log counts a source: { key: { total, errors } }; one deployment at a time, since names repeat among them. */
  async function loadCounts(state) {
    const range = { from: 'now-1h', to: 'now' };
    const named = state.deployment.length > 0 ? state.deployment
      : (await getJson('/api/v1/logs/facets', { ...range, field: 'deployment', limit: String(MOST_DEPLOYMENTS) }, { key: 'overview-deployments' })).values.map((item) => String(item.value));
    const found = new Map();
    for (const deployment of named.slice(0, MOST_DEPLOYMENTS)) {
      for (const [name, severity] of [['total', ''], ['errors', 'ERROR']]) {
        const answer = await getJson('/api/v1/logs/facets', { ...range, deployment, field: 'source', limit: '200', ...(severity ? { severity } : {}) }, { key: `overview-counts-${name}` });
        for (const item of answer.values) {
          const key = keyOf(deployment, String(item.value));
          found.set(key, { deployment, source: String(item.value), total: 0, errors: 0, ...found.get(key), [name]: item.count });
        }
      }
    }
    counts = found;
    draw();
  }

  const isEmpty = () => machines?.length === 0 && counts?.size === 0 && rates?.total === 0;

  function drawTiles() {
    const now = Date.now();
    const parts = [];
    tiles.hidden = isEmpty();
    if (machines && machines.length > 0) {
      const live = machines.filter((machine) => liveness(machine, now) === 'live').length;
      parts.push(tile('Sources', `${live}`, { of: `of ${machines.length} sending`, tone: live < machines.length ? 'warn' : '' }));
      const busiest = sortSources(machines, 'cpu')[0];
      if (busiest?.cpu.now !== null && busiest) parts.push(tile('Busiest CPU', formatValue(busiest.cpu.now, '%'), { of: busiest.source, values: busiest.cpu.values, max: 100 }));
      const fullest = sortSources(machines, 'storage')[0];
      if (fullest?.storage[0]) parts.push(tile('Fullest storage', formatValue(fullest.storage[0].usage, '%'), { of: `${fullest.source} ${fullest.storage[0].mount}`, tone: fullest.storage[0].usage > 90 ? 'bad' : '' }));
    }
    if (rates) {
      const perMinute = rates.buckets.map((bucket) => bucket.total);
      const errors = rates.buckets.map((bucket) => ERRORS.reduce((sum, name) => sum + (bucket.counts[name] ?? 0), 0));
      const sum = errors.reduce((total, value) => total + value, 0);
      const link = (severity) => formatHash({ ...defaultState(), view: 'logs', deployment: currentState().deployment, severity });
      parts.push(tile('Records, last hour', formatCount(rates.total), { of: `${groups(rates.total / 60)} a minute`, values: perMinute, href: link('') }),
        tile('Errors, last hour', formatCount(sum), { of: `${formatValue(rates.total > 0 ? (100 * sum) / rates.total : 0, '%')} of all`, values: errors, tone: sum > 0 ? 'bad' : '', href: link('ERROR') }));
    }
    replace(tiles, parts);
  }

  function tile(name, value, { of = '', values = null, max = null, tone = '', href = null }) {
    const body = [h('span', { class: 'tile-name muted' }, name), h('span', { class: 'tile-value' }, value), h('span', { class: 'tile-of muted' }, of),
      values && spark(values, { label: `${name}, trend`, max, tone: tone || 'accent' })];
    return href ? h('a', { class: `card tile tile-${tone}`, href }, body) : h('div', { class: `card tile tile-${tone}` }, body);
  }

  function draw() {
    drawTiles();
    if (!machines) return;
    const state = currentState();
    const now = Date.now();
    const words = state.find.toLowerCase().split(/\s+/).filter(Boolean);
    const fits = (item) => words.every((word) => `${item.deployment} ${item.source}`.toLowerCase().includes(word));
    const all = machines.map((machine) => ({ ...machine, errors: counts?.get(machine.key)?.errors ?? null }));
    const shown = sortSources(all.filter(fits), state.sort || 'name');
    const manyDeployments = new Set(machines.map((machine) => machine.deployment)).size > 1 || (counts && new Set([...counts.values()].map((one) => one.deployment)).size > 1);
    const own = new Set(machines.map((machine) => machine.key));
    const others = [...(counts?.values() ?? [])].filter((one) => !own.has(keyOf(one.deployment, one.source)) && fits(one)).sort((left, right) => right.errors - left.errors || right.total - left.total);
    bar.hidden = machines.length === 0 && others.length === 0 && words.length === 0;
    const nothing = isEmpty();
    grid.classList.toggle('dense', shown.length > 40);
    replace(grid, nothing && state.deployment.length === 0 ? startHere(location.origin) : shown.map((machine) => machineCard(machine, now, { manyDeployments })),
      shown.length === 0 && !nothing && machines.length > 0 && empty('No such source', 'No machine’s name matches.'),
      nothing && state.deployment.length > 0 && empty('Nothing from here', 'These deployments have sent nothing in the last day.'));
    replace(quiet, others.length > 0 && [h('h2', { class: 'section-title' }, machines.length > 0 ? 'Sources that send logs only, last hour' : 'Sources, last hour'),
      h('div', { class: 'log-source-grid' }, others.slice(0, 120).map((one) => h('a', { class: 'card log-source', href: formatHash({ ...defaultState(), view: 'logs', deployment: [one.deployment], source: [one.source] }) },
        h('span', { class: 'machine-name' }, one.source || '(no source)'), manyDeployments && h('span', { class: 'tag' }, one.deployment), h('span', { class: 'spacer' }),
        one.errors > 0 && h('span', { class: 'error-count' }, icon('warning'), formatCount(one.errors)), h('span', { class: 'muted' }, formatCount(one.total))))),
      others.length > 120 && h('p', { class: 'muted small' }, `and ${others.length - 120} more; find them in Logs.`)]);
    const newest = Math.max(0, ...machines.map((machine) => machine.lastSeen));
    replace(note, shown.length === 1 ? '1 source' : `${groups(shown.length)} sources`, newest > 0 && ` · newest ${formatAge(newest, now)}`, ' ', partialBadge(partial));
  }

  async function load(state) {
    if (loading) return;
    loading = true;
    try {
      // The machines first: they are what this view is for. The rest follows one by one, kindly to small machines.
      await shell.during(loadMachines(state));
      await loadRates(state);
      await loadCounts(state);
      problem.clear();
    } catch (error) {
      if (!isAborted(error)) problem.show(error, () => load(currentState()));
    } finally {
      loading = false;
    }
  }

  find.addEventListener('input', debounce(() => navigate({ find: find.value.trim() }, { replace: true }), 120));
  return {
    node, defaultRefresh: '10s',
    keys: [{ keys: '/', say: 'Find a source', run: () => { find.focus(); find.select(); } },
      { keys: 'j', show: 'j →', say: 'Next source', run: () => step(1) }, { keys: 'ArrowRight', run: () => step(1) },
      { keys: 'k', show: 'k ←', say: 'Previous source', run: () => step(-1) }, { keys: 'ArrowLeft', run: () => step(-1) }],
    update(state, before) {
      if (document.activeElement !== find) find.value = state.find;
      replace(sorter, select('Sort by', SORTS, state.sort, (sort) => navigate({ sort }, { replace: true }), { class: 'select' }));
      const changed = !before || JSON.stringify(before.deployment) !== JSON.stringify(state.deployment);
      if (changed) {
        loading = false;
        load(state);
      } else draw();
    },
    refresh: () => load(currentState()),
  };

  function step(by) {
    const links = [...node.querySelectorAll('.machine-name[href], a.log-source')];
    const at = links.indexOf(document.activeElement);
    const next = links[Math.min(links.length - 1, Math.max(0, at < 0 ? 0 : at + by))];
    next?.focus();
    return links.length > 0;
  }
}
