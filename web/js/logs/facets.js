// What is in the records found: counts by severity, source and any field. Each value can be asked for or excluded.

import { getJson, isSaid } from '../core/http.js';
import { hasTerms, rangeTerms, withoutRange } from '../core/query_text.js';
import { logParams, MEMBERS } from '../core/state.js';
import { visibleText } from '../core/text.js';
import { formatCount, groups } from '../core/units.js';
import { button, h, replace, textButton } from '../ui/dom.js';
import { icon } from '../ui/icons.js';
import { nameParts } from '../ui/name.js';
import { partialBadge } from '../ui/feedback.js';
import { numberRows, toldByRanges } from './number_facet.js';
import { andAbove } from './severity_counts.js';

const SHOWN = 10;
const MOST = 1000; // values the server names in one answer
const FIELDS = 60;

export function createFacets({ onFilter, onExclude, onRange }) {
  let state = null;
  const severity = valueList('severity', ['severity'], 20);
  const source = valueList('source', ['source'], 20);
  const fields = h('div', { class: 'facet-fields' });
  const entries = new Map();
  let allFields = false;
  const section = (title, field, list) => h('section', { class: 'facet', data: { field } }, h('h3', { class: 'facet-title' }, title), list.node);
  const node = h('aside', { class: 'facets', 'aria-label': 'Filters' }, section('Severity, and above', 'severity', severity), section('Source', 'source', source),
    h('h3', { class: 'facet-title' }, 'Fields'), fields);

  function chosen(field, value) {
    if (field === 'source') return state.source.includes(value);
    if (field === 'severity') return state.severity === value;
    return state.fields.some(([name, wanted]) => name === field && wanted === value);
  }

  function valueRow(field, { value: sent, count }, most) {
    const value = String(sent);
    const said = field === 'severity' ? `${value} and above` : visibleText(value);
    return h('div', { class: 'facet-row' },
      h('button', { type: 'button', class: 'facet-value', 'aria-pressed': String(chosen(field, value)), title: `${said} · ${groups(count)}`, data: { key: `${field} ${value}` },
        vars: { '--share': `${(100 * count) / most}%` }, on: { click: () => onFilter(field, value) } },
      field === 'severity' && h('i', { class: `dot sev-bg-${value}` }), h('span', { class: 'facet-name name' }, nameParts(value, '(empty)')), h('span', { class: 'facet-count' }, formatCount(count))),
      field !== 'severity' && button(`Without ${visibleText(value)}`, () => onExclude(field, value), { class: 'icon-button facet-not' }, icon('minus')));
  }

  /** The values of one field, most frequent first. The first few; the others when asked for, with a box to find one. */
  function valueList(field, without, first) {
    const list = h('div', { class: 'facet-values' });
    const find = h('input', { class: 'input facet-find', type: 'search', placeholder: 'Find a value', 'aria-label': `Find a value of ${visibleText(field)}`, autocomplete: 'off', spellcheck: 'false', on: { input: draw } });
    find.hidden = true;
    let limit = first;
    let answer = null;
    let single = false; // values of a field of numbers, instead of its ranges

    function more() {
      limit = MOST;
      load();
    }

    function draw() {
      if (!single && toldByRanges(answer, first)) {
        drawRanges();
        return;
      }
      const word = find.value.trim().toLowerCase();
      const most = Math.max(1, ...answer.values.map((item) => item.count));
      const found = answer.values.filter((item) => String(item.value).toLowerCase().includes(word));
      find.hidden = limit === first || answer.values.length <= first;
      replace(list, found.map((item) => valueRow(field, item, most)),
        answer.other > 0 && limit < MOST && textButton(`Show more: ${formatCount(answer.other)} ${answer.other === 1 ? 'record has another value' : 'records have others'}`, more, { class: 'facet-more' }),
        answer.other > 0 && limit === MOST && h('div', { class: 'muted small' }, `${formatCount(answer.other)} records have values beyond these ${groups(answer.values.length)}; search for them with ${visibleText(field)}:value.`),
        answer.missing > 0 && field !== 'severity' && field !== 'source' && h('div', { class: 'facet-missing muted small' }, `${formatCount(answer.missing)} without it`),
        found.length === 0 && h('div', { class: 'muted small' }, word ? 'No value has this in it.' : 'Nothing here.'), partialBadge(answer.stats));
    }

    function drawRanges() {
      find.hidden = true;
      replace(list, numberRows(field, answer.numbers, { isChosen: (range) => hasTerms(state.q, rangeTerms(field, range)), onRange: (range) => onRange(field, range) }),
        answer.missing > 0 && h('div', { class: 'facet-missing muted small' }, `${formatCount(answer.missing)} without it`),
        textButton('Show single values', () => {
          single = true;
          draw();
        }, { class: 'facet-more' }), partialBadge(answer.stats));
    }

    async function load() {
      const params = logParams({ ...state, q: withoutRange(state.q, field) }, { without }); // a facet leaves out its own filter
      params.set('field', field);
      params.set('limit', String(limit));
      try {
        answer = await getJson('/api/v1/logs/facets', params, { key: `facet-${field}` });
        if (field === 'severity') answer.values = andAbove(answer.values);
        draw();
      } catch (error) {
        if (!isSaid(error)) replace(list, h('div', { class: 'small muted' }, error.message));
      }
    }

    return { node: h('div', null, find, list), load };
  }

  /** A field's entry stays the same from one answer to the next, so that it stays open and keeps the focus. */
  function fieldEntry({ name, count, types }) {
    if (!entries.has(name)) {
      const values = valueList(name, [`field.${name}`], SHOWN);
      const total = h('span', { class: 'facet-count' });
      const entry = h('details', { class: 'facet-field', data: { field: name } },
        h('summary', { data: { key: `field ${name}` } }, icon('chevron'), h('span', { class: 'facet-name name', title: visibleText(name) }, nameParts(name)), total), values.node);
      entry.addEventListener('toggle', () => entry.open && values.load());
      entries.set(name, { entry, total, values });
    }
    const found = entries.get(name);
    found.total.textContent = formatCount(count);
    found.total.title = (types ?? []).join(', ');
    return found;
  }

  function drawFields(own) {
    const shown = own.slice(0, allFields ? own.length : FIELDS).map(fieldEntry);
    replace(fields, shown.map(({ entry }) => entry), own.length === 0 && h('div', { class: 'muted small' }, 'These records have no fields.'),
      shown.length < own.length && textButton(`${groups(own.length - shown.length)} more fields`, () => {
        allFields = true;
        drawFields(own);
      }, { class: 'facet-more' }));
    return shown;
  }

  async function loadFields() {
    try {
      const answer = await getJson('/api/v1/logs/fields', logParams(state), { key: 'fields' });
      const own = answer.fields.filter((item) => !MEMBERS.includes(item.name)).sort((left, right) => right.count - left.count);
      for (const { entry, values } of drawFields(own)) if (entry.open) await values.load();
    } catch (error) {
      if (!isSaid(error)) replace(fields, h('div', { class: 'small muted' }, error.message));
    }
  }

  return {
    node,
    /** What is shown belongs to an earlier search. */
    expect: () => node.classList.add('outdated'),
    /** One after the other: a small machine answers few queries at once, and the rows come first. */
    async load(next) {
      state = next;
      await severity.load();
      await source.load();
      await loadFields();
      if (state === next) node.classList.remove('outdated');
    },
  };
}
