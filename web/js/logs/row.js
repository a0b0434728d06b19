// One log record as a row, and its details. All of it text nodes: what a record says is never markup.

import { zone } from '../core/settings.js';
import { MEMBERS } from '../core/state.js';
import { serverNow } from '../core/clock.js';
import { ExactNumber, writeExact } from '../core/exact_json.js';
import { formatClock, formatDay, formatIsoLike, parseRfc3339 } from '../core/time.js';
import { fieldText, highlightRanges, shorten, visibleText } from '../core/text.js';
import { button, h, textButton } from '../ui/dom.js';
import { icon } from '../ui/icons.js';
import { nameParts } from '../ui/name.js';

const ROW_TEXT = 1500;
const DETAIL_TEXT = 20_000;
const INLINE_FIELDS = 5;

/** The beginning of a text. Cut before it is made visible, it might end amid a terminal's command. */
const shownStart = (text, most) => shorten(visibleText(text.slice(0, most * 4)), most);

export function marked(text, terms) {
  const ranges = highlightRanges(text, terms);
  if (ranges.length === 0) return [text];
  const parts = [];
  let at = 0;
  for (const [start, end] of ranges) {
    if (start > at) parts.push(text.slice(at, start));
    parts.push(h('mark', null, text.slice(start, end)));
    at = end;
  }
  parts.push(text.slice(at));
  return parts;
}

function timeCell(record) {
  const at = parseRfc3339(record.timestamp);
  if (!at) return h('span', { class: 'row-time' }, record.timestamp);
  const today = formatDay(at.ms, zone()) === formatDay(serverNow(), zone());
  return h('time', { class: 'row-time', datetime: record.timestamp, title: `${record.timestamp}\nreceived ${record.received_at}` },
    !today && h('span', { class: 'row-day' }, formatDay(at.ms, zone())), formatClock(at.ms, zone(), { millis: true }));
}

function inlineFields(record, terms) {
  const names = Object.keys(record.fields ?? {});
  if (names.length === 0) return null;
  const most = record.message ? INLINE_FIELDS : 3 * INLINE_FIELDS; // without a message they are all there is
  return h('span', { class: 'row-fields' }, names.slice(0, most).map((name) => [
    h('span', { class: 'row-key' }, `${visibleText(shorten(name, 40))}=`), h('span', null, marked(shownStart(fieldText(record.fields[name]), 60), terms)), ' ']),
  names.length > most && `+${names.length - most}`);
}

export function logRow(record, { terms = [], current = false } = {}) {
  const text = shownStart(record.message ?? '', ROW_TEXT);
  const summary = h('div', { class: 'row-summary', role: 'button', tabindex: '-1', 'aria-expanded': 'false' },
    timeCell(record),
    h('span', { class: `row-sev sev-text-${record.severity}` }, record.severity),
    h('span', { class: 'row-source name', title: visibleText(`${record.deployment} / ${record.source}`) }, nameParts(record.source ?? '')),
    h('span', { class: 'row-message', dir: 'auto' }, marked(text, terms), ' ', inlineFields(record, terms)));
  return h('li', { class: `row sev-edge-${record.severity}${current ? ' row-current' : ''}`, data: { id: record.id } }, summary);
}

function longText(text, terms) {
  const shown = visibleText(text);
  if (shown.length <= DETAIL_TEXT) return h('span', { class: 'value-text', dir: 'auto' }, marked(shown, terms));
  const node = h('span', { class: 'value-text', dir: 'auto' }, marked(shown.slice(0, DETAIL_TEXT), terms), '… ');
  node.append(textButton(`Show all ${shown.length} characters`, () => node.replaceChildren(shown), { class: 'button button-small' }));
  return node;
}

function valueType(value) {
  if (value === null) return 'null';
  if (value instanceof ExactNumber) return 'number';
  return typeof value === 'object' ? 'json' : typeof value;
}

// A log may have fields that are called like its own members; in a search these are `fields.source` and so on.
const askedAs = (field) => (MEMBERS.includes(field) ? `fields.${field}` : field);

/** `asked`: the name that a search knows it by. */
function line(name, value, actions, { filters = true, note = null, terms = [], asked = name } = {}) {
  const text = fieldText(value);
  return h('div', { class: 'detail-line', data: { field: name } }, h('dt', null, visibleText(name)),
    h('dd', null, h('span', { class: `value type-${valueType(value)}` }, longText(text, terms)), note && h('span', { class: 'muted small' }, note),
      h('span', { class: 'line-actions' },
        filters && button(`Only ${name} = ${shorten(text, 80)}`, () => actions.filterFor(asked, text), { class: 'icon-button' }, icon('plus')),
        filters && button(`Without ${name} = ${shorten(text, 80)}`, () => actions.filterOut(asked, text), { class: 'icon-button' }, icon('minus')),
        button(`Copy ${name}`, () => actions.copy(text, name), { class: 'icon-button' }, icon('copy')))));
}

export function rowDetail(record, actions, terms = []) {
  const at = parseRfc3339(record.timestamp);
  const taken = parseRfc3339(record.received_at);
  const delay = at && taken ? taken.ms - at.ms : 0;
  const other = zone() === 'utc' ? 'local' : 'utc';
  return h('div', { class: 'detail' },
    h('div', { class: 'detail-actions' },
      textAction('context', 'Context', () => actions.context(record)),
      textAction('copy', 'Copy JSON', () => actions.copy(writeExact(record, 2), 'record')),
      textAction('link', 'Copy link', () => actions.link(record))),
    h('pre', { class: 'detail-message', dir: 'auto' }, longText(record.message ?? '', terms)),
    h('dl', { class: 'detail-list' },
      Object.entries(record.fields ?? {}).map(([name, value]) => line(name, value, actions, { terms, asked: askedAs(name) })),
      line('severity', record.severity, actions), line('source', record.source, actions), line('deployment', record.deployment, actions),
      line('timestamp', record.timestamp, actions, { filters: false, note: at && `${formatIsoLike(at.ms, other)} ${other === 'utc' ? 'UTC' : 'local'}` }),
      line('received_at', record.received_at, actions, { filters: false, note: delay > 1000 ? `${Math.round(delay / 1000)} s later` : null }),
      line('id', record.id, actions, { filters: false })));
}

function textAction(symbol, label, run) {
  return h('button', { type: 'button', class: 'button button-small', on: { click: run } }, icon(symbol), label);
}

export function gapRow(text, action) {
  return h('li', { class: 'row-gap', role: 'note' }, icon('warning'), h('span', null, text), action);
}
