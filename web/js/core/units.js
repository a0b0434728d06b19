// Numbers as people read them. Pure. The unit comes from the server when it knows one, else from the metric's name.

const BINARY = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB'];
const COUNT = ['', 'k', 'M', 'G', 'T'];

// What servers and agents call the units that are written in a short form here.
const SHORT = { bytes: 'B', byte: 'B', 'bytes/s': 'B/s', percent: '%', seconds: 's', milliseconds: 'ms', celsius: '°C' };

export function unitOf(name, declared = '') {
  if (declared) return SHORT[declared] ?? declared;
  if (/(^|[._])(usage|percent|pct)$/.test(name)) return '%';
  if (/^(net\.(in|out)|disk\.(read|write))$/.test(name)) return 'B/s';
  if (/^(ram|swap|storage)\.(used|total|free)$/.test(name) || /memory\.(used|total)$/.test(name) || /(^|[._])bytes$/.test(name)) return 'B';
  if (/celsius$/.test(name)) return '°C';
  if (/(^|[._])(seconds|_s)$/.test(name)) return 's';
  if (/(^|[._])(ms|millis|milliseconds)$/.test(name)) return 'ms';
  return '';
}

const digits = (value) => {
  const size = Math.abs(value);
  return size >= 100 ? 0 : size >= 10 ? 1 : 2;
};

/** The decimals that a step needs to be told exactly. */
function placesOf(step) {
  const exact = (places) => Math.abs(step * 10 ** places - Math.round(step * 10 ** places)) < 1e-6 * Math.max(1, step * 10 ** places);
  for (let places = 0; places < 12; places += 1) if (exact(places)) return places;
  return 12;
}

/** A number without a unit's scale. What would round to nothing, or not fit, keeps its first digits. */
function plain(value, places = digits(value)) {
  const size = Math.abs(value);
  if (size >= 1e15) return power(value);
  if (size > 0 && size < 0.5 / 10 ** places) return size < 1e-6 ? power(value) : String(Number(value.toPrecision(2)));
  return String(Number(value.toFixed(places)));
}

const power = (value, step = 0) => value.toPrecision(step > 0 ? Math.min(17, Math.max(1, Math.ceil(Math.log10(Math.abs(value) / step)) + 1)) : 3).replace(/\.?0*(e|$)/, '$1').replace('e+', 'e');

function scaled(value, base, names) {
  let size = Math.abs(value);
  let index = 0;
  while (size >= 999.5 && index < names.length - 1) {
    size /= base;
    index += 1;
  }
  return [Math.sign(value) * size, names[index], base ** index];
}

// `step`, where it is given, is the distance to the next tick of an axis: both must be told apart.

export function formatBytes(value, step = 0) {
  if (Math.abs(value) >= 1024 ** 7) return `${power(value, step)} B`;
  const [number, unit, scale] = scaled(value, 1024, BINARY);
  const places = step > 0 ? placesOf(step / scale) : unit === 'B' && Math.abs(value) >= 1 ? 0 : digits(number);
  return places > 4 ? `${grouped(value, placesOf(step))} B` : `${plain(number, places)} ${unit}`;
}

export function formatCount(value, step = 0) {
  const size = Math.abs(value);
  if (size < 10_000) return size >= 1000 ? grouped(value, step > 0 ? placesOf(step) : 0) : plain(value, step > 0 ? placesOf(step) : undefined);
  if (size >= 999.5e12) return power(value, step);
  const [number, unit, scale] = scaled(value, 1000, COUNT);
  const places = step > 0 ? placesOf(step / scale) : digits(number);
  return places > 3 ? grouped(value, placesOf(step)) : `${plain(number, places)}${unit}`;
}

/** 1234567 → "1,234,567". */
export const groups = (value) => Math.round(value).toString().replace(/\B(?=(\d{3})+$)/g, ',');

/** As groups, with decimals. */
function grouped(value, places) {
  const [whole, decimals] = value.toFixed(places).split('.');
  return `${whole.replace(/\B(?=(\d{3})+$)/g, ',')}${decimals ? `.${decimals}` : ''}`;
}

/** What is not quite all is not told as all: 99.97 stays below 100. */
function formatPercent(value, step) {
  if (step > 0) return `${plain(value, placesOf(step))} %`;
  if (Math.abs(value) >= 1000 && Math.abs(value) < 1e15) return `${grouped(value, 0)} %`;
  if (value >= 100 || value < 99.5) return `${plain(value, Math.abs(value) >= 100 ? 0 : 1)} %`;
  const places = [1, 2, 3].find((count) => Number(value.toFixed(count)) < 100) ?? 3;
  return `${Math.floor(value * 10 ** places + 1e-9) / 10 ** places} %`;
}

