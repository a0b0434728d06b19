// The search box with its help, the severity choice, and the chips of other filters.

import { checkQuery } from '../core/query_text.js';
import { SEVERITIES } from '../core/state.js';
import { shorten, visibleText } from '../core/text.js';
import { button, debounce, h, replace } from '../ui/dom.js';
import { icon } from '../ui/icons.js';
import { togglePopover } from '../ui/popover.js';

const EXAMPLES = [
  ['timeout', 'records with this word'],
  ['declin*', 'words that begin so'],
  ['*clin*', 'words that hold these letters'],
  ['card declined', 'both words, in any order'],
  ['"connection refused"', 'these words in this order'],
  ['timeout -healthcheck', 'without a word'],
  ['(timeout OR refused) payment', 'either of two, and another'],
  ['status:500', 'a field’s whole value, in any case'],
  ['-user:="bot 7"', 'without exactly this value'],
  ['duration_ms:>250', 'a number compared: > >= < <='],
  ['order:*', 'records that have the field'],
  ['/time(d )?out/i', 'a regular expression (RE2)'],
];

function helpPanel(use) {
  return (close) => h('div', { class: 'query-help' }, h('p', { class: 'muted small' }, 'All parts of a search must match. Choose an example to try it.'),
    h('dl', null, EXAMPLES.map(([text, say]) => h('div', { class: 'key-row' },
      h('dt', null, h('button', { type: 'button', class: 'example mono', on: { click: () => { close(); use(text); } } }, text)), h('dd', null, say)))));
}

export function createSearchBar({ onQuery, onSeverity, onRemove }) {
  const problem = h('p', { class: 'query-problem', id: 'query-problem', role: 'status' });
  const input = h('input', { id: 'query', class: 'query-input mono', type: 'text', inputmode: 'search', enterkeyhint: 'search', autocomplete: 'off', autocapitalize: 'off', spellcheck: 'false',
    placeholder: 'Search: timeout -healthcheck status:500 "exact words" /regex/', 'aria-label': 'Search logs', 'aria-describedby': 'query-problem' });
  const tell = (text) => {
    problem.textContent = text;
    problem.hidden = text === '';
    input.toggleAttribute('aria-invalid', text !== '');
  };
  tell('');
  const hint = debounce(() => {
    const mistake = checkQuery(input.value);
    if (mistake === '') tell('');
  }, 250);
  const submit = (event) => {
    event?.preventDefault();
    hint.cancel(); // it would take away what is said about this search
    const mistake = checkQuery(input.value);
    tell(mistake);
    if (mistake === '') onQuery(input.value.trim());
  };
  const clear = button('Clear the search', () => { input.value = ''; submit(); input.focus(); }, { class: 'icon-button clear-button' }, icon('close'));
  const help = button('How to search', () => togglePopover(help, 'How to search', helpPanel((text) => { input.value = text; submit(); input.focus(); }), { align: 'right', wide: true }),
    { class: 'icon-button', 'aria-haspopup': 'dialog', 'aria-expanded': 'false' }, icon('help'));
  input.addEventListener('input', () => {
    clear.hidden = input.value === '';
    hint();
  });
  let sent = '';
  const levels = h('div', { class: 'segments', role: 'group', 'aria-label': 'Severity at least' });
  const chips = h('div', { class: 'chips' });
  const form = h('form', { class: 'query', role: 'search', on: { submit } }, icon('search'), input, clear, help,
    h('button', { type: 'submit', class: 'button button-primary' }, 'Search'));
  return {
    node: h('div', { class: 'search-bar' }, form, levels, problem, chips),
    focus: () => { input.focus(); input.select(); },
    /** What is in the box, sent or not. */
    get text() { return input.value.trim(); },
    fail: tell,
    update(state) {
      // A filter that was clicked leaves alone what was typed and not sent yet.
      if (state.q !== sent || input.value.trim() === state.q) input.value = state.q;
      sent = state.q;
      clear.hidden = input.value === '';
      replace(levels, ['', ...SEVERITIES.slice(1)].map((name) => h('button', {
        type: 'button', class: `segment${name ? ` sev-segment-${name}` : ''}`, 'aria-pressed': String(state.severity === name),
        title: name ? `${name} and above` : 'Every severity', on: { click: () => onSeverity(name) },
      }, name === '' ? 'All' : name)));
      const chip = (text, key, value) => h('span', { class: 'chip' }, h('span', { class: 'mono' }, visibleText(shorten(text, 80))),
        button(`Remove ${visibleText(shorten(text, 80))}`, () => onRemove(key, value), { class: 'icon-button' }, icon('close')));
      replace(chips, state.source.map((value) => chip(`source = ${value}`, 'source', value)),
        state.fields.map(([name, value]) => chip(`${name} = ${value === '' ? '(empty)' : value}`, 'fields', name + '\u0000' + value)));
      chips.hidden = chips.children.length === 0;
    },
  };
}
