// Numbers as people read them. Pure. The unit comes from the server when it knows one, else from the metric's name.

const BINARY = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
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

function plain(value, places = digits(value)) {
  return String(Number(value.toFixed(places)));
}

function scaled(value, base, names) {
  let size = Math.abs(value);
  let index = 0;
  while (size >= 999.5 && index < names.length - 1) {
    size /= base;
    index += 1;
  }
  return [Math.sign(value) * size, names[index]];
}

export function formatBytes(value) {
  const [number, unit] = scaled(value, 1024, BINARY);
  return `${plain(number, unit === 'B' ? 0 : digits(number))} ${unit}`;
}

export function formatCount(value) {
  if (Math.abs(value) < 10_000) return Math.abs(value) >= 1000 ? groups(Math.round(value)) : plain(value);
  const [number, unit] = scaled(value, 1000, COUNT);
  return `${plain(number)}${unit}`;
}

/** 1234567 → "1,234,567". */
export const groups = (value) => Math.round(value).toString().replace(/\B(?=(\d{3})+$)/g, ',');

export function formatSeconds(value) {
  const size = Math.abs(value);
  if (size < 1e-3 && size > 0) return `${plain(value * 1e6)} µs`;
  if (size < 1 && size > 0) return `${plain(value * 1e3)} ms`;
  if (size < 120) return `${plain(value)} s`;
  if (size < 7200) return `${plain(value / 60, 0)} min`;
  const hours = Math.floor(value / 3600);
  return hours < 48 ? `${hours} h ${Math.floor((value % 3600) / 60)} min` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

export function formatValue(value, unit = '') {
  if (value === null || value === undefined || !Number.isFinite(value)) return '–';
  switch (unit) {
    case '%': return `${plain(value, Math.abs(value) >= 100 ? 0 : 1)} %`;
    case 'B': return formatBytes(value);
    case 'B/s': return `${formatBytes(value)}/s`;
    case 's': return formatSeconds(value);
    case 'ms': return formatSeconds(value / 1000);
    case '': return formatCount(value);
    default: return `${formatCount(value)} ${unit}`;
  }
}

/** What an aggregate does to a unit: a rate is per second, a count has none. */
export function aggregatedUnit(unit, agg) {
  if (agg === 'count') return '';
  if (agg !== 'rate') return unit;
  return unit === '' ? '/s' : unit.endsWith('/s') ? `${unit}²` : `${unit}/s`;
}

/** Round tick values for an axis of a unit; bytes step in powers of two. */
export function ticks(min, max, unit, most = 5) {
  const bytes = unit === 'B' || unit === 'B/s';
  const span = max - min;
  if (!(span > 0)) return [min];
  const raw = span / most;
  const base = bytes ? 1024 ** Math.max(0, Math.floor(Math.log(raw) / Math.log(1024))) : 10 ** Math.floor(Math.log10(raw));
  const factors = bytes ? [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024] : [1, 2, 2.5, 5, 10];
  const step = base * (factors.find((factor) => base * factor >= raw) ?? factors.at(-1));
  const found = [];
  for (let value = Math.ceil(min / step) * step; value <= max + step * 1e-9; value += step) found.push(Number(value.toPrecision(12)));
  return found;
}
