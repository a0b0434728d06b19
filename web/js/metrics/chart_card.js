// One metric chart: its choices, the plot, and a legend that can be read. Zooming asks the server again at a finer step.

import { serverNow } from '../core/clock.js';
import { getJson, isSaid } from '../core/http.js';
import { currentState, navigate } from '../core/router.js';
import { zone } from '../core/settings.js';
import { ALL_AS_ONE, metricParams } from '../core/state.js';
import { formatClock, formatDay, formatIsoLike, formatSpan, niceStep, parseIn, resolveRange, shiftRange, toUrlTime } from '../core/time.js';
import { visibleText } from '../core/text.js';
import { aggregatedUnit, formatValue, tickTexts, ticks, unitOf } from '../core/units.js';
import { timeTicks } from '../charts/scale.js';
import { PLOT_CONFIG, asPlotText, layoutOf, loadPlotly, palette } from '../charts/plot.js';
import { button, h, replace, select } from '../ui/dom.js';
import { errorSlot, partialBadge } from '../ui/feedback.js';
import { icon } from '../ui/icons.js';
import { togglePopover } from '../ui/popover.js';
import { labelPanel } from './label_panel.js';
import { areaUnder, hasGap, joinSamples, lineNames, summary, valueRange } from './series.js';

const AGGREGATES = ['avg', 'min', 'max', 'sum', 'count', 'last', 'rate', 'p50', 'p90', 'p95', 'p99'];
const MOST_LINES = 60;
const coarse = matchMedia('(pointer: coarse)').matches;
let serial = 0;

