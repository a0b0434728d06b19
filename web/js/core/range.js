// Ranges that move and grow. Pure.

import { resolveRange, toUrlTime } from './time.js';

const SPANS = [['w', 604_800_000], ['d', 86_400_000], ['h', 3_600_000], ['m', 60_000], ['s', 1000]];
const LEAST = 1000;

/** A width as "90m": whole, in the largest unit that tells it exactly; '' when seconds do not. */
export function spanText(ms) {
  const found = SPANS.find(([, size]) => ms >= size && ms % size === 0);
  return found ? `${ms / found[1]}${found[0]}` : '';
}

const absolute = (from, to) => ({ from: toUrlTime(from), to: toUrlTime(to) });

/** The range that ends now; '' in a link's words where its width has none. */
function live(width, now) {
  const span = spanText(Math.round(width));
  return { from: span ? `now-${span}` : toUrlTime(now - width), to: 'now' };
}

/** `scale` times as wide, exactly: about its middle, but not into the future, and up to now where it ended now. */
export function zoomRange(range, scale, now = Date.now()) {
  const { from, to } = resolveRange(range, now);
  const width = Math.max(LEAST, Math.round((to - from) * scale));
  if (range.to === 'now') return live(width, now);
  const end = Math.round(Math.min(to + (width - (to - from)) / 2, Math.max(now, to)));
  return absolute(end - width, end);
}

/** Moved by a part of its width. Less than half a width from now, the way back leads to what is live. */
export function moveRange(range, by, now = Date.now()) {
  const { from, to } = resolveRange(range, now);
  const width = to - from;
  const end = Math.round(to + by * width);
  if (by > 0 && to <= now && end + Math.abs(by) * width > now) return live(width, now);
  return absolute(end - width, end);
}
