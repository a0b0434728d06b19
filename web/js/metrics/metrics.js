// The metrics view: choose names at the side, look at their charts, which share one time range.

import { getJson, isSaid } from '../core/http.js';
import { currentState, navigate } from '../core/router.js';
import { formatCount } from '../core/units.js';
import { visibleText } from '../core/text.js';
import { button, debounce, h, replace, textButton } from '../ui/dom.js';
import { empty, errorSlot } from '../ui/feedback.js';
import { icon } from '../ui/icons.js';
import { nameParts } from '../ui/name.js';
import { createSheet } from '../ui/sheet.js';
import { createChartCard } from './chart_card.js';
import { groupMetrics } from './series.js';

const START = [['cpu.usage', ['source']], ['ram.usage', ['source']], ['net.in', ['source']], ['storage.usage', []], ['load.1', ['source']], ['gpu.usage', ['source']]];

export function create(shell) {
  const problem = errorSlot();
  const filter = h('input', { class: 'input', type: 'search', placeholder: 'Find a metric', 'aria-label': 'Find a metric', autocomplete: 'off', spellcheck: 'false' });
  const names = h('div', { class: 'metric-names' });
  const aside = h('aside', { class: 'metric-picker', 'aria-label': 'Metrics' }, h('div', { class: 'picker-search' }, icon('search'), filter), names);
  const grid = h('div', { class: 'chart-grid' });
  const pick = button('Choose metrics', () => sheet.show(), { class: 'button picker-button' }, icon('plus'), 'Metrics');
  const wide = button('One chart a row', () => navigate({ columns: currentState().columns === '1' ? '' : '1' }, { replace: true }), { class: 'icon-button', 'aria-pressed': 'false' }, icon('system'));
  const tools = h('div', { class: 'metric-tools' }, pick, h('span', { class: 'muted small' }, 'Drag across a chart to zoom in; double-click to zoom out.'), h('div', { class: 'spacer' }),
    textButton('Clear all', () => navigate({ charts: [] }), { class: 'button button-small' }), wide);
  const node = h('div', { class: 'metrics' }, aside, h('div', { class: 'metrics-main' }, problem.node, tools, grid));
  const sheet = createSheet({ panel: aside, host: node, openClass: 'picker-open', title: 'Metrics' });
  let known = null;
  let cards = [];

  const metricInfo = (name) => known?.find((metric) => metric.name === name);
  const chartOf = (name, by = []) => ({ name, agg: /(^|[._])total$/.test(name) && !/^(ram|swap|storage|processes)\./.test(name) ? 'rate' : 'avg', by, labels: {} });

  function drawNames() {
    if (!known) return;
    const chosen = currentState().charts.map((chart) => chart.name);
    const groups = groupMetrics(known, filter.value);
    replace(names, groups.map(([group, list]) => h('section', null, h('h3', { class: 'facet-title' }, visibleText(group)), list.map((metric) => {
      const on = chosen.includes(metric.name);
      return h('button', { type: 'button', class: 'metric-name', data: { key: metric.name }, 'aria-pressed': String(on), title: `${visibleText(metric.name)} · ${metric.series} series · labels: ${(metric.labels ?? []).join(', ')}`,
        on: { click: () => toggle(metric) } }, h('span', { class: 'facet-name name' }, nameParts(metric.name)), h('span', { class: 'facet-count' }, formatCount(metric.series)));
    }))), groups.length === 0 && h('p', { class: 'muted small' }, known.length === 0 ? 'No metrics have been sent yet.' : 'No metric has such a name.'));
  }

  function toggle(metric) {
    const { charts } = currentState();
    const without = charts.filter((chart) => chart.name !== metric.name);
    if (without.length < charts.length) navigate({ charts: without });
    else navigate({ charts: [...charts, chartOf(metric.name, metric.series > 20 ? ['source'] : [])] });
  }

  async function loadNames(state) {
    const params = new URLSearchParams();
    state.deployment.forEach((value) => params.append('deployment', value));
    try {
      known = (await getJson('/api/v1/metrics', params, { key: 'metric-names' })).metrics;
      problem.clear();
      drawNames();
      cards.forEach((card) => card.drawHead());
      if (currentState().charts.length === 0) drawStart();
    } catch (error) {
      if (!isSaid(error)) problem.show(error, () => loadNames(currentState()));
    }
  }

  function drawStart() {
    const ready = START.filter(([name]) => metricInfo(name)).slice(0, 4);
    replace(grid, known === null ? null : empty('Nothing chosen yet', known.length === 0 ? 'When agents send metrics, their names appear here.' : 'Choose metrics at the side; each gets a chart, and all share the time range.',
      ready.length > 0 && textButton('Start with the machines’ health', () => navigate({ charts: ready.map(([name, by]) => chartOf(name, by)) }), { class: 'button button-primary' })));
  }

  function change(index, next) {
    navigate({ charts: currentState().charts.map((chart, at) => (at === index ? next : chart)) }, { replace: true });
  }

  /** Keeps the cards whose metric stays at its place; builds the others. Tells which must be loaded. */
  function arrange(charts) {
    const changed = [];
    const left = [...cards];
    cards = charts.map((chart, index) => {
      const at = left.findIndex((card) => card.chart.name === chart.name);
      let card = at >= 0 ? left.splice(at, 1)[0] : null;
      if (!card) {
        card = createChartCard(chart, { metricInfo, onChange: (next) => change(cards.indexOf(card), next),
          onRemove: () => navigate({ charts: currentState().charts.filter((_, place) => place !== cards.indexOf(card)) }) });
        changed.push(card);
      } else if (JSON.stringify(card.chart) !== JSON.stringify(chart)) {
        card.change(chart);
        changed.push(card);
      }
      return card;
    });
    left.forEach((card) => card.leave());
    if (cards.length > 0) replace(grid, cards.map((card) => card.node));
    return changed;
  }

  // Two at a time: a small machine answers few queries at once.
  async function loadCards(list, state) {
    const queue = [...list];
    const worker = async () => {
      for (let card = queue.shift(); card; card = queue.shift()) await card.load(state);
    };
    await shell.during(Promise.all([worker(), worker()]));
  }

  filter.addEventListener('input', debounce(drawNames, 60));
  filter.addEventListener('keydown', (event) => {
    if (event.key === 'Enter') names.querySelector('.metric-name')?.click();
  });

  return {
    node, defaultRefresh: '30s',
    keys: [{ keys: '/', say: 'Find a metric', run: () => { sheet.show(); filter.focus(); filter.select(); } },
      { keys: 'Escape', show: 'Esc', say: 'Close the list of metrics', run: () => sheet.close() }],
    update(state, before) {
      node.classList.toggle('one-column', state.columns === '1');
      wide.setAttribute('aria-pressed', String(state.columns === '1'));
      tools.classList.toggle('without-charts', state.charts.length === 0);
      const changed = arrange(state.charts);
      if (state.charts.length === 0) drawStart();
      drawNames();
      const scope = (one) => JSON.stringify([one.deployment, one.from, one.to, one.columns]);
      const all = !before || scope(before) !== scope(state);
      if (!before || JSON.stringify(before.deployment) !== JSON.stringify(state.deployment)) loadNames(state);
      loadCards(all ? cards : changed, state);
    },
    refresh({ asked = false } = {}) {
      const state = currentState();
      if (asked || state.to === 'now') loadCards(cards, state);
      if (asked || known?.length === 0) loadNames(state);
    },
    leave: () => cards.forEach((card) => card.leave()),
  };
}
