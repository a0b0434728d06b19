// What the severities at the side count. Pure.

import { SEVERITIES } from '../core/state.js';

/** A click on a severity asks for it and what is above, so each counts these too; the gravest first. */
export function andAbove(values) {
  const own = new Map(values.map(({ value, count }) => [String(value), count]));
  let sum = 0;
  return SEVERITIES.toReversed().filter((name) => own.has(name)).map((value) => {
    sum += own.get(value);
    return { value, count: sum };
  });
}
