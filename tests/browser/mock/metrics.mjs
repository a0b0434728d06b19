// Metrics in memory, with the answers that the dashboard asks for.

import { MockError, durationOf, iso, rangeOf, statsOf, timeOf } from './wire.mjs';

const AGGREGATES = {
  avg: (values) => values.reduce((sum, value) => sum + value, 0) / values.length, min: (values) => Math.min(...values), max: (values) => Math.max(...values),
  sum: (values) => values.reduce((sum, value) => sum + value, 0), count: (values) => values.length, last: (values) => values.at(-1),
};
const quantile = (share) => (values) => [...values].sort((left, right) => left - right)[Math.min(values.length - 1, Math.floor(share * values.length))];
for (const share of [50, 90, 95, 99]) AGGREGATES[`p${share}`] = quantile(share / 100);

export class Metrics {
  stored = new Map();

  get size() { return this.stored.size; }

  add(raw) {
    const at = timeOf(raw.timestamp === undefined ? undefined : String(raw.timestamp), Date.now(), 'timestamp');
    const labels = { ...(raw.labels ?? {}), source: raw.source ?? '127.0.0.1' };
    for (const [name, value] of Object.entries(raw.metrics ?? { [raw.name]: raw.value })) {
      const deployment = raw.deployment ?? 'default';
      const key = JSON.stringify([deployment, name, Object.entries(labels).sort()]);
      if (!this.stored.has(key)) this.stored.set(key, { id: String(this.stored.size + 1).padStart(16, '0'), name, deployment, labels, points: [] });
      this.stored.get(key).points.push([at, value]);
    }
  }

  amounts() {
    const found = new Map();
    for (const { deployment, points } of this.stored.values()) {
      const times = points.map(([at]) => at);
      const one = found.get(deployment) ?? { name: deployment, kind: 'metrics', records: 0, bytes: 0, chunks: 1, first: iso(Math.min(...times)), last: iso(Math.max(...times)) };
      found.set(deployment, { ...one, records: one.records + points.length, bytes: one.bytes + points.length * 3 });
    }
    return [...found.values()];
  }

  select(query, names = query.getAll('name')) {
    const deployments = query.getAll('deployment');
    const labels = [...query].filter(([name]) => name.startsWith('label.')).map(([name, value]) => [name.slice(6), value]);
    return [...this.stored.values()].filter((series) => (names.length === 0 || names.includes(series.name)) && (deployments.length === 0 || deployments.includes(series.deployment))
      && labels.every(([name, value]) => series.labels[name] === value));
  }

  list(query) {
    const found = new Map();
    for (const series of this.select(query)) {
      const entry = found.get(series.name) ?? { name: series.name, unit: '', labels: new Set(), series: 0 };
      Object.keys(series.labels).forEach((label) => entry.labels.add(label));
      entry.series += 1;
      found.set(series.name, entry);
    }
    const metrics = [...found.values()].map((entry) => ({ ...entry, labels: [...entry.labels].sort() })).sort((left, right) => left.name.localeCompare(right.name));
    return { metrics, stats: statsOf(metrics.length) };
  }

  series(query) {
    return { series: this.select(query).map(({ id, name, deployment, labels }) => ({ id, name, deployment, labels })), stats: statsOf(this.size) };
  }

  latest(query) {
    const n = Number(query.get('n') ?? 25);
    const names = (query.get('names') ?? '').split(',').filter(Boolean);
    const metrics = Object.fromEntries(names.map((name) => [name, this.select(query, [name]).map((series) => ({ deployment: series.deployment, labels: series.labels,
      points: [...series.points].sort((left, right) => left[0] - right[0]).slice(-n) }))]));
    return { metrics, stats: statsOf(names.length) };
  }

  query(query) {
    const name = query.get('name');
    const aggs = (query.get('agg') ?? 'avg').split(',');
    if (!name) throw new MockError(400, 'invalid_request', 'name is needed', 'name');
    const { from, to } = rangeOf(query);
    const step = durationOf(query.get('step'), Math.max(1000, Math.round((to - from) / 300)));
    const first = Math.floor(from / step) * step;
    const count = Math.ceil((to - first) / step);
    const lines = this.groups(query, { from, to, first, step });
    const series = lines.map(({ deployment, labels, values }) => {
      const of = (agg) => Array.from({ length: count }, (_, slot) => (values.has(slot) ? reduced(agg, values.get(slot), step) : null));
      return { deployment, labels, points: of(aggs[0]).map((value, slot) => [first + slot * step, value]), ...(aggs.length > 1 ? { aggregates: Object.fromEntries(aggs.map((agg) => [agg, of(agg)])) } : {}) };
    });
    return { name, agg: aggs[0], aggs, from: iso(first), to: iso(first + count * step), step_ms: step, ...largest(series, Number(query.get('top') ?? 0), query.get('rank') ?? 'avg'), stats: statsOf(this.size) };
  }

  /** The samples of each step, of every line. */
  groups(query, { from, to, first, step }) {
    const by = query.has('by') ? query.getAll('by').filter(Boolean) : null;
    const groups = new Map();
    for (const series of this.select(query)) {
      const labels = by ? Object.fromEntries(by.filter((label) => label !== 'deployment').map((label) => [label, series.labels[label] ?? ''])) : series.labels;
      const deployment = !by || by.includes('deployment') ? series.deployment : undefined;
      const key = JSON.stringify([deployment, labels, by ? '' : series.id]);
      if (!groups.has(key)) groups.set(key, { deployment, labels, values: new Map() });
      const sorted = [...series.points].sort((left, right) => left[0] - right[0]);
      sorted.forEach(([at, value], index) => {
        if (at < from || at >= to) return;
        const slot = Math.floor((at - first) / step);
        const { values } = groups.get(key);
        if (!values.has(slot)) values.set(slot, []);
        values.get(slot).push({ value, grown: Math.max(0, value - (sorted[index - 1]?.[1] ?? value)) });
      });
    }
    return [...groups.values()].filter(({ values }) => values.size > 0);
  }
}

const reduced = (agg, samples, step) => (agg === 'rate' ? samples.reduce((sum, { grown }) => sum + grown, 0) / (step / 1000) : AGGREGATES[agg](samples.map(({ value }) => value)));

function largest(series, top, rank) {
  const mean = ({ points }) => AGGREGATES[rank](points.map(([, value]) => value).filter((value) => value !== null));
  if (top === 0 || series.length <= top) return { series, series_total: series.length };
  const ranked = series.map((line) => ({ ...line, rank: mean(line) })).sort((left, right) => right.rank - left.rank);
  const left = ranked.slice(top);
  const span = (agg) => series[0].points.map((_, slot) => {
    const values = left.map((line) => line.points[slot][1]).filter((value) => value !== null);
    return values.length > 0 ? AGGREGATES[agg](values) : null;
  });
  return { series: ranked.slice(0, top), series_total: series.length, rest: { series: left.length, min: span('min'), max: span('max') } };
}
