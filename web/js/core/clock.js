// The server's time. This device's clock may be minutes off; ages and ranges are told by the server's then.

const TOLERANCE = 3000; // milliseconds: nearer than this, the clocks agree

let skew = 0;

/** How far this device's clock is behind the server's, out of an answer's Date header, which tells whole seconds; 0 when
 *  they agree within what can be known. Pure. */
export function skewOf(date, asked, answered) {
  const told = Date.parse(date ?? '');
  if (Number.isNaN(told)) return null;
  const offset = told + 500 - (asked + answered) / 2;
  return Math.abs(offset) > TOLERANCE + 500 + (answered - asked) / 2 ? Math.round(offset) : 0;
}

export function hearDate(date, asked, answered) {
  skew = skewOf(date, asked, answered) ?? skew;
}

export const serverNow = () => Date.now() + skew;
