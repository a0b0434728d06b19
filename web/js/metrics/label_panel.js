// Labels and values that the series of a metric really have, to filter a chart by.

import { getJson, isAborted } from '../core/http.js';
import { currentState } from '../core/router.js';
import { visibleText } from '../core/text.js';
import { h, replace } from '../ui/dom.js';

/** { label: [values…] } of a list of series, most telling first. Pure. */
export function labelValues(series) {
  const found = new Map();
  for (const one of series) {
    for (const [name, value] of Object.entries(one.labels ?? {})) {
      if (!found.has(name)) found.set(name, new Set());
      found.get(name).add(value);
    }
  }
  return [...found].map(([name, values]) => [name, [...values].sort()]).sort(([left], [right]) => (left === 'source' ? -1 : right === 'source' ? 1 : left.localeCompare(right)));
}

export function labelPanel(chart, choose) {
  return (close) => {
    const list = h('div', { class: 'menu label-menu' }, h('p', { class: 'muted small' }, 'Loading…'));
    const params = new URLSearchParams({ name: chart.name });
    currentState().deployment.forEach((value) => params.append('deployment', value));
    for (const [name, value] of Object.entries(chart.labels)) params.append(`label.${name}`, value);
    getJson('/api/v1/metrics/series', params, { key: 'label-panel' }).then((answer) => {
      const labels = labelValues(answer.series).filter(([name]) => chart.labels[name] === undefined);
      replace(list, labels.map(([name, values]) => h('fieldset', null, h('legend', null, visibleText(name)), values.slice(0, 100).map((value) =>
        h('button', { type: 'button', class: 'menu-item', on: { click: () => { close(); choose(name, value); } } }, visibleText(value))),
      values.length > 100 && h('p', { class: 'muted small' }, `and ${values.length - 100} more`))), labels.length === 0 && h('p', { class: 'muted small' }, 'There is no other label.'));
    }, (error) => {
      if (!isAborted(error)) replace(list, h('p', { class: 'small' }, error.message));
    });
    return list;
  };
}
