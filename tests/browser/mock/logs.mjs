// Logs in memory, with the answers that the dashboard asks for.

import { ExactNumber } from '../../../web/js/core/exact_json.js';
import { SEVERITIES } from '../../../web/js/core/state.js';
import { parseRfc3339 } from '../../../web/js/core/time.js';
import { compile, fieldOf } from './matcher.mjs';
import { MockError, durationOf, iso, rangeOf, statsOf, timeOf } from './wire.mjs';

function flatten(value, prefix = '', found = {}) {
  for (const [name, item] of Object.entries(value ?? {})) {
    if (item !== null && typeof item === 'object' && !Array.isArray(item) && !(item instanceof ExactNumber)) flatten(item, `${prefix}${name}.`, found);
    else found[`${prefix}${name}`] = item;
  }
  return found;
}

/** Percentiles and ranges of equal width, as the server tells them of numbers. */
function numbersOf(numbers) {
  if (numbers.length === 0) return undefined;
  const sorted = numbers.toSorted((left, right) => left - right);
  const at = (share) => sorted[Math.floor(share * (sorted.length - 1))];
  const raw = Math.max(1e-9, (sorted.at(-1) - sorted[0]) / 8);
  const power = 10 ** Math.floor(Math.log10(raw));
  const width = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= raw);
  const first = Math.floor(sorted[0] / width);
  const ranges = Array.from({ length: Math.floor(sorted.at(-1) / width) - first + 1 }, (_, index) => ({ from: (first + index) * width, to: (first + index + 1) * width, count: 0 }));
  for (const value of sorted) ranges[Math.floor(value / width) - first].count += 1;
  return { count: sorted.length, min: sorted[0], max: sorted.at(-1), avg: sorted.reduce((sum, value) => sum + value, 0) / sorted.length, p50: at(0.5), p90: at(0.9), p95: at(0.95), p99: at(0.99), ranges };
}

export class Logs {
  records = [];
  listeners = new Set();

  add(raw) {
    const at = timeOf(raw.timestamp, Date.now(), 'timestamp');
    const nanos = parseRfc3339(raw.timestamp ?? '')?.nanos;
    const record = {
      id: `mock-${String(this.records.length + 1).padStart(8, '0')}`, timestamp: nanos ? `${iso(at).slice(0, 19)}.${String(nanos).padStart(9, '0')}Z` : iso(at), received_at: iso(Date.now()),
      deployment: raw.deployment ?? 'default', source: raw.source ?? '127.0.0.1', severity: SEVERITIES.includes(raw.severity) ? raw.severity : 'INFO', message: String(raw.message), fields: flatten(raw.fields),
    };
    Object.defineProperty(record, 'at', { value: at });
    this.records.push(record);
    this.listeners.forEach((listener) => listener(record));
  }

  /** What a deployment's records come to, as the list of deployments tells it. */
  amounts() {
    const found = new Map();
    for (const { deployment, timestamp, at } of this.records) {
      const one = found.get(deployment) ?? { name: deployment, kind: 'logs', records: 0, bytes: 0, chunks: 1, first: timestamp, last: timestamp, from: at, to: at };
      Object.assign(one, { records: one.records + 1, bytes: one.bytes + 90 }, at < one.from ? { from: at, first: timestamp } : {}, at > one.to ? { to: at, last: timestamp } : {});
      found.set(deployment, one);
    }
    return [...found.values()].map(({ from, to, ...one }) => one);
  }

