// Names that are too long for their place lose their middle, not their end: pods and hosts differ at the end.

import { splitName, visibleText } from '../core/text.js';
import { h } from './dom.js';

/** The content of an element of class "name"; `own`: what an empty name is called. It is read out as one word. */
export function nameParts(text, own = '') {
  const name = visibleText(text) || own;
  const [head, tail] = splitName(name);
  return tail === '' ? name : h('span', { class: 'name-parts', 'aria-label': name }, h('span', { class: 'name-head' }, head), h('span', { class: 'name-tail' }, tail));
}
