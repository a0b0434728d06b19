// A modal <dialog>: the browser keeps focus inside and closes it on Esc.

import { button, h } from './dom.js';
import { icon } from './icons.js';

/** `onClose` runs once, however it is closed. */
export function openDialog(title, body, { onClose = () => {}, className = '', actions = [] } = {}) {
  const dialog = h('dialog', { class: `dialog ${className}`, 'aria-label': title },
    h('header', { class: 'dialog-head' }, h('h2', null, title), h('div', { class: 'spacer' }), actions,
      button('Close', () => dialog.close(), { class: 'icon-button' }, icon('close'))),
    h('div', { class: 'dialog-body' }, body));
  dialog.addEventListener('close', () => {
    dialog.remove();
    onClose();
  });
  dialog.addEventListener('click', (event) => {
    if (event.target === dialog) dialog.close();
  });
  document.body.append(dialog);
  dialog.showModal();
  return { node: dialog, close: () => dialog.close() };
}
