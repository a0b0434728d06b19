// Names that are too long for their place lose their middle, not their end: pods and hosts differ at the end.

import { splitName, visibleText } from '../core/text.js';
import { h } from './dom.js';

/** The content of an element of class "name"; `own`: what an empty name is called. */
export function nameParts(text, own = '') {
  const [head, tail] = splitName(visibleText(text) || own);
  return tail === '' ? [head] : [h('span', { class: 'name-head' }, head), h('span', { class: 'name-tail' }, tail)];
}
