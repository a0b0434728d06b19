// The search language, as far as the page must know it: finding mistakes before the server does, quoting values, adding
// filters to a query, and the words to highlight. The server's answer stays the authority. Pure.

const KEYWORDS = { OR: 'or', AND: 'and', NOT: 'not' };
const PLAIN_VALUE = /^[\p{L}\p{N}_.@%+][\p{L}\p{N}_.@%+-]*$/u;
const PLAIN_NAME = /^[\p{L}_@.][\p{L}\p{N}_.@-]*$/u;

/** Tokens { kind, text, start, field?, negated?, compare? }; kind: word phrase regex open close or and not. */
export function tokenize(query) {
  const tokens = [];
  const errors = [];
  let at = 0;
  const quoted = (mark, name) => {
    const start = at;
    let text = '';
    for (at += 1; at < query.length && query[at] !== mark; at += 1) {
      if (query[at] === '\\' && at + 1 < query.length) {
        at += 1;
        if (mark === '/' && query[at] !== '/') text += '\\';
      }
      text += query[at];
    }
    if (at >= query.length) errors.push({ at: start, message: `The ${name} that begins at character ${start + 1} is not closed; end it with ${mark}` });
    at += 1;
    return text;
  };
  // A name before a colon, unless it looks like a clock time (12:30) or an address (https://…).
  const fieldName = () => {
    const bare = /^([^\s:"()/<>=\d-][^\s:"()]*):(?!\/\/)/.exec(query.slice(at));
    if (bare) {
      at += bare[0].length;
      return bare[1];
    }
    const named = /^"((?:[^"\\]|\\.)+)":/.exec(query.slice(at));
    if (!named) return undefined;
    at += named[0].length;
    return named[1].replace(/\\(.)/g, '$1');
  };
  while (at < query.length) {
    if (/\s/.test(query[at])) { at += 1; continue; }
    const start = at;
    const negated = query[at] === '-' && at + 1 < query.length && !/\s/.test(query[at + 1]);
    if (negated) at += 1;
    if (query[at] === ')') {
      tokens.push({ kind: 'close', text: ')', start });
      at += 1;
      continue;
    }
    const field = fieldName();
    const compare = field === undefined ? '' : /^(>=|<=|>|<|=)?/.exec(query.slice(at))[0];
    at += compare.length;
    const token = { start, negated, field, compare };
    if (query[at] === '(') {
      at += 1;
      tokens.push({ ...token, kind: 'open', text: '(' });
    } else if (query[at] === '"') tokens.push({ ...token, kind: 'phrase', text: quoted('"', 'phrase') });
    else if (query[at] === '/') {
      tokens.push({ ...token, kind: 'regex', text: quoted('/', 'regular expression') });
      if (query[at] === 'i') at += 1;
    } else {
      const text = /^[^\s()"]*/.exec(query.slice(at))[0];
      at += text.length;
      if (field !== undefined && text === '') errors.push({ at: start, message: `“${field}:${compare}” needs a value, as in ${field}:${compare}value` });
      const keyword = field === undefined && !negated ? KEYWORDS[text] : undefined;
      tokens.push({ ...token, kind: keyword ?? 'word', text });
    }
  }
  return { tokens, errors };
}

/** The first mistake as a sentence, or '' when the query looks right. */
export function checkQuery(query) {
  const { tokens, errors } = tokenize(query);
  if (errors.length > 0) return `${errors[0].message}.`;
  const begins = (kind) => kind !== undefined && !['close', 'or', 'and'].includes(kind);
  const ends = (kind) => kind !== undefined && !['open', 'or', 'and', 'not'].includes(kind);
  let depth = 0;
  for (let index = 0; index < tokens.length; index += 1) {
    const token = tokens[index];
    const before = tokens[index - 1]?.kind;
    const after = tokens[index + 1]?.kind;
    if (token.kind === 'open') {
      depth += 1;
      if (after === 'close') return 'The parentheses are empty; put a word between them or remove them.';
    }
    if (token.kind === 'close') depth -= 1;
    if (depth < 0) return `The “)” at character ${token.start + 1} has no “(” before it.`;
    if ((token.kind === 'or' || token.kind === 'and') && !(ends(before) && begins(after))) {
      return `${token.text} needs something on both sides, as in timeout ${token.text} refused.`;
    }
    if (token.kind === 'not' && !begins(after)) return 'NOT needs something after it, as in NOT healthcheck.';
  }
  return depth > 0 ? 'A “(” is not closed; add a “)”.' : '';
}

/** Texts to mark in messages: words and phrases that are wanted, not those excluded or bound to another field. */
export function highlightTerms(query) {
  const { tokens } = tokenize(query);
  return tokens.filter((token, index) => (token.kind === 'word' || token.kind === 'phrase') && !token.negated && tokens[index - 1]?.kind !== 'not'
    && (token.field === undefined || token.field === 'message')).flatMap((token) => (token.kind === 'word' ? token.text.split('*') : token.text)).filter((text) => text.length > 1);
}

const inQuotes = (text) => `"${text.replace(/[\\"]/g, '\\$&')}"`;

export function quoteValue(value) {
  const text = String(value);
  return PLAIN_VALUE.test(text) && !(text in KEYWORDS) ? text : inQuotes(text);
}

/** A condition that a field has exactly this value, or has not. */
export function fieldTerm(name, value, exclude = false) {
  const exact = name === 'severity' ? quoteValue(String(value).toLowerCase()) : `=${quoteValue(value)}`;
  return `${exclude ? '-' : ''}${written(name)}:${exact}`;
}

/** The query with a term added; an opposite term is taken back first, the same one is not repeated. */
export function addTerm(query, name, value, exclude = false) {
  const term = fieldTerm(name, value, exclude);
  const rest = removeTerm(query, fieldTerm(name, value, !exclude));
  if (` ${rest} `.includes(` ${term} `)) return rest;
  const grouped = splitsAtTop(rest) ? `(${rest})` : rest;
  return grouped === '' ? term : `${grouped} ${term}`;
}

const written = (name) => (PLAIN_NAME.test(name) ? name : inQuotes(name));

/** Conditions that a field's number lies in [from, to); without `to` there is no end. */
export const rangeTerms = (name, { from, to }) => [`${written(name)}:>=${String(from).replace('e+', 'e')}`, ...(to === undefined || to === null ? [] : [`${written(name)}:<${String(to).replace('e+', 'e')}`])];

export const hasTerms = (query, terms) => terms.every((term) => ` ${query} `.includes(` ${term} `));

/** The query without the ranges of a field that rangeTerms() wrote. */
export function withoutRange(query, name) {
  const own = new RegExp(`^${written(name).replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}:(?:>=|<)-?[\\d.e-]+$`);
  return query.split(' ').filter((part) => !own.test(part)).join(' ').trim();
}

/** The query with a field's range instead of any other range of it; with the same one, it is taken back. */
export function toggleRange(query, name, range) {
  const terms = rangeTerms(name, range);
  const had = hasTerms(query, terms);
  const rest = withoutRange(query, name);
  if (had) return rest;
  const grouped = splitsAtTop(rest) ? `(${rest})` : rest;
  return [grouped, ...terms].filter(Boolean).join(' ');
}

/** Would a term written behind the query bind only to its last alternative? */
function splitsAtTop(query) {
  let depth = 0;
  return tokenize(query).tokens.some((token) => {
    if (token.kind === 'open') depth += 1;
    if (token.kind === 'close') depth -= 1;
    return token.kind === 'or' && depth === 0;
  });
}

export function removeTerm(query, term) {
  return ` ${query} `.replace(` ${term} `, ' ').trim();
}
