// Tiny line charts and gauges as SVG. Values may hold null: the line breaks there.

import { svg } from '../ui/dom.js';

/** SVG path pieces for values on a 100×30 field; pure. */
export function sparkPath(values, { min = 0, max = null, width = 100, height = 30 } = {}) {
  const known = values.filter((value) => Number.isFinite(value));
  if (known.length === 0) return { line: '', area: '' };
  const top = max ?? Math.max(...known.map((value) => value * 1.15), min + 1e-9);
  const low = Math.min(min, ...known);
  const span = top - low || 1;
  const step = values.length > 1 ? width / (values.length - 1) : 0;
  const round = (number) => Math.round(number * 100) / 100;
  let line = '';
  let area = '';
  let from = null;
  let lastX = 0;
  const close = () => {
    if (from !== null) area += `L${round(lastX)} ${height}L${round(from)} ${height}Z`;
    from = null;
  };
  values.forEach((value, index) => {
    if (!Number.isFinite(value)) {
      close();
      return;
    }
    const x = values.length > 1 ? index * step : width;
    const y = round(height - 1 - ((Math.min(value, top) - low) / span) * (height - 2));
    const piece = `${from === null ? 'M' : 'L'}${round(x)} ${y}`;
    line += piece;
    area += piece;
    if (from === null) from = x;
    lastX = x;
  });
  close();
  return { line, area };
}

export function spark(values, { label, max = null, min = 0, tone = 'accent' } = {}) {
  const paths = sparkPath(values, { min, max });
  return svg('svg', { class: `spark tone-${tone}`, viewBox: '0 0 100 30', preserveAspectRatio: 'none', role: 'img', 'aria-label': label ?? 'trend' },
    svg('path', { class: 'spark-base', d: 'M0 29.5H100' }), paths.area && svg('path', { class: 'spark-area', d: paths.area }), paths.line && svg('path', { class: 'spark-line', d: paths.line }));
}

/** calm, warn or bad by how full something is. */
export const fullness = (percent) => (percent >= 92 ? 'bad' : percent >= 80 ? 'warn' : 'accent');
