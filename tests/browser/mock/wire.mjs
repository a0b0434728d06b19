// What the mock reads and writes: times, records of a request's body, CSV.

import { parseDuration, parseTime } from '../../../web/js/core/time.js';

export class MockError extends Error {
  constructor(status, code, message, field) {
    super(message);
    this.status = status;
    this.code = code;
    this.field = field;
  }
}

/** `read`: how JSON is parsed; logs keep the digits of their numbers. */
export function readRecords(body, read = JSON.parse) {
  try {
    const value = read(body);
    return Array.isArray(value) ? value : [value];
  } catch {
    return body.split('\n').filter((line) => line.trim() !== '').map((line) => read(line));
  }
}

export function timeOf(text, fallback, field) {
  if (text === null || text === undefined) return fallback;
  const time = parseTime(text);
  if (time === null) throw new MockError(400, 'invalid_timestamp', `"${text}" is not a time`, field);
  return time;
}

export function rangeOf(query) {
  const now = Date.now();
  return { from: timeOf(query.get('from'), now - 3_600_000, 'from'), to: timeOf(query.get('to'), now + 1, 'to') };
}

export const durationOf = (text, fallback) => (text ? parseDuration(text) ?? fallback : fallback);
export const iso = (ms) => new Date(ms).toISOString();
export const statsOf = (scanned) => ({ chunks_read: 2, bytes_read: scanned * 90, records_scanned: scanned, elapsed_ms: 1.5, partial: false });

export function toCsv(records) {
  const cell = (value) => `"${String(value).replace(/^[=+\-@]/, "'$&").replaceAll('"', '""')}"`;
  const rows = records.map((record) => [record.timestamp, record.deployment, record.source, record.severity, record.message, JSON.stringify(record.fields)].map(cell).join(','));
  return `timestamp,deployment,source,severity,message,fields\r\n${rows.join('\r\n')}\r\n`;
}
