// Lines of a metrics answer as charts and legends need them. Pure.

/** The fewest labels that tell the lines of one answer apart, as names: source first, deployment only where it is needed. */
export function lineNames(series) {
  const tags = series.map((line) => ({ ...(line.deployment !== undefined ? { deployment: line.deployment } : {}), ...(line.labels ?? {}) }));
  const values = (name) => new Set(tags.map((tag) => tag[name])).size;
  const rank = (name) => ({ source: 0, mount: 1, deployment: 3 })[name] ?? 2;
  const names = [...new Set(tags.flatMap((tag) => Object.keys(tag)))].sort((left, right) => rank(left) - rank(right) || values(right) - values(left) || left.localeCompare(right));
  const plain = (name) => name === 'source' || name === 'deployment';
  const write = (tag, chosen) => chosen.filter((name) => tag[name] !== undefined && tag[name] !== '').map((name) => (plain(name) ? tag[name] : `${name}=${tag[name]}`)).join(' · ');
  const different = (chosen) => new Set(tags.map((tag) => write(tag, chosen))).size;
  let chosen = [];
  for (const name of names) if (different([...chosen, name]) > Math.max(1, different(chosen))) chosen = [...chosen, name];
  if (chosen.length === 0) chosen = names.slice(0, 1);
  return tags.map((tag) => write(tag, chosen) || 'all');
}

export function summary(points) {
  let min = Infinity;
  let max = -Infinity;
  let sum = 0;
  let count = 0;
  let last = null;
  for (const [, value] of points) {
    if (value === null || !Number.isFinite(value)) continue;
    min = Math.min(min, value);
    max = Math.max(max, value);
    sum += value;
    count += 1;
    last = value;
  }
  return count === 0 ? { min: null, max: null, avg: null, last: null, count } : { min, max, avg: sum / count, last, count };
}

/** The range of the y axis: from 0 unless everything lies far from it; 0 to 100 for percentages that fit. */
export function valueRange(series, unit) {
  let min = Infinity;
  let max = -Infinity;
  for (const line of series) {
    const found = summary(line.points);
    if (found.count === 0) continue;
    min = Math.min(min, found.min);
    max = Math.max(max, found.max);
  }
  if (min > max) return [0, 1];
  if (unit === '%' && min >= 0 && max <= 100) return [0, max <= 10 ? 10 : max <= 50 ? 50 : 100];
  if (min > 0 && (max - min) / max > 0.05) min = 0;
  if (max < 0) max = 0;
  if (min === max) return min === 0 ? [0, 1] : [Math.min(0, min), Math.max(0, max * 1.2)];
  const pad = (max - min) * 0.06;
  return [min === 0 ? 0 : min - pad, max + pad];
}

/** Metrics by the part of their name before the first dot or underscore, filtered by words. */
export function groupMetrics(metrics, filter) {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  const groups = new Map();
  for (const metric of metrics) {
    const name = metric.name.toLowerCase();
    if (!words.every((word) => name.includes(word))) continue;
    const group = /^[^._:/]+/.exec(metric.name)?.[0] ?? metric.name;
    if (!groups.has(group)) groups.set(group, []);
    groups.get(group).push(metric);
  }
  return [...groups].sort(([left], [right]) => left.localeCompare(right));
}
