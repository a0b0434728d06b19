// One table of shortcuts. Views add theirs while they are shown; keys typed into a field are left alone, but for Esc.

import { h } from './dom.js';
import { openDialog } from './dialog.js';
import { closePopover } from './popover.js';

const shared = [];
let own = [];
let prefix = '';
let prefixTimer = 0;
let help = null;

/** A shortcut: { keys: 'g l' or 'j', say: 'what it does', run(event) }. run may return false: not handled. */
export const addShared = (...shortcuts) => shared.push(...shortcuts);
export const setViewKeys = (shortcuts) => { own = shortcuts; };

const typing = (target) => target instanceof Element && target.closest('input, textarea, select, [contenteditable]');

function keyHelp() {
  if (help) return;
  const rows = (list) => list.filter((item) => item.say).map((item) => h('div', { class: 'key-row' },
    h('dt', null, (item.show ?? item.keys).split(' ').map((key) => h('kbd', null, key))), h('dd', null, item.say)));
  help = openDialog('Keyboard', h('div', { class: 'key-help' },
    h('section', null, h('h3', null, 'Everywhere'), h('dl', null, rows(shared))),
    own.some((item) => item.say) && h('section', null, h('h3', null, 'In this view'), h('dl', null, rows(own)))), { onClose: () => { help = null; } });
}

document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.key === 'Escape') {
    if (closePopover(true)) event.preventDefault();
    else if (document.querySelector('dialog[open]')) return;
    else if (typing(event.target)) event.target.blur();
    else own.find((item) => item.keys === 'Escape')?.run(event);
    return;
  }
  if (typing(event.target) || document.querySelector('dialog[open]')) return;
  const pressed = prefix ? `${prefix} ${event.key}` : event.key;
  clearTimeout(prefixTimer);
  prefix = '';
  const found = [...own, ...shared].find((item) => item.keys === pressed);
  if (found) {
    if (found.run(event) !== false) event.preventDefault();
    return;
  }
  if ([...own, ...shared].some((item) => item.keys.startsWith(`${event.key} `))) {
    prefix = event.key;
    prefixTimer = setTimeout(() => { prefix = ''; }, 1500);
  }
});

addShared({ keys: '?', say: 'Show this help', run: keyHelp });
export const showKeyHelp = keyHelp;
