// The state of the page as the URL holds it: #/view?parameters. Pure.

import { addTerm } from './query_text.js';
import { parseDuration } from './time.js';

export const VIEWS = ['overview', 'logs', 'metrics', 'system', 'admin'];
export const SEVERITIES = ['TRACE', 'DEBUG', 'INFO', 'NOTICE', 'WARN', 'ERROR', 'FATAL'];
/** Of a log record, beside its fields. */
export const MEMBERS = ['source', 'severity', 'deployment', 'message'];

const DEFAULTS = {
  view: 'overview', deployment: [], from: 'now-1h', to: 'now', refresh: '', q: '', severity: '', source: [], fields: [],
  order: 'desc', live: false, wrap: false, record: '', charts: [], columns: '', find: '', sort: '', section: '', actor: '', action: '', outcome: '',
};
const SINGLE = ['from', 'to', 'refresh', 'q', 'severity', 'order', 'record', 'columns', 'find', 'sort', 'section', 'actor', 'action', 'outcome'];
const SHARED = ['view', 'deployment', 'from', 'to', 'refresh'];
const OWN = {
  overview: ['find', 'sort'], logs: ['q', 'severity', 'source', 'fields', 'order', 'live', 'wrap', 'record'],
  metrics: ['charts', 'columns'], system: [], admin: ['section', 'find', 'actor', 'action', 'outcome'],
};

const LEAST_REFRESH = 1000; // milliseconds: a link must not make a page that only asks

export const defaultState = () => structuredClone(DEFAULTS);

/** A metric chart as one readable URL value: name|agg|by,by|label=value|…|:lines,rank with each part escaped. No by: a line for each
 *  series; ALL_AS_ONE: one line. `lines` of them are drawn, the largest by `rank`. */
export const ALL_AS_ONE = '*';
export const LINES = [5, 10, 20, 50, 100];
export const RANKS = [['avg', 'average'], ['max', 'maximum'], ['min', 'minimum'], ['last', 'last value'], ['sum', 'sum']];
const DRAWN = { lines: 20, rank: 'avg' };

/** How many lines a chart draws, and by what they are chosen. */
export const drawnOf = ({ lines = DRAWN.lines, rank = DRAWN.rank }) => ({ lines, rank });

export function formatChart(chart) {
  const code = encodeURIComponent;
  const labels = Object.entries(chart.labels ?? {}).map(([name, value]) => `${code(name)}=${code(value)}`);
  const { lines, rank } = drawnOf(chart);
  const own = lines !== DRAWN.lines || rank !== DRAWN.rank ? [`:${lines},${rank}`] : [];
  return [code(chart.name), chart.agg, (chart.by ?? []).map(code).join(','), ...labels, ...own].join('|');
}

export function parseChart(text) {
  const [name = '', agg = 'avg', by = '', ...labels] = String(text).split('|');
  const chart = { name: decode(name), agg: agg || 'avg', by: by === '' ? [] : by.split(',').map(decode), labels: {} };
  for (const label of labels) {
    const [, lines, rank] = /^:(\d+),([a-z]+)$/.exec(label) ?? [];
    if (LINES.includes(Number(lines)) && RANKS.some(([name]) => name === rank)) Object.assign(chart, { lines: Number(lines), rank });
    const cut = label.indexOf('=');
    if (cut > 0) chart.labels[decode(label.slice(0, cut))] = decode(label.slice(cut + 1));
  }
  return chart;
}

function decode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

export function parseHash(hash) {
  const text = String(hash).replace(/^#\/?/, '');
  const cut = text.indexOf('?');
  const path = cut < 0 ? text : text.slice(0, cut);
  const params = new URLSearchParams(cut < 0 ? '' : text.slice(cut + 1));
  const state = defaultState();
  if (VIEWS.includes(path)) state.view = path;
  for (const name of SINGLE) if (params.has(name)) state[name] = params.get(name);
  state.deployment = params.getAll('deployment').filter(Boolean);
  state.source = params.getAll('source').filter(Boolean);
  state.live = params.get('live') === '1';
  state.wrap = params.get('wrap') === '1';
  state.charts = params.getAll('chart').map(parseChart).filter((chart) => chart.name !== '');
  for (const [name, value] of params) if (name.startsWith('field.')) state.fields.push([name.slice(6), value]);
  state.severity = SEVERITIES.includes(state.severity.toUpperCase()) ? state.severity.toUpperCase() : '';
  if (state.order !== 'asc') state.order = 'desc';
  if (state.refresh !== 'off' && !(parseDuration(state.refresh) >= LEAST_REFRESH)) state.refresh = '';
  return state;
}

/** Only what differs from the default is written, so that links stay short. */
export function formatHash(state) {
  const params = new URLSearchParams();
  const names = [...SHARED.slice(1), ...OWN[state.view]];
  for (const name of names) {
    const value = state[name];
    if (name === 'charts') value.forEach((chart) => params.append('chart', formatChart(chart)));
    else if (name === 'fields') value.forEach(([field, wanted]) => params.append(`field.${field}`, wanted));
    else if (Array.isArray(value)) value.forEach((item) => params.append(name, item));
    else if (typeof value === 'boolean') { if (value) params.set(name, '1'); }
    else if (value !== DEFAULTS[name]) params.set(name, value);
  }
  const query = params.toString().replaceAll('%3A', ':').replaceAll('%2F', '/').replaceAll('%7C', '|').replaceAll('%2C', ',');
  return `#/${state.view}${query ? `?${query}` : ''}`;
}

/** The filters of the logs view as the API's parameters; `without` leaves some out (a facet ignores its own filter). */
export function logParams(state, { without = [] } = {}) {
  const params = new URLSearchParams();
  const put = (name, value) => { if (value && !without.includes(name)) params.append(name, value); };
  state.deployment.forEach((value) => put('deployment', value));
  put('from', state.from);
  put('to', state.to);
  put('severity', state.severity);
  state.source.forEach((value) => put('source', value));
  // An empty value is a value, and records may have it; but a parameter given empty is refused, so it is asked for in q.
  let q = state.q.trim();
  for (const [name, value] of state.fields) {
    if (without.includes(`field.${name}`)) continue;
    if (value === '') q = addTerm(q, MEMBERS.includes(name) ? `fields.${name}` : name, '');
    else params.append(`field.${name}`, value);
  }
  put('q', q);
  return params;
}

/** Live shows what comes now, also where an absolute range is chosen: then with the last minutes before it. */
export const liveRange = (state) => (state.live && state.to !== 'now' ? { ...state, from: 'now-15m', to: 'now' } : state);

/** `aggregates`: those of the answer, the first for its points. */
export function metricParams(state, chart, step, { aggregates = [chart.agg] } = {}) {
  const { lines, rank } = drawnOf(chart);
  const params = new URLSearchParams({ name: chart.name, from: state.from, to: state.to, step, agg: aggregates.join(','), top: String(lines), rank });
  state.deployment.forEach((value) => params.append('deployment', value));
  chart.by.forEach((label) => params.append('by', label === ALL_AS_ONE ? '' : label.replaceAll(',', '\\,')));
  for (const [name, value] of Object.entries(chart.labels)) params.append(`label.${name}`, value);
  return params;
}
