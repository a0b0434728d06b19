// Log text is written by strangers. These functions prepare it for textContent: nothing here makes markup. Pure.

import { ExactNumber, writeExact } from './exact_json.js';

// What terminals take as commands: colours and moves (CSI), titles and links (OSC), character sets and the like; begun by the
// escape character, by its one-byte form, or by how loggers write it (#033 of rsyslog, \x1b, \033, \u001b, ^[) before a colour.
const ANSI = new RegExp(['(?:\\u001b\\[|\\u009b)[0-?]*[ -/]*[@-~]', '\\u001b\\][^\\u0007\\u001b\\n]*(?:\\u0007|\\u001b\\\\)?', '\\u001b[ -/]+[0-~]', '\\u001b[78=>cDEHMNOZ]',
  '(?:#033|\\\\x1[bB]|\\\\033|\\\\u001[bB]|\\\\e|\\^\\[|␛)\\[[0-9;:]*m'].join('|'), 'g');
const INVISIBLE = /[\u0000-\u0008\u000b-\u001f\u007f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** Terminal colours are dropped; other control and direction-changing characters are shown, so that they cannot deceive. */
export function visibleText(text) {
  const value = String(text).replaceAll('\r\n', '\n').replace(ANSI, '');
  return value.replace(INVISIBLE, (found) => {
    const code = found.codePointAt(0);
    if (code < 0x20) return String.fromCodePoint(0x2400 + code);
    return code === 0x7f ? '\u2421' : `‹U+${code.toString(16).toUpperCase().padStart(4, '0')}›`;
  });
}

export function shorten(text, most) {
  return text.length <= most ? text : `${text.slice(0, most)}…`;
}

/** Where any of the terms occurs in the text, case-insensitively: sorted, merged [start, end) pairs, at most `most`. */
export function highlightRanges(text, terms, most = 50) {
  const lower = text.toLowerCase();
  const found = [];
  if (lower.length !== text.length) return found;
  for (const term of terms) {
    const wanted = term.toLowerCase();
    if (wanted === '') continue;
    for (let at = lower.indexOf(wanted), count = 0; at >= 0 && count < most; at = lower.indexOf(wanted, at + wanted.length), count += 1) {
      found.push([at, at + wanted.length]);
    }
  }
  found.sort((left, right) => left[0] - right[0]);
  const merged = [];
  for (const range of found) {
    const last = merged.at(-1);
    if (last && range[0] <= last[1]) last[1] = Math.max(last[1], range[1]);
    else merged.push(range);
  }
  return merged.slice(0, most);
}

export function fieldText(value) {
  if (value === null) return 'null';
  return typeof value === 'object' && !(value instanceof ExactNumber) ? writeExact(value) : String(value);
}

const SHORT = 12; // characters: names up to this always have room
const TAIL = 9;

/** A name as [what may be cut, what stays]. */
export function splitName(text) {
  const letters = [...text];
  if (letters.length <= SHORT) return [text, ''];
  return [letters.slice(0, -TAIL).join(''), letters.slice(-TAIL).join('')];
}
