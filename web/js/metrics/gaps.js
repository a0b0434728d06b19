// Where a line must break. A gap is a silence of more than two and a half usual spacings between samples, however wide the
// steps are: the counts of samples tell what an average of a step hides. Pure.

const SILENCE = 2.5;  // usual spacings
const TELLING = 4;    // samples a step usually has, from which on a step with less than half of them tells an outage

const median = (values) => [...values].sort((left, right) => left - right)[values.length >> 1];

/** How far apart points with a value usually are; 0: there are fewer than two. */
export function usualDistance(points) {
  const times = points.filter(([, value]) => value !== null).map(([time]) => time);
  return times.length < 2 ? 0 : median(times.slice(1).map((time, index) => time - times[index]));
}

/** Points of [time, value] to draw: empty steps are left out, so that the line joins its samples, and a null stands only
 *  where samples are really missing. `counts`: samples in each step, where they were asked for. A rate is spread over
 *  steps that had no sample; they are no samples for that. */
export function breakLine(points, counts = null) {
  const known = points.map(([time, value], index) => ({ time, value, count: counts ? counts[index] ?? 0 : 1, index }))
    .filter(({ value, count }) => value !== null && Number.isFinite(value) && count > 0);
  if (known.length < 3) return known.map(({ time, value }) => [time, value]);
  const distances = known.slice(1).map(({ time }, index) => time - known[index].time);
  const step = points[1][0] - points[0][0];
  const usual = median(distances);
  const inStep = usual <= step ? median(known.map(({ count }) => count)) : 1;
  const spacing = usual / Math.max(1, inStep);
  // The first step begins before the range, the last one is not over.
  const short = ({ count, index }) => inStep >= TELLING && count < inStep / 2 && index > 0 && index < points.length - 1;
  const silent = (before, after, distance) => {
    // Samples that only slipped into the step beside are not missing.
    const missing = Math.round(distance / usual + 1) * inStep - before.count - after.count;
    return distance / spacing - (inStep - 1) > SILENCE && missing > inStep / 2;
  };
  return known.flatMap((point, index) => {
    const before = known[index - 1];
    const broken = before && (silent(before, point, distances[index - 1]) || short(point) || short(before));
    return broken ? [[point.time - 1, null], [point.time, point.value]] : [[point.time, point.value]];
  });
}

export const hasGap = (points) => points.some(([, value]) => value === null);

/** The pieces between gaps. */
export function pieces(points) {
  const found = [[]];
  for (const point of points) {
    if (point[1] === null) found.push([]);
    else found.at(-1).push(point);
  }
  return found.filter((piece) => piece.length > 0);
}

/** The outline of what lies between two lines, closed for each piece, with a null between: [times, values]. `low(time)` and
 *  `high(time)` give the edges at the times of `points`. */
export function outline(points, low, high) {
  const found = pieces(points).filter((piece) => piece.length > 1).flatMap((piece, index) => [
    ...(index > 0 ? [[piece[0][0], null]] : []),
    ...piece.map(([time]) => [time, high(time)]), ...piece.toReversed().map(([time]) => [time, low(time)]), [piece[0][0], high(piece[0][0])]]);
  return [found.map(([time]) => time), found.map(([, value]) => value)];
}
