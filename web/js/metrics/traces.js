// Lines, their bands, the area below a few of them, and the grey envelope of the rest, as plotly draws them.

import { formatIsoLike } from '../core/time.js';
import { zone } from '../core/settings.js';
import { hasBand } from './lines.js';
import { outline, pieces, usualDistance } from './gaps.js';

const BANDS = 6;  // lines with a band each, at most: more would cover each other
const AREAS = 3;  // … with the area below

const textTime = (ms) => formatIsoLike(ms, zone());

// Plotly closes each piece of its own with 'toself', and draws other fills right across gaps.
const area = ([times, values], fillcolor) => ({ type: 'scatter', mode: 'lines', x: times.map(textTime), y: values, line: { width: 0 }, fill: 'toself', fillcolor, hoverinfo: 'skip' });

/** A point between two gaps is no line: it gets a dot. */
function dots(points) {
  const alone = new Set(pieces(points).filter((piece) => piece.length === 1).map((piece) => piece[0]));
  return alone.size === 0 ? { mode: 'lines' } : { mode: 'lines+markers', marker: { size: points.map((point) => (alone.has(point) ? 5 : 0)) } };
}

/** At steps finer than the samples not every line has a value in each. So the envelope holds what lies within a usual spacing,
 *  and breaks only where the drawn lines would. */
function envelope(rest, lines, colors) {
  const usual = Math.max(usualDistance(rest.points), ...lines.map(({ broken }) => usualDistance(broken)));
  const line = rest.points.flatMap(([time], index) => (index > 0 && time - rest.points[index - 1][0] > 2.5 * usual ? [[time - 1, null], [time, 0]] : [[time, 0]]));
  const near = (time) => rest.points.filter((point) => Math.abs(point[0] - time) <= usual / 2);
  return area(outline(line, (time) => Math.min(...near(time).map(([, low]) => low)), (time) => Math.max(...near(time).map(([, , high]) => high))), `${colors.rest}40`);
}

/** `lines` with their `color`; the lines themselves come last, in their order. */
export function tracesOf(lines, rest, colors, { floor }) {
  const below = rest ? [envelope(rest, lines, colors)] : [];
  const banded = lines.length <= BANDS ? lines.filter(hasBand) : [];
  for (const line of banded) {
    const [low, high] = [new Map(line.low), new Map(line.high)];
    below.push(area(outline(line.broken, (time) => low.get(time), (time) => high.get(time)), `${line.color}2e`));
  }
  if (lines.length <= AREAS && floor === 0 && banded.length === 0) {
    for (const line of lines) {
      const values = new Map(line.broken);
      below.push(area(outline(line.broken, () => 0, (time) => values.get(time)), `${line.color}1f`));
    }
  }
  return [...below, ...lines.map((line) => ({ type: 'scatter', ...dots(line.broken), name: '', x: line.broken.map(([time]) => textTime(time)), y: line.broken.map(([, value]) => value),
    hoverinfo: 'skip', line: { width: 1.6, color: line.color }, connectgaps: false }))];
}
