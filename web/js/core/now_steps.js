// Times told from now, as the query language writes them: now-15m, now-1.5h, now-1M, now/d, now-1d/d. Pure. The server reads them
// again, so days, weeks, months and years are those of UTC here as there.

const DAY = 86_400_000;
const MOST_MONTHS = 12_000; // as many as the server takes

/** The one table of units: `ms` or `months` long, and how people write them. */
const UNITS = [
  { unit: 's', ms: 1000, words: 's|secs?|seconds?' }, { unit: 'm', ms: 60_000, words: 'm|mins?|minutes?' }, { unit: 'h', ms: 3_600_000, words: 'h|hrs?|hours?' },
  { unit: 'd', ms: DAY, words: 'd|days?' }, { unit: 'w', ms: 7 * DAY, words: 'w|wks?|weeks?' },
  { unit: 'M', months: 1, words: 'M|mon|months?' }, { unit: 'y', months: 12, words: 'y|yrs?|years?' },
];
const unitOf = (name) => UNITS.find(({ unit }) => unit === name);

/** The last day of a shorter month stands for days that it does not have. */
function monthsLater(ms, months) {
  const at = new Date(ms);
  const [year, month] = [at.getUTCFullYear(), at.getUTCMonth() + months];
  const last = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
  return Date.UTC(year, month, Math.min(at.getUTCDate(), last)) + (ms - Math.floor(ms / DAY) * DAY);
}

function beginningOf(ms, { unit, ms: size }) {
  const at = new Date(ms);
  if (unit === 'y') return Date.UTC(at.getUTCFullYear(), 0, 1);
  if (unit === 'M') return Date.UTC(at.getUTCFullYear(), at.getUTCMonth(), 1);
  if (unit === 'w') return Math.floor(ms / DAY) * DAY - ((at.getUTCDay() + 6) % 7) * DAY; // weeks begin on Monday
  return Math.floor(ms / size) * size;
}

/** "1h30m" or "90" (seconds) → milliseconds, "2M" → months; null when it is neither. */
function distanceOf(text) {
  const calendar = /^(\d+)([My])$/.exec(text);
  if (calendar) {
    const months = Number(calendar[1]) * unitOf(calendar[2]).months;
    return months > 0 && Number(calendar[1]) <= MOST_MONTHS ? { months } : null;
  }
  if (/^\d+(\.\d+)?$/.test(text)) return { ms: Number(text) * 1000 };
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|[smhdw])/g)];
  if (parts.length === 0 || parts.map(([part]) => part).join('') !== text) return null;
  return { ms: parts.reduce((sum, [, count, unit]) => sum + Number(count) * (unit === 'ms' ? 1 : unitOf(unit).ms), 0) };
}

/** "now" and its steps → milliseconds since 1970, or null. */
export function parseNow(text, now) {
  if (!text.startsWith('now')) return null;
  let at = now;
  let left = text.slice(3);
  while (left !== '') {
    const [whole, sign, distance, begun] = /^(?:([+-])([^+\-/]+)|\/([smhdwMy]))/.exec(left) ?? [];
    if (whole === undefined) return null;
    if (begun) at = beginningOf(at, unitOf(begun));
    else {
      const step = distanceOf(distance);
      if (!step) return null;
      const by = sign === '-' ? -1 : 1;
      at = step.months ? monthsLater(at, by * step.months) : at + by * step.ms;
    }
    left = left.slice(whole.length);
  }
  return Number.isFinite(at) ? at : null;
}

/** "2 hours", "an hour", "1 month" → "2h", "1h", "1M": how a step writes it. */
export function stepText(words) {
  let text = words.trim().replace(/^an?\s+/i, '1 ');
  // A capital M alone is a month; longer words may be written in any case.
  for (const { unit, words: names } of UNITS) text = text.replace(new RegExp(`(\\d)\\s*(?:${names})(?![A-Za-z])`, 'g'), `$1${unit}`);
  for (const { unit, words: names } of UNITS) text = text.replace(new RegExp(`(\\d)\\s*(?:${names.split('|').slice(1).join('|')})(?![a-z])`, 'gi'), `$1${unit}`);
  return text.replace(/\s+/g, '').replace(/(\d)([SHDWY])(?![A-Za-z])/g, (_, digit, unit) => digit + unit.toLowerCase());
}
