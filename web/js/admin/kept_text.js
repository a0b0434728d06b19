// Bounds, ages and sizes as they are shown and typed in the administration. Pure.

import { formatSpan } from '../core/time.js';
import { formatBytes, groups } from '../core/units.js';

/** What may be sent of a metric. */
export function rangeText({ min = null, max = null }) {
  if (min !== null && max !== null) return `${min} to ${max}`;
  return min !== null ? `${min} or more` : max !== null ? `${max} or less` : 'anything';
}

/** A bound that was typed; null for none. */
export function boundOf(text, which) {
  const typed = text.trim().replace(',', '.');
  if (typed === '') return null;
  const value = Number(typed);
  if (!Number.isFinite(value)) throw new Error(`The ${which} value must be a number, or nothing.`);
  return value;
}

/** How long and how much is kept. */
export const keptText = ({ keep_s: seconds = 0, keep_bytes: bytes = 0 } = {}) => [seconds > 0 ? formatSpan(seconds * 1000) : '', bytes > 0 ? `up to ${formatBytes(bytes)}` : ''].filter(Boolean).join(', ') || 'for ever';

/** Which rule says so. */
export function ruleText(by) {
  if (!by) return 'no rule';
  const place = by.deployment === '*' ? (by.kind === '*' ? 'for all' : `for all ${by.kind}`) : 'for this deployment';
  return by.from === 'set' ? `set here, ${place}` : `configured, ${place}`;
}

const UNITS = [['w', 604_800], ['d', 86_400], ['h', 3600], ['m', 60], ['s', 1]];

/** Seconds as they are typed: 30d, 12h; for ever is empty. */
export function ageInput(seconds = 0) {
  if (seconds === 0) return '';
  const [unit, size] = UNITS.slice(1).find(([, one]) => seconds % one === 0);
  return `${seconds / size}${unit}`;
}

const SIZES = { b: 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3, t: 1024 ** 4, p: 1024 ** 5 };

/** "2 GiB", "500M" or bytes; nothing is no limit, which is 0. */
export function bytesOf(text) {
  const typed = text.trim().toLowerCase().replace(',', '.');
  if (typed === '' || typed === '0') return 0;
  const [, number, unit] = /^(\d+(?:\.\d+)?)\s*(?:([kmgtp]?)i?b?)$/.exec(typed) ?? [];
  if (number === undefined) throw new Error('A size is a number with a unit, such as 20 GiB; leave it empty where there is no limit.');
  return Math.round(Number(number) * SIZES[unit || 'b']);
}

/** Bytes as they are typed. */
export function sizeInput(bytes = 0) {
  if (bytes === 0) return '';
  const [unit, size] = Object.entries(SIZES).reverse().find(([, one]) => bytes % one === 0);
  return `${bytes / size} ${unit === 'b' ? 'B' : `${unit.toUpperCase()}iB`}`;
}

/** What a change of retention removes at once, as a sentence; '' when nothing goes. */
export function lossText(kind, { records = 0, bytes = 0 } = {}) {
  return records === 0 ? '' : `About ${groups(records)} ${kind === 'logs' ? 'logs' : 'samples'} (${formatBytes(bytes)}) are past that limit and go at once. This cannot be undone.`;
}
