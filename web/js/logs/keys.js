// The shortcuts of the logs view.

import { writeExact } from '../core/exact_json.js';
import { currentState, navigate } from '../core/router.js';

export const logKeys = ({ search, list, tail, actions, sheet }) => [
  { keys: '/', say: 'Search', run: () => search.focus() },
  { keys: 'j', show: 'j ↓', say: 'Next record', run: () => list.move(1) }, { keys: 'ArrowDown', run: () => list.move(1) },
  { keys: 'k', show: 'k ↑', say: 'Previous record', run: () => list.move(-1) }, { keys: 'ArrowUp', run: () => list.move(-1) },
  { keys: 'Enter', show: 'Enter', say: 'Open or close the record', run: (event) => (event.target.closest('button, a, .row-summary') ? false : list.toggleActive()) },
  { keys: 'x', say: 'Show the record in context', run: () => (list.activeRecord ? actions.context(list.activeRecord) : false) },
  { keys: 'y', say: 'Copy the record as JSON', run: () => (list.activeRecord ? actions.copy(writeExact(list.activeRecord, 2), 'record') : false) },
  { keys: 'w', say: 'Wrap long lines', run: () => navigate({ wrap: !currentState().wrap }, { replace: true }) },
  { keys: 'v', say: 'Live tail on or off', run: () => navigate({ live: !currentState().live }) },
  { keys: 'G', say: 'Live: go to the newest', run: () => (currentState().live ? tail.follow() : false) },
  { keys: 'Escape', show: 'Esc', say: 'Close the record', run: () => sheet.close() || list.closeActive() },
];
