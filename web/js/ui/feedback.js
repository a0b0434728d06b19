// What the page tells its user: notices that pass, errors that stay, badges, empty states.

import { button, h, keepFocus, replace, textButton } from './dom.js';
import { icon } from './icons.js';

const tray = h('div', { class: 'toasts', role: 'status', 'aria-live': 'polite' });
document.body.append(tray);

export function toast(text, { kind = 'info', ms = 3500, action = null } = {}) {
  const node = h('div', { class: `toast toast-${kind}` }, h('span', null, text),
    action && textButton(action.label, action.run, { class: 'button button-small' }),
    button('Dismiss', () => node.remove(), { class: 'icon-button' }, icon('close')));
  tray.append(node);
  while (tray.children.length > 4) tray.firstChild.remove();
  if (ms > 0) setTimeout(() => node.remove(), ms);
  return { update: (value) => { node.firstChild.textContent = value; }, close: () => node.remove() };
}

/** A place for one error sentence; clear() empties it. */
export function errorSlot() {
  const node = h('div', { class: 'error-slot', role: 'alert' });
  node.hidden = true;
  return {
    node,
    show(error, retry) {
      node.hidden = false;
      replace(node, icon('warning'), h('span', null, error.message ?? String(error)), retry && textButton('Try again', retry, { class: 'button button-small' }));
    },
    clear() {
      keepFocus(node, () => {
        node.hidden = true;
        node.replaceChildren();
      });
    },
  };
}

export function partialBadge(stats) {
  if (!stats?.partial) return null;
  return h('span', { class: 'badge badge-warn', title: 'The server answered from what it could reach; some stored data is missing from this answer.' }, 'partial');
}

export function empty(title, text, ...more) {
  return h('div', { class: 'empty' }, h('h2', null, title), text && h('p', null, text), more);
}
