// Forms in dialogs: what was typed stays when the server refuses it, and the refusal stands beside it.

import { copyText, h, select, textButton } from '../ui/dom.js';
import { openDialog } from '../ui/dialog.js';
import { errorSlot, toast } from '../ui/feedback.js';

let serial = 0;

/** A labelled field around a control; `hint` is read with it. */
export function field(label, control, hint = '') {
  serial += 1;
  const id = `field-${serial}`;
  control.id ||= id;
  const note = hint && h('p', { class: 'muted small', id: `${control.id}-hint` }, hint);
  if (note) control.setAttribute('aria-describedby', note.id);
  return h('div', { class: 'field' }, h('label', { for: control.id }, label), control, note);
}

export const input = (props) => h('input', { class: 'input', autocomplete: 'off', spellcheck: 'false', autocapitalize: 'off', ...props });

export function choice(label, choices, value, onChange = () => {}) {
  return select(label, choices, value, onChange, { class: 'select select-boxed' });
}

/** `submit` does it, and throws what the server says against it; with what it returns `done` goes on. */
export function openForm(title, body, { action, submit, done = () => {}, danger = false, wide = false }) {
  const problem = errorSlot();
  const send = h('button', { type: 'submit', class: `button ${danger ? 'button-danger' : 'button-primary'}` }, action);
  const dialog = openDialog(title, h('form', { class: 'form', novalidate: true, on: { submit: run } }, body, problem.node,
    h('div', { class: 'form-actions' }, textButton('Cancel', () => dialog.close()), send)), { className: wide ? 'dialog-form-wide' : '' });

  async function run(event) {
    event.preventDefault();
    send.disabled = true;
    problem.clear();
    try {
      const result = await submit();
      dialog.close();
      await done(result);
    } catch (error) {
      problem.show(error);
      send.disabled = false;
    }
  }

  // The first field, not the button that closes.
  dialog.node.querySelector('form input:not([type="checkbox"]), form select, form button')?.focus();
  return dialog;
}

/** Asks before something is gone for good. */
export const confirmLoss = (title, text, action, submit, done) => openForm(title, h('p', null, text), { action, submit, done, danger: true });

/** What is shown this once: to be copied now. */
export function showSecret(title, text, secret) {
  const box = input({ value: secret, readonly: true, class: 'input mono', 'aria-label': title, on: { focus: (event) => event.target.select() } });
  const dialog = openDialog(title, h('div', { class: 'form' }, h('p', null, text), h('div', { class: 'copy-row' }, box, textButton('Copy', async () => {
    if (await copyText(secret)) toast('Copied.');
    else box.focus();
  }, { class: 'button button-primary' })), h('div', { class: 'form-actions' }, textButton('I have it', () => dialog.close()))));
  box.focus();
}
