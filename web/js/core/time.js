// Times as Penstock speaks them: RFC 3339, epoch numbers and now-15m forms. Pure; milliseconds unless said otherwise.

import { parseNow } from './now_steps.js';

const UNITS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };
export const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

export const QUICK_RANGES = [
  ['now-5m', 'Last 5 minutes'], ['now-15m', 'Last 15 minutes'], ['now-30m', 'Last 30 minutes'],
  ['now-1h', 'Last hour'], ['now-3h', 'Last 3 hours'], ['now-6h', 'Last 6 hours'], ['now-12h', 'Last 12 hours'],
  ['now-24h', 'Last 24 hours'], ['now-2d', 'Last 2 days'], ['now-7d', 'Last 7 days'], ['now-30d', 'Last 30 days'],
];

/** "90s", "15m", "1h30m" → milliseconds, or null. */
export function parseDuration(text) {
  const parts = [...String(text).matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d|w)/g)];
  if (parts.length === 0 || parts.map((part) => part[0]).join('') !== String(text)) return null;
  return parts.reduce((sum, part) => sum + Number(part[1]) * UNITS[part[2]], 0);
}

/** Is there such a day? Date.parse makes March of 31 February. */
function isDay(date) {
  const [year, month, day] = date.split('-').map(Number);
  return day >= 1 && day <= new Date(Date.UTC(year, month, 0)).getUTCDate();
}

/** RFC 3339 with up to nine decimals → { ms, nanos } where nanos is the whole fraction in nanoseconds; null if it is none. */
export function parseRfc3339(text) {
  const found = /^(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d(?::\d\d)?)(?:\.(\d{1,9})\d*)?\s*([Zz]|[+-]\d\d:?\d\d)?$/.exec(String(text).trim());
  if (!found) return null;
  const [, date, clock, fraction = '', zone] = found;
  const offset = zone && zone.toUpperCase() !== 'Z' && !zone.includes(':') ? `${zone.slice(0, 3)}:${zone.slice(3)}` : zone;
  if (!isDay(date)) return null;
  const base = Date.parse(`${date}T${clock.length === 5 ? `${clock}:00` : clock}${offset ? offset.toUpperCase() : ''}`);
  if (Number.isNaN(base)) return null;
  const nanos = Number(fraction.padEnd(9, '0'));
  return { ms: base + Math.floor(nanos / 1e6), nanos };
}

/** Any time a user may type → milliseconds since 1970, or null. A bare number is an epoch told apart by magnitude. */
export function parseTime(text, now = Date.now()) {
  const value = String(text ?? '').trim();
  if (value === '') return null;
  if (isRelative(value)) return parseNow(value.replace(/\s+/g, ''), now);
  if (/^\d+(\.\d+)?$/.test(value)) {
    const number = Number(value);
    if (number < 1e11) return number * 1000;
    if (number < 1e14) return number;
    return number < 1e17 ? number / 1e3 : number / 1e6;
  }
  if (/^\d{4}-\d\d-\d\d$/.test(value)) return parseRfc3339(`${value}T00:00:00`)?.ms ?? null;
  return parseRfc3339(value)?.ms ?? null;
}

export const isRelative = (text) => String(text).startsWith('now');

export function resolveRange({ from, to }, now = Date.now()) {
  const end = parseTime(to, now) ?? now;
  const start = parseTime(from, now) ?? end - UNITS.h;
  return start <= end ? { from: start, to: end } : { from: end, to: start };
}

const two = (number) => String(number).padStart(2, '0');

/** Calendar parts in the wanted zone: 'utc' or 'local'. */
export function dateParts(ms, zone = 'local') {
  const date = new Date(ms);
  const get = (name) => (zone === 'utc' ? date[`getUTC${name}`]() : date[`get${name}`]());
  return {
    year: get('FullYear'), month: get('Month'), day: get('Date'), hour: get('Hours'), minute: get('Minutes'),
    second: get('Seconds'), milli: get('Milliseconds'),
  };
}

export function formatClock(ms, zone, { seconds = true, millis = false } = {}) {
  const at = dateParts(ms, zone);
  const base = `${two(at.hour)}:${two(at.minute)}`;
  if (!seconds) return base;
  return `${base}:${two(at.second)}${millis ? `.${String(at.milli).padStart(3, '0')}` : ''}`;
}

