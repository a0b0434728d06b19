// The histogram above the rows, loaded. A failure of the counts is told where they would stand: the rows may be there all
// the same, and must not look like all there is.

import { serverNow } from '../core/clock.js';
import { getJson, isAborted, isSaid } from '../core/http.js';
import { logParams } from '../core/state.js';
import { niceStep, resolveRange } from '../core/time.js';
import { createHistogram } from '../charts/histogram.js';
import { h } from '../ui/dom.js';
import { errorSlot } from '../ui/feedback.js';

const BAR = 9; // pixels

/** `onRetry(state)`: the user asks again after a failure. */
export function createCounts({ onSelect, onRetry }) {
  const problem = errorSlot();
  const histogram = createHistogram({ onSelect });

  return {
    node: h('div', { class: 'counts' }, problem.node, histogram.node),
    get known() { return histogram.known; },
    get total() { return histogram.total; },
    /** What is shown belongs to an earlier search. */
    expect: () => histogram.node.classList.add('outdated'),
    async load(state) {
      const params = logParams(state);
      const range = resolveRange(state, serverNow());
      params.set('step', niceStep(range.to - range.from, Math.min(120, Math.max(30, Math.floor((histogram.node.clientWidth || 800) / BAR)))));
      try {
        const answer = await getJson('/api/v1/logs/histogram', params, { key: 'histogram' });
        histogram.node.hidden = false;
        histogram.show(answer);
        problem.clear();
      } catch (error) {
        if (isAborted(error)) throw error;
        if (isSaid(error)) return; // what is there stays, marked as of an earlier search if it is
        histogram.clear();
        histogram.node.hidden = true;
        if (error.status !== 400) problem.show(`The counts over time could not be loaded. ${error.message}`, () => onRetry(state));
      }
      histogram.node.classList.remove('outdated');
    },
    stop: () => histogram.stop(),
  };
}
