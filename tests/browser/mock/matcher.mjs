// The part of the query language that the tests use, over the dashboard's own tokenizer: words, phrases, regular
// expressions, field conditions, NOT, AND, OR, parentheses.

import { ExactNumber, writeExact } from '../../../web/js/core/exact_json.js';
import { checkQuery, tokenize } from '../../../web/js/core/query_text.js';
import { MockError } from './wire.mjs';

const text = (value) => (value === null || value === undefined ? null : typeof value === 'object' && !(value instanceof ExactNumber) ? writeExact(value) : String(value));
const words = (value) => ` ${String(value).toLowerCase().replace(/[^\p{L}\p{N}_]+/gu, ' ')} `;

export function fieldOf(record, name) {
  if (['severity', 'source', 'deployment', 'message'].includes(name)) return record[name];
  return record.fields[name];
}

function condition(token) {
  const { kind, field, compare } = token;
  if (kind === 'regex') {
    const expression = new RegExp(token.text);
    return (record) => expression.test(text(field ? fieldOf(record, field) : record.message) ?? '');
  }
  if (field === undefined || (field === 'message' && compare === '')) {
    const prefix = kind === 'word' && token.text.endsWith('*');
    const wanted = words(token.text.replace(/\*$/, ''));
    const has = (value) => words(value).includes(prefix ? wanted.trimEnd() : wanted);
    return (record) => has(record.message) || (field === undefined && Object.values(record.fields).some((value) => has(text(value))));
  }
  if (token.text === '*') return (record) => text(fieldOf(record, field)) !== null;
  if (compare === '=') return (record) => text(fieldOf(record, field)) === token.text;
  if (compare !== '') return (record) => {
    const value = Number(fieldOf(record, field));
    const limit = Number(token.text);
    return { '>': value > limit, '<': value < limit, '>=': value >= limit, '<=': value <= limit }[compare];
  };
  return (record) => text(fieldOf(record, field))?.toLowerCase() === token.text.toLowerCase();
}

export function compile(query) {
  const mistake = checkQuery(query);
  if (mistake) throw new MockError(400, 'invalid_query', mistake, 'q');
  const { tokens } = tokenize(query);
  let at = 0;
  const either = () => {
    const parts = [both()];
    while (tokens[at]?.kind === 'or') {
      at += 1;
      parts.push(both());
    }
    return (record) => parts.some((part) => part(record));
  };
  const both = () => {
    const parts = [];
    while (at < tokens.length && tokens[at].kind !== 'or' && tokens[at].kind !== 'close') {
      if (tokens[at].kind === 'and') at += 1;
      else parts.push(one());
    }
    return (record) => parts.every((part) => part(record));
  };
  const one = () => {
    const token = tokens[at];
    at += 1;
    if (token.kind === 'not') {
      const inner = one();
      return (record) => !inner(record);
    }
    let test;
    if (token.kind === 'open') {
      test = either();
      at += 1;
    } else test = condition(token);
    return token.negated ? (record) => !test(record) : test;
  };
  return either();
}