const PARTS = [['d', 86_400], ['h', 3600], ['min', 60], ['s', 1]];

/** "2 h 5 min": the two largest parts, or all down to `step`. */
function composed(value, step) {
  const first = PARTS.findIndex(([, size]) => Math.abs(value) >= size * (size === 86_400 ? 2 : 1));
  const last = step > 0 ? Math.max(first, PARTS.findIndex(([, size]) => step % size === 0)) : first + 1;
  let left = Math.abs(value);
  const texts = PARTS.slice(first, last + 1).map(([name, size], index) => {
    const count = Math.floor(left / size + 1e-9);
    left -= count * size;
    return index > 0 && count === 0 ? '' : `${count} ${name}`;
  }).filter(Boolean);
  return (value < 0 ? '-' : '') + texts.join(' ');
}

export function formatSeconds(value, step = 0) {
  const size = Math.abs(value);
  const exact = (scale) => (step > 0 ? placesOf(step / scale) : undefined);
  if (size < 1e-3 && size > 0) return `${plain(value * 1e6, exact(1e-6))} µs`;
  if (size < 1 && size > 0) return `${plain(value * 1e3, exact(1e-3))} ms`;
  if (size < 120 || (step > 0 && step % 1 !== 0)) return `${plain(value, exact(1))} s`;
  if (size >= 1e11) return `${power(value)} s`;
  if (size < 7170 && !(step > 0 && step % 60 !== 0)) return `${plain(value / 60, 0)} min`;
  if (size < 7200 && !(step > 0)) return `${value < 0 ? '-' : ''}2 h`; // not 120 min
  return composed(value, step);
}

/** A value as people read it; `step`: see above. */
export function formatValue(value, unit = '', step = 0) {
  if (value === null || value === undefined || !Number.isFinite(value)) return '–';
  switch (unit) {
    case '%': return formatPercent(value, step);
    case 'B': return formatBytes(value, step);
    case 'B/s': return `${formatBytes(value, step)}/s`;
    case 's': return formatSeconds(value, step);
    case 'ms': return formatSeconds(value / 1000, step / 1000);
    case '': return formatCount(value, step);
    default: return `${formatCount(value, step)} ${unit}`;
  }
}

/** What an aggregate does to a unit: a rate is per second, a count has none. */
export function aggregatedUnit(unit, agg) {
  if (agg === 'count') return '';
  if (agg !== 'rate') return unit;
  return unit === '' ? '/s' : unit.endsWith('/s') ? `${unit}²` : `${unit}/s`;
}

const TIMES = [15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 172_800, 432_000, 864_000];

/** Round tick values for an axis of a unit; bytes step in powers of two. */
export function ticks(min, max, unit, most = 5) {
  const bytes = unit === 'B' || unit === 'B/s';
  const span = max - min;
  if (!(span > 0)) return [min];
  const raw = span / most;
  const base = bytes ? 1024 ** Math.max(0, Math.floor(Math.log(raw) / Math.log(1024))) : 10 ** Math.floor(Math.log10(raw));
  const factors = bytes ? [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024] : [1, 2, 2.5, 5, 10];
  const round = unit === 's' && raw > 10 && TIMES.find((size) => size >= raw);
  const step = round || base * (factors.find((factor) => base * factor >= raw) ?? factors.at(-1));
  const found = [];
  // Counted, not summed: far from 0 the sum of small steps drifts, or does not move at all.
  const first = Math.ceil(min / step - 1e-9) + 0; // never -0
  for (let index = first; index * step <= max + step * 1e-9 && found.length <= most * 3; index += 1) found.push(Number.isInteger(step) ? index * step : Number((index * step).toPrecision(15)));
  return found;
}

/** The distance of ticks. Far from 0 the difference of two decimals is only nearly a round number; of whole numbers, as
 *  bytes step, it is exact: 2^20 rounded to six digits would be told as 1,048,580. */
function distance(values) {
  if (values.length < 2) return 0;
  const step = values[1] - values[0];
  return values.every(Number.isInteger) ? step : Number(step.toPrecision(6));
}

/** The texts of ticks: as precise as their distance. */
export const tickTexts = (values, unit) => values.map((value) => formatValue(value, unit, distance(values)));
