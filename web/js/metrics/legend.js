// The table below a chart: a row for each line, which shows or hides it, and one for the lines that are not drawn.

import { groups } from '../core/units.js';
import { visibleText } from '../core/text.js';
import { h, replace } from '../ui/dom.js';
import { nameParts } from '../ui/name.js';

const TOLD = ['last', 'avg', 'min', 'max'];

/** `hidden`: the names that are not shown; `onChange` runs after it changed, `onPoint(index, on)` while a row is pointed at. */
export function drawLegend(node, { lines, rest, hidden, format, onChange, onPoint }) {
  function toggle(name, alone) {
    const shown = !hidden.has(name);
    if (alone) {
      const was = hidden.size === lines.length - 1 && shown;
      hidden.clear();
      if (!was) lines.filter((line) => line.name !== name).forEach((line) => hidden.add(line.name));
    } else if (shown) hidden.add(name);
    else hidden.delete(name);
    onChange();
  }

  const row = (line, index) => h('tr', { class: hidden.has(line.name) ? 'off' : '', on: { mouseenter: () => onPoint(index, true), mouseleave: () => onPoint(index, false) } },
    h('th', { scope: 'row' }, h('button', { type: 'button', class: 'legend-name', data: { key: `line ${line.name}` }, 'aria-pressed': String(!hidden.has(line.name)), title: `${visibleText(line.name)}\nShow or hide; Shift shows only this`,
      on: { click: (event) => toggle(line.name, event.altKey || event.shiftKey) } }, h('i', { class: 'swatch', vars: { '--swatch': line.color } }), h('span', { class: 'name' }, nameParts(line.name)))),
    TOLD.map((name) => h('td', null, format(line.told[name]))));

  replace(node, lines.length > 0 && h('table', null,
    h('thead', null, h('tr', null, h('th', { scope: 'col' }, h('span', { class: 'sr-only' }, 'series')), TOLD.map((name) => h('th', { scope: 'col' }, name)))),
    h('tbody', null, lines.map(row), rest && h('tr', { class: 'legend-rest' }, h('th', { scope: 'row' }, h('span', { class: 'legend-name' }, h('i', { class: 'swatch swatch-rest' }), h('span', null, `${groups(rest.count)} smaller ones, as one area`))),
      h('td'), h('td'), h('td', null, format(Math.min(...rest.points.map(([, low]) => low)))), h('td', null, format(Math.max(...rest.points.map(([, , high]) => high))))))));
}
