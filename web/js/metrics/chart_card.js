// One metric chart: its question, the plot, a tooltip and a legend. Zooming asks the server again at a finer step.

import { serverNow } from '../core/clock.js';
import { getJson, isSaid } from '../core/http.js';
import { currentState, navigate } from '../core/router.js';
import { zone } from '../core/settings.js';
import { metricParams } from '../core/state.js';
import { formatClock, formatDay, formatIsoLike, formatSpan, niceStep, parseIn, resolveRange, toUrlTime } from '../core/time.js';
import { zoomRange } from '../core/range.js';
import { aggregatedUnit, formatValue, tickTexts, ticks, unitOf } from '../core/units.js';
import { timeTicks } from '../charts/scale.js';
import { PLOT_CONFIG, asPlotText, layoutOf, loadPlotly, palette } from '../charts/plot.js';
import { h, replace } from '../ui/dom.js';
import { errorSlot, partialBadge } from '../ui/feedback.js';
import { drawHead as fillHead, topChoice } from './chart_head.js';
import { drawLegend } from './legend.js';
import { aggregatesFor, readLines, readRest } from './lines.js';
import { valueRange } from './series.js';
import { createTooltip } from './tooltip.js';
import { tracesOf } from './traces.js';

const HEIGHT = 236;
const coarse = matchMedia('(pointer: coarse)').matches;
let serial = 0;

