// Live tail: newest at the bottom. It follows while you are at the end; scroll up and it keeps your place and counts
// what is new. What it could not show is told as a gap, never left out silently.

import { serverNow } from '../core/clock.js';
import { parseExact } from '../core/exact_json.js';
import { isAway } from '../core/outage.js';
import { followEvents, getJson, isSaid } from '../core/http.js';
import { logParams } from '../core/state.js';
import { formatClock, toUrlTime } from '../core/time.js';
import { zone } from '../core/settings.js';
import { groups } from '../core/units.js';
import { h, textButton } from '../ui/dom.js';

const KEEP = 2000;       // rows while following
const KEEP_PAUSED = 6000; // rows while you read further up: past this, new ones are counted, not kept
const NEAR = 40;          // pixels from the end that count as "at the end"
const FIRST = 200;

/** `onRecord(record)` hears of each record as it comes, `onStream(open)` of the stream's beginning and breaks. */
export function createTail({ list, onStatus, onGapSearch, onRecord, onStream }) {
  let controller = null;
  let waiting = [];
  let frame = 0;
  let following = true;
  let unseen = 0;
  let dropped = 0;
  let lostAt = 0;
  let ready = false;
  let lastTop = 0;
  const jump = h('button', { type: 'button', class: 'button button-primary new-button', on: { click: () => follow() } });
  jump.hidden = true;

  const atEnd = () => list.node.scrollHeight - list.node.scrollTop - list.node.clientHeight < NEAR;
  const toEnd = () => {
    list.toEnd();
    lastTop = list.node.scrollTop;
  };
  // Lines that wrap anew when the window changes must not look like a person scrolling up.
  const resizes = new ResizeObserver(() => {
    if (controller && following) toEnd();
  });
  resizes.observe(list.node);
  resizes.observe(list.rows);

  function show() {
    jump.hidden = following;
    jump.textContent = unseen + dropped > 0 ? `${groups(unseen + dropped)} new ↓` : 'Go to the newest ↓';
  }

  function flushDropped() {
    if (dropped === 0) return;
    list.addGap(`${groups(dropped)} records came while you were reading further up and were not kept here. A search finds them.`);
    dropped = 0;
  }

  function follow() {
    following = true;
    unseen = 0;
    flushDropped();
    list.trim(KEEP);
    toEnd();
    show();
  }

  /** What is read must not run away: by a scroll upward, or by a row that is opened. */
  function pause() {
    if (!controller || !following) return;
    following = false;
    show();
  }

  function drain() {
    frame = 0;
    if (!ready || !controller) return;
    const batch = waiting;
    waiting = [];
    let records = [];
    const put = () => {
      if (records.length === 0) return;
      const room = following ? records.length : Math.max(0, KEEP_PAUSED - list.length);
      const added = list.add(following ? records.slice(-KEEP) : records.slice(0, room));
      if (!following) {
        unseen += added;
        dropped += Math.max(0, records.length - room);
      }
      records = [];
    };
    for (const item of batch) {
      if (item.record) records.push(item.record);
      else {
        put();
        list.addGap(item.gap, item.action);
      }
    }
    put();
    if (following) {
      list.trim(KEEP);
      toEnd();
    }
    show();
    onStatus({ count: list.size });
  }

  function enqueue(item) {
    waiting.push(item);
    if (waiting.length > KEEP * 4) waiting.splice(0, KEEP, { gap: `${groups(KEEP)} records came faster than this page could show them.` });
    frame ||= document.hidden ? setTimeout(drain, 500) : requestAnimationFrame(drain);
  }

  function onEvent({ event, data }) {
    let value;
    try {
      value = parseExact(data);
    } catch {
      enqueue({ gap: 'The server sent a record that could not be read.' });
      return;
    }
    if (event === 'record') {
      onRecord(value);
      enqueue({ record: value });
    }
    if (event === 'gap') {
      onStream(true); // the counts begin anew
      enqueue({ gap: value.skipped === null ? 'Records may be missing here: the server that answers now does not know what was shown before.'
        : `${groups(value.skipped)} records were skipped: this connection could not keep up with the stream.` });
    }
  }

  function onState(state, reason, resumed = false) {
    if (state !== 'connecting') onStream(state === 'open');
    if (state === 'lost' && lostAt === 0) lostAt = serverNow();
    if (state === 'open' && lostAt > 0) {
      const [from, to] = [lostAt - 1000, serverNow() + 1000];
      lostAt = 0;
      const when = `The connection was lost from ${formatClock(from, zone())} to ${formatClock(to, zone())}`;
      if (resumed) enqueue({ gap: `${when}; what came meanwhile follows.` });
      else enqueue({ gap: `${when}; records of that time may be missing here.`, action: textButton('Search that time', () => onGapSearch(toUrlTime(from), toUrlTime(to)), { class: 'button button-small' }) });
    }
    onStatus({ state, reason: isAway() ? '' : reason });
  }

  return {
    jump, follow, pause,
    get following() { return following; },
    onScroll() {
      if (!controller) return;
      const now = atEnd();
      const moved = list.node.scrollTop - lastTop;
      lastTop = list.node.scrollTop;
      if (now && !following && moved > 0) follow();
      else if (!now && moved < 0) pause();
    },
    /** `state`: its range is what to show of the past (liveRange). Starts the stream first and reads what was before it second, so that nothing falls between the two. */
    async start(state, terms) {
      this.stop();
      controller = new AbortController();
      const { signal } = controller;
      list.clear(terms);
      following = true;
      unseen = 0;
      dropped = 0;
      lostAt = 0;
      ready = false;
      waiting = [];
      show();
      const params = logParams(state, { without: ['from', 'to'] });
      const stream = followEvents('/api/v1/logs/tail', params, { signal, onEvent, onState });
      const past = logParams(state, { without: ['from', 'to'] });
      past.set('from', state.from);
      past.set('to', 'now');
      past.set('limit', String(FIRST));
      past.set('order', 'desc');
      getJson('/api/v1/logs', past, { key: 'logs-page', signal, exact: true }).then((page) => list.add(page.records.reverse()), (error) => {
        if (!isSaid(error)) list.addGap(`Earlier records could not be read: ${error.message}`);
      }).finally(() => {
        if (signal.aborted) return;
        ready = true;
        drain();
        if (following) toEnd();
      });
      await stream;
    },
    stop() {
      controller?.abort();
      controller = null;
      cancelAnimationFrame(frame);
      clearTimeout(frame);
      frame = 0;
      jump.hidden = true;
    },
    leave: () => resizes.disconnect(),
  };
}