export function createChartCard(chart, { onChange, onRemove, metricInfo }) {
  serial += 1;
  const key = `chart-${serial}`;
  const problem = errorSlot();
  const plot = h('div', { class: 'plot', role: 'img', 'aria-label': `Chart of ${chart.name}` });
  const legend = h('div', { class: 'legend' });
  const note = h('span', { class: 'muted small chart-note' });
  const hidden = new Set();
  let answer = null;
  let spec = chart;
  let drawn = false;
  let gone = false;

  const info = () => metricInfo(spec.name);
  const unit = () => aggregatedUnit(unitOf(spec.name, info()?.unit), spec.agg);
  const head = h('div', { class: 'chart-head' });
  const chips = h('div', { class: 'chips' });
  const node = h('section', { class: 'card chart-card', 'aria-label': chart.name, data: { metric: chart.name } }, head, chips, problem.node, plot, legend);

  function drawHead() {
    const labels = (info()?.labels ?? []).filter((name) => name !== 'deployment');
    const choices = [['', 'each series'], [ALL_AS_ONE, 'all as one'], ['deployment', 'by deployment'], ...labels.map((name) => [name, `by ${name}`])];
    const value = spec.by.join(',');
    if (!choices.some(([name]) => name === value)) choices.push([value, `by ${value}`]);
    const filter = button('Filter by label', () => togglePopover(filter, 'Filter by label', labelPanel(spec, (name, text) => onChange({ ...spec, labels: { ...spec.labels, [name]: text } })), { align: 'right' }),
      { class: 'icon-button', 'aria-haspopup': 'dialog', 'aria-expanded': 'false' }, icon('filter'));
    replace(head, h('h2', { class: 'chart-title' }, spec.name), note, h('div', { class: 'spacer' }),
      select('Aggregate', AGGREGATES.map((name) => [name, name]), spec.agg, (agg) => onChange({ ...spec, agg }), { class: 'select' }),
      select('Group by', choices, value, (by) => onChange({ ...spec, by: by === '' ? [] : by.split(',') }), { class: 'select' }),
      filter, button(`Remove ${spec.name}`, onRemove, { class: 'icon-button' }, icon('close')));
    replace(chips, Object.entries(spec.labels).map(([name, text]) => h('span', { class: 'chip' }, h('span', { class: 'mono' }, `${name} = ${text}`),
      button(`Remove ${name} = ${text}`, () => {
        const left = { ...spec.labels };
        delete left[name];
        onChange({ ...spec, labels: left });
      }, { class: 'icon-button' }, icon('close')))));
    chips.hidden = chips.children.length === 0;
  }

  const textTime = (ms) => formatIsoLike(ms, zone());

  async function draw() {
    if (!answer || gone) return;
    const Plotly = await loadPlotly();
    if (!answer || gone) return;
    const colors = palette();
    const lines = answer.series.slice(0, MOST_LINES);
    const names = lineNames(lines);
    const range = resolveRange(currentState(), serverNow());
    const [low, high] = valueRange(lines.filter((_, index) => !hidden.has(names[index])), unit());
    const tickvals = ticks(low, high, unit());
    const few = lines.length <= 3;
    const colorOf = (index) => colors.series[index % colors.series.length];
    const filled = few && low === 0;
    const drawnPoints = lines.map((line) => joinSamples(line.points));
    const data = drawnPoints.map((points, index) => ({
      type: 'scatter', mode: points.length < 3 ? 'lines+markers' : 'lines', name: asPlotText(names[index]),
      x: points.map(([time]) => textTime(time)), y: points.map(([, value]) => value), text: points.map(([, value]) => asPlotText(formatValue(value, unit()))),
      hovertemplate: '%{text}', line: { width: 1.6, color: colorOf(index) }, connectgaps: false,
      fill: filled && !hasGap(points) ? 'tozeroy' : 'none', fillcolor: filled ? `${colorOf(index)}1f` : undefined, visible: !hidden.has(names[index]),
    }));
    // Plotly draws the area of a line with gaps right across them: such a line gets its area as a shape of its own.
    drawnPoints.forEach((points, index) => {
      if (!filled || !hasGap(points) || hidden.has(names[index])) return;
      const area = areaUnder(points);
      data.push({ type: 'scatter', mode: 'lines', x: area.map(([time]) => textTime(time)), y: area.map(([, value]) => value), line: { width: 0 }, fill: 'tozeroy', fillcolor: `${colorOf(index)}1f`, hoverinfo: 'skip' });
    });
    const { step, ticks: times } = timeTicks(range.from, range.to, Math.max(2, Math.floor((plot.clientWidth - 70) / 80)), zone());
    const xticks = { tickvals: times.map(textTime), ticktext: times.map((at) => (step >= 86_400_000 ? formatDay(at, zone()) : formatClock(at, zone(), { seconds: step < 60_000 }))) };
    const layout = layoutOf(colors, { height: 236, xticks, range: [textTime(range.from), textTime(range.to)], tickvals, ticktext: tickTexts(tickvals, unit()).map(asPlotText), coarse });
    layout.yaxis.range = [low, high];
    await Plotly.react(plot, data, layout, PLOT_CONFIG);
    if (!drawn) {
      drawn = true;
      plot.on('plotly_relayout', (change) => {
        const [from, to] = [change['xaxis.range[0]'], change['xaxis.range[1]']].map((text) => (text === undefined ? null : parseIn(String(text), zone())));
        if (from !== null && to !== null && to > from) navigate({ from: toUrlTime(from), to: toUrlTime(to) });
      });
      plot.on('plotly_doubleclick', () => navigate(shiftRange(currentState(), { scale: 2 })));
    }
    drawLegend(lines, names, colors, Plotly);
  }

  function drawLegend(lines, names, colors, Plotly) {
    const row = (line, index) => {
      const found = summary(line.points);
      const shown = !hidden.has(names[index]);
      const toggle = (event) => {
        if (event.altKey || event.shiftKey) {
          const alone = hidden.size === names.length - 1 && shown;
          hidden.clear();
          if (!alone) names.filter((name) => name !== names[index]).forEach((name) => hidden.add(name));
        } else if (shown) hidden.add(names[index]);
        else hidden.delete(names[index]);
        draw();
      };
      const strong = (on) => Plotly.restyle(plot, { 'line.width': on ? 3 : 1.6 }, [index]);
      return h('tr', { class: shown ? '' : 'off', on: { mouseenter: () => strong(true), mouseleave: () => strong(false) } },
        h('th', { scope: 'row' }, h('button', { type: 'button', class: 'legend-name', data: { key: `line ${names[index]}` }, 'aria-pressed': String(shown), title: 'Show or hide; Shift shows only this', on: { click: toggle } },
          h('i', { class: 'swatch', vars: { '--swatch': colors.series[index % colors.series.length] } }), h('span', null, visibleText(names[index])))),
        ['last', 'avg', 'min', 'max'].map((name) => h('td', null, formatValue(found[name], unit()))));
    };
    replace(legend, lines.length > 0 && h('table', null, h('thead', null, h('tr', null, h('th', { scope: 'col' }, h('span', { class: 'sr-only' }, 'series')), ['last', 'avg', 'min', 'max'].map((name) => h('th', { scope: 'col' }, name)))),
      h('tbody', null, lines.map(row))), answer.series.length > MOST_LINES && h('p', { class: 'muted small' }, `Showing ${MOST_LINES} of ${answer.series.length} series; filter or group to see the others.`));
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
      const step = niceStep(range.to - range.from, Math.max(60, Math.min(400, Math.floor((plot.clientWidth || 600) / 3))));
      node.classList.add('loading');
      try {
        answer = await getJson('/api/v1/metrics/query', metricParams(state, spec, step), { key });
        problem.clear();
        replace(note, [unit(), `step ${formatSpan(answer.step_ms)}`].filter(Boolean).join(' · '), ' ', partialBadge(answer.stats));
        plot.classList.toggle('no-data', answer.series.length === 0);
        await draw();
      } catch (error) {
        if (!isSaid(error)) problem.show(error, () => this.load(currentState()));
      } finally {
        node.classList.remove('loading');
      }
    },
    leave() {
      gone = true;
      window.removeEventListener('penstock-theme', themed);
      if (drawn) window.Plotly?.purge(plot);
    },
  };
}
