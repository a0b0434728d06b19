// What a click on a value changes in the search.

import { addTerm, checkQuery, fieldTerm, removeTerm, toggleRange } from '../core/query_text.js';
import { currentState, navigate } from '../core/router.js';
import { SEVERITIES } from '../core/state.js';

const without = (fields, name, value) => fields.filter(([field, wanted]) => field !== name || wanted !== value);

/** `typed()`: the text in the search box. What was typed, but not sent, goes with the term that a click adds to it. */
export function createFilters(typed) {
  const query = () => (checkQuery(typed()) === '' ? typed() : currentState().q);

  function filterFor(name, value) {
    const state = currentState();
    if (name === 'source') navigate({ source: [value], record: '' });
    else if (name === 'deployment') navigate({ deployment: [value], record: '' });
    else if (name === 'severity') navigate({ q: addTerm(query(), name, value), record: '' });
    else {
      const opposite = fieldTerm(name, value, true);
      const q = ` ${state.q} `.includes(` ${opposite} `) ? removeTerm(query(), opposite) : state.q;
      navigate({ q, fields: [...without(state.fields, name, value), [name, value]], record: '' });
    }
  }

  function filterOut(name, value) {
    const state = currentState();
    navigate({ q: addTerm(query(), name, value, true), record: '', fields: without(state.fields, name, value),
      source: state.source.filter((item) => name !== 'source' || item !== value) });
  }

  /** A click on a value at the side asks for it, the next one takes that back. */
  function toggleValue(name, value) {
    const state = currentState();
    if (name === 'severity') navigate({ severity: state.severity !== value && SEVERITIES.includes(value) ? value : '' });
    else if (name === 'source') navigate({ source: state.source.includes(value) ? state.source.filter((item) => item !== value) : [...state.source, value] });
    else if (state.fields.some(([field, wanted]) => field === name && wanted === value)) navigate({ fields: without(state.fields, name, value) });
    else filterFor(name, value);
  }

  /** Numbers of a range; another range of the same field is taken back. */
  function chooseRange(name, range) {
    navigate({ q: toggleRange(query(), name, range), record: '' });
  }

  return { filterFor, filterOut, toggleValue, chooseRange };
}
