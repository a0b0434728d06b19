// A panel at the side that on a narrow window lies over the page as a sheet: with a button to close it, a shaded rest of
// the page that closes it too, and Esc.

import { button, h } from './dom.js';
import { icon } from './icons.js';

/** `panel` gets a head with a close button; `host` gets `openClass` while the sheet is open. */
export function createSheet({ panel, host, openClass, title }) {
  let opener = null;
  const backdrop = h('div', { class: 'sheet-backdrop', on: { click: () => close() } });
  const shut = button(`Close: ${title}`, () => close(), { class: 'icon-button' }, icon('close'));
  panel.prepend(h('div', { class: 'sheet-head' }, h('h2', null, title), h('div', { class: 'spacer' }), shut));
  host.append(backdrop);

  const isOpen = () => host.classList.contains(openClass);

  function close() {
    if (!isOpen()) return false;
    host.classList.remove(openClass);
    if (panel.contains(document.activeElement)) opener?.focus({ preventScroll: true });
    return true;
  }

  return {
    close,
    get open() { return isOpen(); },
    show() {
      opener = document.activeElement;
      host.classList.add(openClass);
      shut.focus({ preventScroll: true });
    },
  };
}