  subscribe(listener) {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  filter(query, { timeless = false } = {}) {
    const { from, to } = rangeOf(query);
    const level = SEVERITIES.indexOf(query.get('severity') ?? 'TRACE');
    const sources = query.getAll('source');
    const deployments = query.getAll('deployment');
    const fields = [...query].filter(([name]) => name.startsWith('field.')).map(([name, value]) => [name.slice(6), value]);
    const test = compile(query.get('q') ?? '');
    return (record) => (timeless || (record.at >= from && record.at < to)) && SEVERITIES.indexOf(record.severity) >= level
      && (sources.length === 0 || sources.includes(record.source)) && (deployments.length === 0 || deployments.includes(record.deployment))
      && fields.every(([name, value]) => fieldOf(record, name) !== undefined && String(fieldOf(record, name)) === value) && test(record);
  }

  all(query) {
    const sign = query.get('order') === 'asc' ? 1 : -1;
    return this.records.filter(this.filter(query)).sort((left, right) => sign * (left.at - right.at || left.id.localeCompare(right.id)));
  }

  page(query) {
    const found = this.all(query);
    const start = Number(query.get('cursor') ?? 0);
    const limit = Number(query.get('limit') ?? 100);
    return { records: found.slice(start, start + limit), cursor: start + limit < found.length ? String(start + limit) : null, stats: statsOf(this.records.length) };
  }

  histogram(query) {
    const { from, to } = rangeOf(query);
    const step = durationOf(query.get('step'), Math.max(1000, Math.round((to - from) / 60)));
    const first = Math.floor(from / step) * step;
    const buckets = [];
    for (let time = first; time < to; time += step) buckets.push({ time: iso(time), total: 0, counts: {} });
    for (const record of this.all(query)) {
      const bucket = buckets[Math.floor((record.at - first) / step)];
      bucket.total += 1;
      bucket.counts[record.severity] = (bucket.counts[record.severity] ?? 0) + 1;
    }
    return { from: iso(from), to: iso(to), step_ms: step, buckets, stats: statsOf(this.records.length) };
  }

  overview(query) {
    const { from, to, step_ms, buckets, stats } = this.histogram(query);
    const sources = new Map();
    const deployments = new Map();
    for (const record of this.all(query)) {
      for (const [table, key, entry] of [[deployments, record.deployment, { deployment: record.deployment }], [sources, JSON.stringify([record.deployment, record.source]), { deployment: record.deployment, source: record.source }]]) {
        if (!table.has(key)) table.set(key, { ...entry, records: 0, counts: {}, last: record.timestamp });
        const found = table.get(key);
        found.records += 1;
        found.counts[record.severity] = (found.counts[record.severity] ?? 0) + 1;
      }
    }
    const list = [...sources.values()].sort((left, right) => right.records - left.records);
    return { from, to, step_ms, buckets, deployments: [...deployments.values()], sources: list.slice(0, Number(query.get('limit') ?? 1000)), sources_total: list.length, approximate: false, stats };
  }

  facets(query) {
    const field = query.get('field');
    const counts = new Map();
    let missing = 0;
    for (const record of this.all(query)) {
      const value = fieldOf(record, field);
      if (value === undefined) missing += 1;
      else counts.set(String(value), (counts.get(String(value)) ?? 0) + 1);
    }
    const values = [...counts].map(([value, count]) => ({ value, count })).sort((left, right) => right.count - left.count || left.value.localeCompare(right.value));
    const limit = Number(query.get('limit') ?? 20);
    return { field, values: values.slice(0, limit), missing, numbers: numbersOf(this.all(query).map((record) => fieldOf(record, field)).filter((value) => typeof value === 'number')), other: values.slice(limit).reduce((sum, { count }) => sum + count, 0), approximate: false, stats: statsOf(this.records.length) };
  }

  fields(query) {
    const found = new Map();
    for (const record of this.all(query)) {
      for (const [name, value] of Object.entries({ source: record.source, severity: record.severity, deployment: record.deployment, ...record.fields })) {
        const entry = found.get(name) ?? { name, types: [], count: 0 };
        entry.count += 1;
        if (!entry.types.includes(typeof value)) entry.types.push(typeof value);
        found.set(name, entry);
      }
    }
    return { fields: [...found.values()], stats: statsOf(this.records.length) };
  }

  context(query) {
    const record = this.records.find((one) => one.id === query.get('id'));
    if (!record) throw new MockError(404, 'not_found', 'there is no such record');
    const near = this.records.filter((one) => one.source === record.source && one.deployment === record.deployment).sort((left, right) => left.at - right.at || left.id.localeCompare(right.id));
    const at = near.indexOf(record);
    const [before, after] = ['before', 'after'].map((name) => Number(query.get(name) ?? 10));
    return { before: near.slice(Math.max(0, at - before), at), record, after: near.slice(at + 1, at + 1 + after), stats: statsOf(near.length) };
  }
}
