// Where times and counts lie on the histogram. Pure.

/** A round number at or above the largest count, so that the axis reads well. */
export function niceCeiling(value) {
  if (value <= 4) return Math.max(1, Math.ceil(value));
  const base = 10 ** Math.floor(Math.log10(value));
  return base * ([1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10].find((factor) => factor * base >= value) ?? 10);
}

const TICK_STEPS = [1e3, 2e3, 5e3, 1e4, 15e3, 3e4, 6e4, 12e4, 3e5, 6e5, 9e5, 18e5, 36e5, 72e5, 108e5, 216e5, 432e5, 864e5, 1728e5, 6048e5, 12096e5, 25920e5];

/** Times for axis labels, on round local or UTC clock values; at most `most`. */
export function timeTicks(from, to, most, zone = 'local') {
  const step = TICK_STEPS.find((size) => (to - from) / size <= most) ?? 31536e6;
  const shift = zone === 'utc' ? 0 : new Date(from).getTimezoneOffset() * 60_000;
  const found = [];
  for (let at = Math.ceil((from - shift) / step) * step + shift; at <= to; at += step) found.push(at);
  return { step, ticks: found };
}

/** The selected pixels as a range of whole buckets: [from, to) in milliseconds, never empty. */
export function selectionRange(startX, endX, width, from, to, stepMs) {
  const time = (x) => from + (Math.min(Math.max(x, 0), width) / width) * (to - from);
  const start = Math.floor((time(Math.min(startX, endX)) - from) / stepMs) * stepMs + from;
  const end = Math.ceil((time(Math.max(startX, endX)) - from) / stepMs) * stepMs + from;
  return { from: start, to: Math.max(end, start + stepMs) };
}

/** Histogram buckets with parsed times, and the sums of the severities. */
export function readHistogram(answer, severities, parse) {
  const sums = Object.fromEntries(severities.map((name) => [name, 0]));
  const buckets = (answer.buckets ?? []).map((bucket) => {
    const counts = bucket.counts ?? {};
    for (const name of severities) sums[name] += counts[name] ?? 0;
    return { time: parse(bucket.time), counts, total: bucket.total ?? Object.values(counts).reduce((sum, count) => sum + count, 0) };
  });
  return { buckets, sums, total: buckets.reduce((sum, bucket) => sum + bucket.total, 0) };
}