export function formatDay(ms, zone, now = Date.now()) {
  const at = dateParts(ms, zone);
  const year = dateParts(now, zone).year === at.year ? '' : ` ${at.year}`;
  return `${at.day} ${MONTHS[at.month]}${year}`;
}

export function formatDateTime(ms, zone, options) {
  return `${formatDay(ms, zone)} ${formatClock(ms, zone, options)}`;
}

/** "2026-11-20 14:05:09.123", in the wanted zone; what plotly takes and what the absolute time fields show. */
export function formatIsoLike(ms, zone, { millis = true } = {}) {
  const at = dateParts(ms, zone);
  return `${at.year}-${two(at.month + 1)}-${two(at.day)} ${formatClock(ms, zone, { millis })}`;
}

/** The inverse of formatIsoLike: text without a zone is read in `zone`. */
export function parseIn(text, zone, now = Date.now()) {
  const value = String(text).trim();
  if (zone !== 'utc' || /[zZ]$|[+-]\d\d:?\d\d$|^now|^\d+(\.\d+)?$/.test(value)) return parseTime(value, now);
  return parseTime(/^\d{4}-\d\d-\d\d$/.test(value) ? `${value}T00:00:00Z` : `${value}Z`, now);
}

export function formatSpan(ms) {
  const span = Math.abs(ms);
  if (span < 1000) return `${Math.round(span)} ms`;
  if (span < 90_000) return `${trim(span / 1000)} s`;
  if (span < 90 * 60_000) return `${trim(span / 60_000)} min`;
  if (span < 36 * 3_600_000) return `${trim(span / 3_600_000)} h`;
  return `${trim(span / 86_400_000)} d`;
}

const trim = (number) => (number < 10 ? String(Math.round(number * 10) / 10) : String(Math.round(number)));

export function formatAge(ms, now = Date.now()) {
  const age = now - ms;
  if (Math.abs(age) < 2000) return 'just now';
  // Nobody reads tenths of a second or a minute in an age.
  const unit = Math.abs(age) < 90_000 ? 1000 : Math.abs(age) < 5_400_000 ? 60_000 : 1;
  const span = formatSpan(Math.round(age / unit) * unit);
  return age < 0 ? `in ${span}` : `${span} ago`;
}

export function describeRange({ from, to }, zone = 'local', now = Date.now()) {
  const quick = to === 'now' && QUICK_RANGES.find(([value]) => value === from);
  if (quick) return quick[1];
  if (to === 'now' && isRelative(from)) return `Last ${formatSpan(now - (parseTime(from, now) ?? now))}`;
  const range = resolveRange({ from, to }, now);
  const short = range.to - range.from < 300_000;
  const sameDay = formatDay(range.from, zone) === formatDay(range.to, zone);
  const start = formatDateTime(range.from, zone, { seconds: short });
  const end = to === 'now' ? 'now' : sameDay
    ? formatClock(range.to, zone, { seconds: short }) : formatDateTime(range.to, zone, { seconds: short });
  return `${start} – ${end}`;
}

const STEPS = ['1s', '2s', '5s', '10s', '15s', '30s', '1m', '2m', '5m', '10m', '15m', '30m', '1h', '2h', '3h', '6h', '12h', '1d', '7d'];

/** The smallest round step (as the API takes it) that cuts the range into at most `most` parts. */
export function niceStep(rangeMs, most) {
  return STEPS.find((step) => rangeMs / parseDuration(step) <= most) ?? STEPS.at(-1);
}

export const toUrlTime = (ms) => new Date(Math.round(ms)).toISOString();

/** The weeks of a month, Monday first, as days' stamps (midnights of UTC, whatever the zone is). */
export function weeksOf(year, month) {
  const first = new Date(Date.UTC(year, month, 1));
  const before = (first.getUTCDay() + 6) % 7;
  const count = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
  return Array.from({ length: Math.ceil((before + count) / 7) }, (_, week) => Array.from({ length: 7 }, (__, day) => Date.UTC(year, month, 1 - before + week * 7 + day)));
}
