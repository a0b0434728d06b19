// Times as people type them: 08:30, yesterday, -90m, 1h ago, 27 Nov 08:30, and all that the API takes. Pure.

import { parseNow, stepText } from './now_steps.js';
import { MONTHS, dateParts, parseIn, toUrlTime } from './time.js';

const DAY = 86_400_000;
const AHEAD = 600_000; // milliseconds: a clock time further ahead than this was yesterday's
const WEEKDAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];
const CLOCK = '(\\d{1,2})(?::(\\d\\d)(?::(\\d\\d))?)?\\s*(am|pm)?';

const has = (list, word) => list.findIndex((name) => word.length >= 3 && name.toLowerCase().startsWith(word.toLowerCase()));

/** The moment of a day's clock time in a zone. */
function moment({ year, month, day }, { hour = 0, minute = 0, second = 0 }, zone) {
  return zone === 'utc' ? Date.UTC(year, month, day, hour, minute, second) : new Date(year, month, day, hour, minute, second).getTime();
}

/** "08:30", "8:30:15", "8 am" → { hour, minute, second }; '' → midnight; null when it is none. */
function clockOf(text) {
  if (text === '') return {};
  const found = new RegExp(`^${CLOCK}$`, 'i').exec(text);
  if (!found || (found[2] === undefined && !found[4])) return null;
  const half = found[4]?.toLowerCase();
  const hour = half ? (Number(found[1]) % 12) + (half === 'pm' ? 12 : 0) : Number(found[1]);
  const [minute, second] = [Number(found[2] ?? 0), Number(found[3] ?? 0)];
  return hour < 24 && minute < 60 && second < 60 && (!half || (found[1] >= 1 && found[1] <= 12)) ? { hour, minute, second } : null;
}

/** "-90m", "1h30m ago", "2 hours ago", "now - 1 month" → "now-90m" …; steps of the query language (now-1d/d) as they are; '' for other texts. */
function relativeOf(text) {
  if (/^now/i.test(text)) return `now${text.slice(3).replace(/\s+/g, ' ').replace(/[^+\-/]+/g, stepText)}`;
  const found = /^-\s*(.+)$/.exec(text) ?? /^(.+?)\s+ago$/i.exec(text);
  return found && /\d[a-z]|\d$/i.test(stepText(found[1])) ? `now-${stepText(found[1])}` : '';
}

/** A day and what is left of the text: { date, rest, yearless }. */
function dayOf(text, now, zone) {
  const today = dateParts(now, zone);
  const shifted = (days) => ({ ...today, day: today.day + days });
  const [first, ...more] = text.split(/\s+/);
  const word = first.toLowerCase().replace(/,$/, '');
  const rest = more.join(' ');
  if (word === 'today') return { date: today, rest };
  if (word === 'yesterday') return { date: shifted(-1), rest };
  const weekday = has(WEEKDAYS, word);
  if (weekday >= 0) return { date: shifted(-((new Date(Date.UTC(today.year, today.month, today.day)).getUTCDay() - weekday + 7) % 7)), rest };
  const named = /^(\d{1,2})\.?\s+([a-z]{3,9})\.?,?(?:\s+(\d{4}))?,?(?:\s+(.*))?$/i.exec(text) ?? /^([a-z]{3,9})\.?\s+(\d{1,2})(?:,|\b)(?:\s+(\d{4}),?)?(?:\s+(.*))?$/i.exec(text);
  if (named) {
    const [day, name] = /^\d/.test(named[1]) ? [named[1], named[2]] : [named[2], named[1]];
    return dated(Number(day), has(LONG_MONTHS, name), named[3], named[4], today);
  }
  const dotted = /^(\d{1,2})\.(\d{1,2})\.(\d{4})?(?:\s+(.*))?$/.exec(text);
  if (dotted) return dated(Number(dotted[1]), Number(dotted[2]) - 1, dotted[3], dotted[4], today);
  return null;
}

const LONG_MONTHS = ['january', 'february', 'march', 'april', 'may', 'june', 'july', 'august', 'september', 'october', 'november', 'december'];

function dated(day, month, year, rest = '', today) {
  const date = { year: year ? Number(year) : today.year, month, day };
  const real = month >= 0 && month < MONTHS.length && day >= 1 && day <= new Date(Date.UTC(date.year, month + 1, 0)).getUTCDate();
  return real ? { date, rest, yearless: !year } : null;
}

/** What `date` and mail write, where it names its zone. */
function foreign(value) {
  const at = /\d{4}/.test(value) && /\b(GMT|UTC)\b|[+-]\d{4}$/.test(value) ? Date.parse(value) : NaN;
  return Number.isNaN(at) ? null : at;
}

/** What was typed as { ms, text }: `text` is how a link and the API write it, relative where it was meant so. null: no time. */
export function readTime(typed, { zone = 'local', now = Date.now() } = {}) {
  const value = String(typed).trim().replace(/^(\d{4})\/(\d\d)\/(\d\d)/, '$1-$2-$3').replace(/\s+at\s+/i, ' ');
  if (value === '') return null;
  const relative = relativeOf(value);
  const away = relative === '' ? null : parseNow(relative, now);
  if (away !== null) return { ms: away, text: relative };
  const absolute = (ms) => ({ ms, text: toUrlTime(ms) });
  const clock = clockOf(value);
  if (clock) {
    const at = moment(dateParts(now, zone), clock, zone);
    return absolute(at > now + AHEAD ? moment({ ...dateParts(now, zone), day: dateParts(now, zone).day - 1 }, clock, zone) : at);
  }
  const named = dayOf(value, now, zone);
  const time = named && clockOf(named.rest);
  if (time) {
    const at = moment(named.date, time, zone);
    return absolute(named.yearless && at > now + DAY ? moment({ ...named.date, year: named.date.year - 1 }, time, zone) : at);
  }
  const known = parseIn(value, zone, now) ?? foreign(value);
  return known === null ? null : absolute(known);
}