export function createChartCard(chart, { onChange, onRemove, metricInfo }) {
  serial += 1;
  const key = `chart-${serial}`;
  const problem = errorSlot();
  const plot = h('div', { class: 'plot', role: 'img', 'aria-label': `Chart of ${chart.name}` });
  const frame = h('div', { class: 'plot-frame' }, plot);
  const legend = h('div', { class: 'legend' });
  const note = h('span', { class: 'muted small chart-note' });
  const top = h('span', { class: 'chart-top-place' });
  const hidden = new Set();
  const colorOf = new Map(); // of each name: it stays when others grow past it
  let lines = [];
  let rest = null;
  let area = null;
  let step = 0;
  let spec = chart;
  let drawn = false;
  let gone = false;
  let pointer = '';

  const info = () => metricInfo(spec.name);
  const unit = () => aggregatedUnit(unitOf(spec.name, info()?.unit), spec.agg);
  const format = (value) => formatValue(value, unit());
  const shown = () => lines.filter((line) => !hidden.has(line.name));
  const tooltip = createTooltip(frame, { scale: () => area, lines: shown, rest: () => rest, format });
  const head = h('div', { class: 'chart-head' });
  const chips = h('div', { class: 'chips' });
  const node = h('section', { class: 'card chart-card', 'aria-label': chart.name, data: { metric: chart.name } }, head, chips, problem.node, frame, legend);
  frame.append(...tooltip.nodes);
  frame.addEventListener('pointerdown', (event) => { pointer = event.pointerType; }, true);
  const drawHead = () => fillHead(head, chips, spec, { labels: info()?.labels ?? [], about: info()?.description ?? '', notes: [top, note], onChange, onRemove });
  const textTime = (ms) => formatIsoLike(ms, zone());

  function colored(found, colors) {
    for (const name of colorOf.keys()) if (!found.some((line) => line.name === name)) colorOf.delete(name);
    const used = new Set(colorOf.values());
    let next = 0;
    for (const { name } of found) {
      if (colorOf.has(name)) continue;
      while (used.has(next)) next += 1;
      used.add(next);
      colorOf.set(name, next);
    }
    return found.map((line) => ({ ...line, color: colors.series[colorOf.get(line.name) % colors.series.length] }));
  }

  async function draw() {
    if (gone) return;
    const Plotly = await loadPlotly();
    if (gone) return;
    const colors = palette();
    lines = colored(lines, colors);
    const range = resolveRange(currentState(), serverNow());
    const edges = shown().flatMap((line) => [line, ...[line.low, line.high].filter(Boolean).map((points) => ({ points }))]);
    const [low, high] = valueRange(rest ? [...edges, { points: rest.points.flatMap(([time, least, most]) => [[time, least], [time, most]]) }] : edges, unit());
    const tickvals = ticks(low, high, unit());
    const data = tracesOf(shown(), rest, colors, { floor: low });
    const { step: tick, ticks: times } = timeTicks(range.from, range.to, Math.max(2, Math.floor((plot.clientWidth - 70) / 80)), zone());
    const xticks = { tickvals: times.map(textTime), ticktext: times.map((at) => (tick >= 86_400_000 ? formatDay(at, zone()) : formatClock(at, zone(), { seconds: tick < 60_000 }))) };
    const layout = layoutOf(colors, { height: HEIGHT, xticks, range: [textTime(range.from), textTime(range.to)], tickvals, ticktext: tickTexts(tickvals, unit()).map(asPlotText), coarse });
    layout.yaxis.range = [low, high];
    const { l, r, t, b } = layout.margin;
    area = { left: l, top: t, get width() { return Math.max(1, plot.clientWidth - l - r); }, height: HEIGHT - t - b, from: range.from, to: range.to, low, high, step };
    await Plotly.react(plot, data, layout, PLOT_CONFIG);
    if (!drawn) {
      drawn = true;
      plot.on('plotly_relayout', (change) => {
        const [from, to] = [change['xaxis.range[0]'], change['xaxis.range[1]']].map((text) => (text === undefined ? null : parseIn(String(text), zone())));
        if (from !== null && to !== null && to > from) navigate({ from: toUrlTime(from), to: toUrlTime(to) });
      });
      // Plotly takes one tap for two clicks: the touch, and the click that browsers make of it.
      plot.on('plotly_doubleclick', () => { if (pointer === 'mouse') navigate(zoomRange(currentState(), 2, serverNow())); });
    }
    const first = data.length - shown().length;
    drawLegend(legend, { lines, rest, hidden, format, onChange: themed,
      onPoint: (index, on) => {
        const at = shown().indexOf(lines[index]);
        if (at >= 0) Plotly.restyle(plot, { 'line.width': on ? 3 : 1.6 }, [first + at]);
      } });
  }

  /** The menu stays open while the same answer comes again. */
  function tellTop(answer) {
    const total = answer.series_total ?? lines.length + (rest?.count ?? 0);
    const told = JSON.stringify([spec, lines.length, total]);
    if (top.dataset.told === told) return;
    top.dataset.told = told;
    replace(top, topChoice(spec, lines.length, total, onChange));
  }

  const themed = () => draw().catch((error) => problem.show(error));
  window.addEventListener('penstock-theme', themed);
  drawHead();

  return {
    node,
    get chart() { return spec; },
    change(next) {
      spec = next;
      drawHead();
    },
    drawHead,
    async load(state) {
      const range = resolveRange(state, serverNow());
      const wanted = niceStep(range.to - range.from, Math.max(60, Math.min(400, Math.floor((plot.clientWidth || 600) / 3))));
      node.classList.add('loading');
      try {
        const answer = await getJson('/api/v1/metrics/query', metricParams(state, spec, wanted, { aggregates: aggregatesFor(spec.agg) }), { key });
        problem.clear();
        tooltip.hide();
        [lines, rest, step] = [readLines(answer), readRest(answer), answer.step_ms];
        tellTop(answer);
        replace(note, [unit(), `step ${formatSpan(answer.step_ms)}`].filter(Boolean).join(' · '), ' ', partialBadge(answer.stats));
        plot.classList.toggle('no-data', lines.length === 0);
        await draw();
      } catch (error) {
        if (!isSaid(error)) problem.show(error, () => this.load(currentState()));
      } finally {
        node.classList.remove('loading');
      }
    },
    leave() {
      gone = true;
      tooltip.stop();
      window.removeEventListener('penstock-theme', themed);
      if (drawn) window.Plotly?.purge(plot);
    },
  };
}
