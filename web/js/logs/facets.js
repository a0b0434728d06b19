// What is in the records found: counts by severity, source and any field. Each value can be asked for or excluded.

import { getJson, isAborted } from '../core/http.js';
import { logParams } from '../core/state.js';
import { visibleText } from '../core/text.js';
import { formatCount, groups } from '../core/units.js';
import { button, h, replace } from '../ui/dom.js';
import { icon } from '../ui/icons.js';
import { partialBadge } from '../ui/feedback.js';

const SHOWN = 10;

export function createFacets({ onFilter, onExclude }) {
  const severity = section('Severity', 'severity');
  const source = section('Source', 'source');
  const fields = h('div', { class: 'facet-fields' });
  const node = h('aside', { class: 'facets', 'aria-label': 'Filters' }, severity.node, source.node, h('h3', { class: 'facet-title' }, 'Fields'), fields);
  const opened = new Set();
  let state = null;

  function section(title, field) {
    const list = h('div', { class: 'facet-values' });
    return { node: h('section', { class: 'facet', data: { field } }, h('h3', { class: 'facet-title' }, title), list), list };
  }

  function values(list, field, answer) {
    const most = Math.max(1, ...answer.values.map((item) => item.count));
    const chosen = (value) => (field === 'source' ? state.source.includes(value) : field === 'severity' ? state.severity === value
      : state.fields.some(([name, wanted]) => name === field && wanted === value));
    replace(list, answer.values.slice(0, 40).map((item) => {
      const value = String(item.value);
      return h('div', { class: 'facet-row' },
        h('button', { type: 'button', class: 'facet-value', 'aria-pressed': String(chosen(value)), title: `${visibleText(value)} · ${groups(item.count)}`,
          vars: { '--share': `${(100 * item.count) / most}%` }, on: { click: () => onFilter(field, value) } },
        field === 'severity' && h('i', { class: `dot sev-bg-${value}` }), h('span', { class: 'facet-name' }, value === '' ? '(empty)' : visibleText(value)), h('span', { class: 'facet-count' }, formatCount(item.count))),
        field !== 'severity' && button(`Without ${visibleText(value)}`, () => onExclude(field, value), { class: 'icon-button facet-not' }, icon('minus')));
    }), answer.missing > 0 && field !== 'severity' && field !== 'source' && h('div', { class: 'facet-missing muted small' }, `${formatCount(answer.missing)} without it`),
    answer.values.length === 0 && h('div', { class: 'muted small' }, 'Nothing here.'), partialBadge(answer.stats));
  }

  async function loadInto(list, field, without, limit = 20) {
    const params = logParams(state, { without });
    params.set('field', field);
    params.set('limit', String(limit));
    try {
      values(list, field, await getJson('/api/v1/logs/facets', params, { key: `facet-${field}` }));
    } catch (error) {
      if (!isAborted(error)) replace(list, h('div', { class: 'small muted' }, error.message));
    }
  }

  function fieldEntry({ name, count, types }) {
    const list = h('div', { class: 'facet-values' });
    const entry = h('details', { class: 'facet-field', data: { field: name } },
      h('summary', null, icon('chevron'), h('span', { class: 'facet-name' }, visibleText(name)), h('span', { class: 'facet-count', title: (types ?? []).join(', ') }, formatCount(count))), list);
    entry.open = opened.has(name);
    const load = () => loadInto(list, name, [`field.${name}`], SHOWN);
    // The event comes after the click; an entry that was replaced in between has handed its state on (keepOpened).
    entry.addEventListener('toggle', () => {
      if (!entry.isConnected) return;
      if (!entry.open) opened.delete(name);
      else {
        opened.add(name);
        load();
      }
    });
    return entry;
  }

  function keepOpened() {
    for (const entry of fields.querySelectorAll('.facet-field')) {
      if (entry.open) opened.add(entry.dataset.field);
      else opened.delete(entry.dataset.field);
    }
  }

  async function loadFields() {
    try {
      const answer = await getJson('/api/v1/logs/fields', logParams(state), { key: 'fields' });
      const own = answer.fields.filter((item) => !['source', 'severity', 'deployment', 'message'].includes(item.name)).sort((left, right) => right.count - left.count);
      keepOpened();
      replace(fields, own.slice(0, 60).map(fieldEntry), own.length === 0 && h('div', { class: 'muted small' }, 'These records have no fields.'));
    } catch (error) {
      if (!isAborted(error)) replace(fields, h('div', { class: 'small muted' }, error.message));
    }
  }

  return {
    node,
    /** One after the other: a small machine answers few queries at once, and the rows come first. */
    async load(next) {
      state = next;
      await loadInto(severity.list, 'severity', ['severity']);
      await loadInto(source.list, 'source', ['source']);
      await loadFields();
    },
  };
}
