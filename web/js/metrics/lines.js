// The lines of a metrics answer as a chart draws and tells them. Pure.

import { breakLine } from './gaps.js';
import { lineNames, summary } from './series.js';

/** What a chart asks for beside its own aggregate: an average hides what lies about it, and every step how many samples it
 *  has. */
export const aggregatesFor = (agg) => (agg === 'avg' ? ['avg', 'min', 'max', 'count'] : agg === 'count' ? ['count'] : [agg, 'count']);

const paired = (points, values) => points.map(([time], index) => [time, values?.[index] ?? null]);

/** [{ name, points, broken, low, high, told }]: `broken` has a null in each gap; `low` and `high` are the least and the
 *  largest sample of each step of an average, else null; `told` are last, avg, min and max over the range. */
export function readLines(answer) {
  const names = lineNames(answer.series);
  return answer.series.map((line, index) => {
    const { avg, min, max, count } = line.aggregates ?? {};
    const banded = avg && min && max;
    const [low, high] = banded ? [paired(line.points, min), paired(line.points, max)] : [null, null];
    const told = summary(line.points);
    return {
      name: names[index], points: line.points, broken: breakLine(line.points, count ?? (answer.agg === 'count' ? line.points.map(([, value]) => value) : null)), low, high,
      told: banded ? { ...told, min: summary(low).min, max: summary(high).max } : told,
    };
  });
}

/** The span of the lines that are not drawn: { count, points of [time, least, largest] }, or null. */
export function readRest(answer) {
  if (!answer.rest || answer.rest.series === 0) return null;
  const { series, min, max } = answer.rest;
  const steps = answer.series[0].points; // whose times stand for all
  return { count: series, points: steps.map(([time], index) => [time, min[index], max[index]]).filter(([, low, high]) => low !== null && high !== null) };
}

/** Does an average of this line hide anything worth an area? */
export const hasBand = ({ low, high }) => low !== null && low.some(([, value], index) => value !== null && high[index][1] > value);

/** The point of a line next to a time, no further away than `reach`; null when there is none. */
export function pointAt(points, time, reach) {
  let best = null;
  for (const point of points) {
    if (point[1] === null || Math.abs(point[0] - time) > reach) continue;
    if (!best || Math.abs(point[0] - time) < Math.abs(best[0] - time)) best = point;
  }
  return best;
}

/** What a tooltip tells at a time and height: the nearest line and the largest ones. `lines` are those that are shown. */
export function tipAt(lines, time, value, reach, most = 5) {
  const found = lines.map((line) => ({ line, point: pointAt(line.points, time, reach) })).filter(({ point }) => point !== null);
  if (found.length === 0) return null;
  const nearest = found.reduce((best, one) => (Math.abs(one.point[1] - value) < Math.abs(best.point[1] - value) ? one : best));
  const largest = found.toSorted((left, right) => right.point[1] - left.point[1]).slice(0, most);
  return { time: nearest.point[0], nearest, largest, others: found.length - new Set([...largest, nearest]).size };
}
