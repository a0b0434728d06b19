// Counts over time while records come live: the server's answer, and what came since. Pure.
//
// A record may be in an answer and come over the stream too. So an answer is asked up to a moment that lies some seconds
// back, when the stream was open already: what happened before it is in the answer, unless it was received after the
// question; what happened since is counted from the stream. Before the stream was open so long, the answer goes up to now,
// and what was received later is added.

import { parseRfc3339 } from '../core/time.js';

const BACK = 3000;    // milliseconds that an answer ends before now
const KEEP = 40_000;  // milliseconds that records of the stream are kept: longer than between two answers
const MOST = 200_000;

export function createLiveCounts() {
  let heard = [];
  let since = 0; // when the stream was opened without a break after; 0: it is not open

  return {
    /** The stream is open from now on, or broken (0). */
    open(at) {
      since = at;
      if (at === 0) heard = [];
    },
    hear(record, now) {
      const at = parseRfc3339(record.timestamp)?.ms;
      const received = parseRfc3339(record.received_at)?.ms ?? now;
      if (at === undefined) return;
      heard.push({ at, received, severity: record.severity });
      if (heard.length % 1000 === 0) heard = heard.filter((one) => now - one.received < KEEP).slice(-MOST);
    },
    /** Up to where the next answer should go; null: up to now. */
    cut: (now) => (since > 0 && since <= now - BACK ? now - BACK : null),
    /** The answer with what came since it was asked, moved on to end now. */
    join(answer, { asked, cut }, now) {
      const step = answer.step_ms;
      const ends = cut ?? asked;
      const time = (text) => parseRfc3339(text)?.ms ?? 0;
      const span = asked - time(answer.from);
      const buckets = new Map(answer.buckets.map((bucket) => [time(bucket.time), { ...bucket, counts: { ...bucket.counts } }]));
      const first = buckets.size > 0 ? buckets.keys().next().value : Math.floor(time(answer.from) / step) * step;
      const bucketOf = (at) => first + Math.floor((at - first) / step) * step;
      for (let at = bucketOf(ends); at <= now; at += step) if (!buckets.has(at)) buckets.set(at, { time: new Date(at).toISOString(), total: 0, counts: {} });
      for (const { at, received, severity } of heard) {
        const bucket = (cut !== null && at >= cut) || received > asked ? buckets.get(bucketOf(at)) : undefined;
        if (!bucket) continue;
        bucket.total += 1;
        bucket.counts[severity] = (bucket.counts[severity] ?? 0) + 1;
      }
      const from = Math.max(time(answer.from), now - span);
      return { ...answer, from: new Date(from).toISOString(), to: new Date(Math.max(now, ends)).toISOString(), buckets: [...buckets].sort(([left], [right]) => left - right).filter(([at]) => at + step > from).map(([, bucket]) => bucket) };
    },
  };
}
