// What a chart tells at the pointer: the time, the nearest line and the five largest, in a box that stays within the chart.

import { zone } from '../core/settings.js';
import { formatDateTime } from '../core/time.js';
import { groups } from '../core/units.js';
import { h, replace } from '../ui/dom.js';
import { nameParts } from '../ui/name.js';
import { hasBand, pointAt, tipAt } from './lines.js';

const REACH = 24; // pixels from the pointer to a point, sideways

/** `scale()`: { left, top, width, height, from, to, low, high } of the drawing inside `plot`, or null; `lines()`: those shown. */
export function createTooltip(plot, { scale, lines, rest, format }) {
  const rule = h('div', { class: 'plot-rule', 'aria-hidden': 'true' });
  const tip = h('div', { class: 'chart-tip plot-tip', 'aria-hidden': 'true' });
  [rule.hidden, tip.hidden] = [true, true];
  let dragging = false;

  const hide = () => { [rule.hidden, tip.hidden] = [true, true]; };

  function row({ line, point }, nearest) {
    return h('div', { class: `tip-row${nearest ? ' tip-nearest' : ''}` }, h('i', { class: 'swatch', vars: { '--swatch': line.color } }),
      h('span', { class: 'name' }, nameParts(line.name)), h('b', null, format(point[1])));
  }

  /** The span of an average's samples, where there is one. */
  function span({ line, point }) {
    if (!hasBand(line)) return null;
    const [low, high] = [line.low, line.high].map((edge) => pointAt(edge, point[0], 0)?.[1]);
    return low === undefined || high === undefined ? null : h('div', { class: 'tip-span muted' }, `${format(low)} to ${format(high)} in this step`);
  }

  function show(event) {
    const area = scale();
    if (!area || dragging) return hide();
    const box = plot.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left - area.left, event.clientY - box.top - area.top];
    if (x < 0 || x > area.width || y < 0 || y > area.height) return hide();
    const perPixel = (area.to - area.from) / area.width;
    const found = tipAt(lines(), area.from + x * perPixel, area.high - (y / area.height) * (area.high - area.low), Math.max(area.step * 0.75, REACH * perPixel));
    if (!found) return hide();
    const { nearest, largest, others } = found;
    const left = rest();
    replace(tip, h('strong', null, formatDateTime(found.time, zone())), !largest.includes(nearest) && row(nearest, true), span(nearest),
      largest.map((one) => row(one, one === nearest)), others + (left?.count ?? 0) > 0 && h('div', { class: 'muted' }, `and ${groups(others + (left?.count ?? 0))} more`));
    [rule.hidden, tip.hidden] = [false, false];
    const at = area.left + (found.time - area.from) / perPixel;
    rule.style.left = `${Math.max(area.left, Math.min(area.left + area.width, at))}px`;
    rule.style.top = `${area.top}px`;
    rule.style.height = `${area.height}px`;
    const room = box.width - tip.offsetWidth;
    const right = at + 14;
    tip.style.left = `${Math.max(0, Math.min(right > room ? at - 14 - tip.offsetWidth : right, room))}px`;
    tip.style.top = `${Math.max(0, Math.min(y + area.top - tip.offsetHeight / 2, box.height - tip.offsetHeight))}px`;
    return undefined;
  }

  plot.addEventListener('pointermove', show);
  plot.addEventListener('pointerdown', (event) => {
    // A mouse button begins to zoom; a finger asks what is there.
    dragging = event.pointerType === 'mouse';
    if (dragging) hide();
    else show(event);
  }, true);
  window.addEventListener('pointerup', release);
  window.addEventListener('pointercancel', release);
  plot.addEventListener('pointerleave', (event) => { if (event.pointerType === 'mouse') hide(); });
  document.addEventListener('pointerdown', elsewhere);

  function release() { dragging = false; }

  function elsewhere(event) {
    if (!plot.contains(event.target)) hide();
  }

  return {
    nodes: [rule, tip], hide,
    stop() {
      window.removeEventListener('pointerup', release);
      window.removeEventListener('pointercancel', release);
      document.removeEventListener('pointerdown', elsewhere);
    },
  };
}
