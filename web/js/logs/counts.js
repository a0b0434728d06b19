// The histogram above the rows, loaded, and kept up to date while records come live. A failure of the counts is told where
// they would stand: the rows may be there all the same, and must not look like all there is.

import { serverNow } from '../core/clock.js';
import { getJson, isAborted, isSaid } from '../core/http.js';
import { logParams } from '../core/state.js';
import { niceStep, parseRfc3339, resolveRange, toUrlTime } from '../core/time.js';
import { createHistogram } from '../charts/histogram.js';
import { h } from '../ui/dom.js';
import { errorSlot } from '../ui/feedback.js';
import { createLiveCounts } from './live_counts.js';

const BAR = 9;       // pixels
const REDRAW = 400;  // milliseconds between a record that comes live and its bar
const SECOND_LOOK = 4000; // … until the first answer, which may have missed what was on its way, is asked again

/** `onRetry(state)`: the user asks again after a failure. */
export function createCounts({ onSelect, onRetry }) {
  const problem = errorSlot();
  const histogram = createHistogram({ onSelect });
  let live = null;
  let shown = null; // { answer, at: what join() needs }
  let timer = 0;
  let again = 0;

  function redraw() {
    timer = 0;
    if (live && shown) histogram.show(live.join(shown.answer, shown.at, serverNow()));
  }

  async function load(state) {
    const params = logParams(state);
    const range = resolveRange(state, serverNow());
    params.set('step', niceStep(range.to - range.from, Math.min(120, Math.max(30, Math.floor((histogram.node.clientWidth || 800) / BAR)))));
    const cut = live?.cut(serverNow()) ?? null;
    if (cut !== null) params.set('to', toUrlTime(cut));
    const mine = live;
    const asked = serverNow();
    try {
      const answer = await getJson('/api/v1/logs/histogram', params, { key: 'histogram' });
      if (live !== mine) return;
      histogram.node.hidden = false;
      shown = { answer, at: { cut, asked: cut === null ? parseRfc3339(answer.to)?.ms ?? asked : asked } };
      if (live) redraw();
      else histogram.show(answer);
      problem.clear();
      if (live && cut === null) again = setTimeout(() => load(state).catch(() => {}), SECOND_LOOK);
    } catch (error) {
      if (isAborted(error)) throw error;
      if (isSaid(error)) return; // what is there stays, marked as of an earlier search if it is
      histogram.clear();
      histogram.node.hidden = true;
      if (error.status !== 400) problem.show(`The counts over time could not be loaded. ${error.message}`, () => onRetry(state));
    }
    histogram.node.classList.remove('outdated');
  }

  return {
    load,
    node: h('div', { class: 'counts' }, problem.node, histogram.node),
    get known() { return histogram.known; },
    get total() { return histogram.total; },
    /** What is shown belongs to an earlier search. */
    expect: () => histogram.node.classList.add('outdated'),
    /** From here on records are heard of as they come, or no more. */
    live(on) {
      clearTimeout(timer);
      clearTimeout(again);
      timer = 0;
      shown = null;
      live = on ? createLiveCounts() : null;
    },
    /** The stream of records is open, or broken: then something may be missing from it. */
    stream: (open) => live?.open(open ? serverNow() : 0),
    hear(record) {
      live?.hear(record, serverNow());
      timer ||= setTimeout(redraw, REDRAW);
    },
    stop() {
      clearTimeout(timer);
      clearTimeout(again);
      histogram.stop();
    },
  };
}
