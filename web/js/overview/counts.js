// Log counts of the last hour by source, out of the overview's answer. Pure.

import { keyOf } from './sources.js';

export const ERRORS = ['ERROR', 'FATAL'];

export const errorsOf = (counts) => ERRORS.reduce((sum, name) => sum + (counts?.[name] ?? 0), 0);

/** { sources: key → { deployment, source, total, errors }, left: sources that are not among them, approximate }. */
export function readCounts(answer) {
  const list = answer.sources ?? [];
  return {
    sources: new Map(list.map(({ deployment, source, records, counts }) => [keyOf(deployment, source), { deployment, source, total: records, errors: errorsOf(counts) }])),
    left: Math.max(0, (answer.sources_total ?? list.length) - list.length),
    approximate: answer.approximate === true,
  };
}
