// A long list of rows of any height, of which only those in and near the window are elements. The others are space above
// and below, as tall as they were when they were last seen, or as rows are on average. What is at the top of the window
// stays where it is, whatever turns out taller, comes in above, or goes.

const NEAR = 500; // pixels above and below the window that are kept as elements

/** `scroller` scrolls `list`, whose children are the rows. `render(value)` makes the element of a row.
 *  An entry is { value, node, height }; node is null while it is out of sight. */
export function createVirtualRows({ scroller, list, render, estimate = 26 }) {
  let entries = [];
  let offsets = [0];   // of each entry's top, and the end
  let fresh = true;    // are the offsets those of the entries?
  let measured = 0;
  let measuredSum = 0;
  let width = 0;
  let frame = 0;

  function tops() {
    if (fresh) return offsets;
    const usual = measured > 0 ? measuredSum / measured : estimate;
    offsets = new Array(entries.length + 1);
    let at = 0;
    entries.forEach((entry, index) => {
      offsets[index] = at;
      at += entry.height || usual;
    });
    offsets[entries.length] = at;
    fresh = true;
    return offsets;
  }

  /** The entry that covers the height `y`. */
  function indexAt(y) {
    const all = tops();
    let [low, high] = [0, entries.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (all[middle] <= y) low = middle;
      else high = middle - 1;
    }
    return Math.max(0, low);
  }

  function drop(entry) {
    if (!entry.node) return;
    if (entry.node.contains(document.activeElement)) scroller.focus({ preventScroll: true });
    entry.node.remove();
    entry.node = null;
  }

  function place(first, end) {
    const wanted = new Set(entries.slice(first, end));
    for (const node of [...list.children]) if (!wanted.has(node.entry)) drop(node.entry);
    let before = list.firstChild;
    for (let index = first; index < end; index += 1) {
      const entry = entries[index];
      if (!entry.node) {
        entry.node = render(entry.value);
        entry.node.entry = entry;
      }
      if (entry.node === before) before = before.nextSibling;
      else list.insertBefore(entry.node, before);
      entry.node.setAttribute('aria-posinset', index + 1);
      entry.node.setAttribute('aria-setsize', entries.length);
    }
    const all = tops();
    list.style.paddingTop = `${all[first]}px`;
    list.style.paddingBottom = `${all[entries.length] - all[end]}px`;
  }

  /** Did a row that is shown turn out to be of another height than was thought? */
  function measure() {
    let changed = false;
    for (const { entry } of list.children) {
      const { height } = entry.node.getBoundingClientRect();
      if (height === 0 || Math.abs(height - entry.height) < 0.25) continue;
      if (entry.height === 0) {
        measured += 1;
        measuredSum += height;
      }
      entry.height = height;
      changed = true;
    }
    if (changed) fresh = false;
    return changed;
  }

  const anchorNow = () => {
    if (entries.length === 0) return null;
    const entry = entries[indexAt(scroller.scrollTop)];
    return { entry, top: tops()[entries.indexOf(entry)] - scroller.scrollTop };
  };

  function hold(anchor) {
    const index = anchor ? entries.indexOf(anchor.entry) : -1;
    if (index < 0) return;
    const wanted = tops()[index] - anchor.top;
    if (Math.abs(wanted - scroller.scrollTop) >= 1) scroller.scrollTop = wanted;
  }

  /** Brings the elements up to date with the window. Rows above that were thought lower push nothing away: `anchor` stays. */
  function update(anchor = anchorNow()) {
    for (let round = 0; round < 5; round += 1) {
      const { scrollTop, clientHeight } = scroller;
      const first = entries.length === 0 ? 0 : indexAt(scrollTop - NEAR);
      const end = entries.length === 0 ? 0 : indexAt(scrollTop + clientHeight + NEAR) + 1;
      place(first, end);
      if (!measure()) return;
      place(first, end);
      hold(anchor);
    }
  }

  function soon() {
    frame ||= requestAnimationFrame(() => {
      frame = 0;
      if (scroller.clientWidth !== width) forget();
      else update();
    });
  }

  /** All heights may be others now: the window became wider, or lines wrap. */
  function forget() {
    const anchor = anchorNow();
    width = scroller.clientWidth;
    for (const entry of entries) entry.height = 0;
    [measured, measuredSum, fresh] = [0, 0, false];
    update(anchor);
  }

  scroller.addEventListener('scroll', () => update(), { passive: true });
  const resizes = new ResizeObserver(soon);
  resizes.observe(scroller);
  resizes.observe(list);

  return {
    get entries() { return entries; },
    get size() { return entries.length; },
    forget,
    /** Puts `values` at `at` instead of `remove` entries. `keep`: what is at the top of the window stays there. */
    splice(at, remove, values, { keep = true } = {}) {
      const anchor = keep ? anchorNow() : null;
      const added = values.map((value) => ({ value, node: null, height: 0 }));
      const gone = entries.slice(at, at + remove);
      entries = [...entries.slice(0, at), ...added, ...entries.slice(at + remove)];
      gone.forEach(drop);
      fresh = false;
      // The space below must be there before the window can be moved down to it.
      list.style.paddingBottom = `${tops()[entries.length]}px`;
      hold(anchor);
      update(anchor ?? undefined);
    },
    /** The element of an entry, brought into the window. */
    reveal(index) {
      const { scrollTop, clientHeight } = scroller;
      const [top, end] = [tops()[index], tops()[index + 1]];
      if (top < scrollTop) scroller.scrollTop = top;
      else if (end > scrollTop + clientHeight) scroller.scrollTop = end - clientHeight;
      update();
      entries[index].node?.scrollIntoView({ block: 'nearest' });
      return entries[index].node;
    },
    toEnd() {
      for (let round = 0; round < 5; round += 1) {
        const end = scroller.scrollHeight - scroller.clientHeight;
        if (round > 0 && scroller.scrollTop >= end - 1) return;
        scroller.scrollTop = end;
        update(null);
      }
    },
    stop() {
      cancelAnimationFrame(frame);
      resizes.disconnect();
    },
  };
}
