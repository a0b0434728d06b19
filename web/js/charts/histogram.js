// Log counts over time, stacked by severity. Drag (or Shift+arrows and Enter) to choose a range. SVG of our own: it is
// there with the first answer, long before a chart library would be.

import { SEVERITIES } from '../core/state.js';
import { zone } from '../core/settings.js';
import { formatClock, formatDateTime, formatDay, formatSpan, parseRfc3339 } from '../core/time.js';
import { formatCount, groups } from '../core/units.js';
import { h, replace, svg } from '../ui/dom.js';
import { niceCeiling, readHistogram, selectionRange, timeTicks } from './scale.js';

const LEFT = 38;
const BOTTOM = 18;
const TOP = 6;

export function createHistogram({ onSelect }) {
  const drawing = svg('svg', { class: 'histogram-drawing', 'aria-hidden': 'true' });
  const tip = h('div', { class: 'chart-tip', 'aria-hidden': 'true' });
  const spoken = h('div', { class: 'sr-only', 'aria-live': 'polite' });
  const node = h('div', { class: 'histogram', tabindex: '0', role: 'group', 'aria-label': 'Records over time. Arrow keys move, Shift extends, Enter zooms in.' }, drawing, tip, spoken);
  tip.hidden = true;
  let answer = null;
  let model = null;
  let width = 0;
  let cursor = -1;
  let anchor = -1;
  let dragFrom = null;

  const plotWidth = () => Math.max(10, width - LEFT - 4);
  const xOf = (time) => LEFT + ((time - model.from) / (model.to - model.from)) * plotWidth();

  function draw() {
    width = node.clientWidth;
    const height = node.clientHeight;
    if (!model || width === 0) return;
    drawing.setAttribute('viewBox', `0 0 ${width} ${height}`);
    const floor = height - BOTTOM;
    const top = niceCeiling(Math.max(...model.buckets.map((bucket) => bucket.total), 0));
    const scale = (floor - TOP) / top;
    const parts = [];
    for (const value of top > 1 ? [top, top / 2] : [top]) {
      if (!Number.isInteger(value)) continue;
      const y = floor - value * scale;
      parts.push(svg('line', { class: 'grid', x1: LEFT, x2: width, y1: y, y2: y }), svg('text', { class: 'axis', x: LEFT - 6, y: y + 3.5, 'text-anchor': 'end' }, formatCount(value)));
    }
    parts.push(svg('line', { class: 'grid base', x1: LEFT, x2: width, y1: floor + 0.5, y2: floor + 0.5 }));
    const slot = (model.step / (model.to - model.from)) * plotWidth();
    const gap = slot > 5 ? 1 : 0;
    for (const bucket of model.buckets) {
      let y = floor;
      const x = Math.max(LEFT, xOf(bucket.time));
      const wide = Math.max(0.5, Math.min(slot - gap, width - x));
      for (const name of SEVERITIES) {
        const count = bucket.counts[name] ?? 0;
        if (count === 0) continue;
        const tall = Math.max(count * scale, 1);
        y -= tall;
        parts.push(svg('rect', { class: `bar sev-${name}`, x, y, width: wide, height: tall > 3 ? tall - 1 : tall })); // a line of the ground between two
      }
    }
    const { step, ticks } = timeTicks(model.from, model.to, Math.max(2, Math.floor(plotWidth() / 90)), zone());
    for (const at of ticks) {
      const x = xOf(at);
      if (x < LEFT + 14 || x > width - 22) continue;
      const text = step >= 86_400_000 ? formatDay(at, zone()) : formatClock(at, zone(), { seconds: step < 60_000 });
      parts.push(svg('line', { class: 'tick', x1: x, x2: x, y1: floor, y2: floor + 4 }), svg('text', { class: 'axis', x, y: height - 4, 'text-anchor': 'middle' }, text));
    }
    replace(drawing, parts, svg('rect', { class: 'selection', y: TOP, height: floor - TOP, x: 0, width: 0 }));
  }

  function mark(startX, endX) {
    const area = drawing.querySelector('.selection');
    if (!area) return;
    area.setAttribute('x', Math.max(LEFT, Math.min(startX, endX)));
    area.setAttribute('width', Math.max(0, Math.min(width, Math.max(startX, endX)) - Math.max(LEFT, Math.min(startX, endX))));
  }

  function describe(index) {
    const bucket = model.buckets[index];
    if (!bucket) return null;
    const rows = SEVERITIES.filter((name) => bucket.counts[name]).reverse();
    const when = `${formatDateTime(bucket.time, zone())} · ${formatSpan(model.step)}`;
    replace(tip, h('strong', null, when), rows.map((name) => h('div', { class: 'tip-row' }, h('i', { class: `dot sev-bg-${name}` }), h('span', null, name), h('b', null, groups(bucket.counts[name])))),
      rows.length === 0 && h('div', { class: 'muted' }, 'no records'));
    tip.hidden = false;
    const x = xOf(bucket.time) + 12;
    tip.style.left = `${x + tip.offsetWidth > width ? Math.max(0, x - tip.offsetWidth - 24) : x}px`;
    return `${when}: ${rows.map((name) => `${bucket.counts[name]} ${name}`).join(', ') || 'no records'}`;
  }

  const place = (event) => event.clientX - node.getBoundingClientRect().left;
  const indexAt = (x) => Math.min(model.buckets.length - 1, Math.max(0, Math.floor((((x - LEFT) / plotWidth()) * (model.to - model.from)) / model.step)));

  function choose(startX, endX) {
    const range = selectionRange(startX - LEFT, endX - LEFT, plotWidth(), model.from, model.to, model.step);
    onSelect(range);
  }

  node.addEventListener('pointerdown', (event) => {
    if (!model || event.button !== 0) return;
    dragFrom = place(event);
    node.setPointerCapture(event.pointerId);
  });
  node.addEventListener('pointermove', (event) => {
    if (!model) return;
    const x = place(event);
    if (dragFrom !== null && Math.abs(x - dragFrom) > 3) {
      tip.hidden = true;
      mark(dragFrom, x);
    } else describe(indexAt(x));
  });
  node.addEventListener('pointerup', (event) => {
    if (dragFrom === null) return;
    const start = dragFrom;
    const end = place(event);
    dragFrom = null;
    mark(0, 0);
    if (Math.abs(end - start) > 4) choose(start, end);
  });
  node.addEventListener('pointercancel', () => { dragFrom = null; mark(0, 0); });
  node.addEventListener('pointerleave', () => { tip.hidden = true; });
  node.addEventListener('blur', () => { tip.hidden = true; mark(0, 0); anchor = -1; });
  node.addEventListener('keydown', (event) => {
    if (!model || model.buckets.length === 0) return;
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (step) {
      if (cursor < 0) cursor = step > 0 ? -1 : model.buckets.length;
      if (event.shiftKey && anchor < 0) anchor = Math.max(0, cursor);
      if (!event.shiftKey) anchor = -1;
      cursor = Math.min(model.buckets.length - 1, Math.max(0, cursor + step));
    } else if (event.key === 'Enter' && cursor >= 0) {
      const [low, high] = [Math.min(cursor, anchor < 0 ? cursor : anchor), Math.max(cursor, anchor)];
      onSelect({ from: model.buckets[low].time, to: model.buckets[high].time + model.step });
      cursor = -1;
      anchor = -1;
    } else return;
    event.preventDefault();
    event.stopPropagation();
    if (cursor < 0) return;
    spoken.textContent = describe(cursor);
    const other = anchor < 0 ? cursor : anchor;
    mark(xOf(model.buckets[Math.min(cursor, other)].time), xOf(model.buckets[Math.max(cursor, other)].time + model.step));
  });
  const resizes = new ResizeObserver(draw);
  resizes.observe(node);

  return {
    node,
    get sums() { return model?.sums ?? {}; },
    get known() { return model !== null; },
    get total() { return model?.total ?? 0; },
    show(next) {
      answer = next;
      const read = readHistogram(answer, SEVERITIES, (text) => parseRfc3339(text)?.ms ?? 0);
      const step = answer.step_ms || 1000;
      const from = Math.min(parseRfc3339(answer.from)?.ms ?? read.buckets[0]?.time ?? 0, read.buckets[0]?.time ?? Infinity);
      const last = read.buckets.at(-1);
      const to = Math.max(parseRfc3339(answer.to)?.ms ?? 0, last ? last.time + step : 0, from + step);
      model = { ...read, step, from, to };
      node.dataset.total = String(read.total);
      draw();
    },
    clear() {
      model = null;
      delete node.dataset.total;
      drawing.replaceChildren();
    },
    stop: () => resizes.disconnect(),
  };
}
