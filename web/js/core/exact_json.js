// JSON whose numbers keep the digits they were sent with. A double holds 15 to 17 of them, and a field of a log record may
// have more: an order number that ends in other digits than it was written with is a wrong answer. Pure.

/** A number that a double would change: its text. */
export class ExactNumber {
  constructor(text) {
    this.text = text;
  }

  toString() {
    return this.text;
  }
}

// A first, quick look at what a double may not give back: many digits, an exponent, zeros at the end. It may be wrong about
// text in strings, which costs time only.
const SUSPECT = /[:,[]\s*-?(?:[\d.]{16}|\d+(?:\.\d+)?[eE]|\d+\.\d*0(?!\d))/;
const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

const freshMark = () => `exact-${Math.random().toString(36).slice(2)}:`;

/** JSON.parse, but numbers that are not written as JavaScript would write them come as ExactNumber. */
export function parseExact(text) {
  if (!SUSPECT.test(text)) return JSON.parse(text);
  const mark = freshMark();
  let kept = false;
  const marked = text.replace(TOKEN, (token) => {
    if (token[0] === '"' || String(Number(token)) === token) return token;
    kept = true;
    return `"${mark}${token}"`;
  });
  if (!kept) return JSON.parse(text);
  return JSON.parse(marked, (_, value) => (typeof value === 'string' && value.startsWith(mark) ? new ExactNumber(value.slice(mark.length)) : value));
}

/** JSON.stringify that gives back the digits which parseExact kept. */
export function writeExact(value, indent) {
  const mark = freshMark();
  const text = JSON.stringify(value, (_, item) => (item instanceof ExactNumber ? `${mark}${item.text}` : item), indent);
  return text.replace(new RegExp(`"${mark}([^"]*)"`, 'g'), '$1');
}
