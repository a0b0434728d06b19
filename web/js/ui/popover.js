// A panel below a button: opens on click, closes on Esc, on a click elsewhere and when focus leaves it.

import { h } from './dom.js';

let open = null;

export function closePopover(refocus = false) {
  if (!open) return false;
  const { panel, anchor } = open;
  open = null;
  panel.remove();
  anchor.setAttribute('aria-expanded', 'false');
  if (refocus) anchor.focus();
  return true;
}

export function togglePopover(anchor, label, build, { align = 'left', wide = false } = {}) {
  const same = open?.anchor === anchor;
  closePopover();
  if (same) return;
  const panel = h('div', { class: `popover${wide ? ' popover-wide' : ''}`, role: 'dialog', 'aria-label': label, tabindex: '-1' });
  panel.append(build(() => closePopover(true)));
  document.body.append(panel);
  const place = anchor.getBoundingClientRect();
  const width = panel.offsetWidth;
  const wanted = align === 'right' ? place.right - width : place.left;
  const left = Math.max(8, Math.min(wanted, document.documentElement.clientWidth - width - 8));
  const top = place.bottom + 6;
  panel.style.left = `${left}px`;
  panel.style.top = `${top}px`;
  panel.style.maxHeight = `${Math.max(180, window.innerHeight - top - 12)}px`;
  anchor.setAttribute('aria-expanded', 'true');
  open = { panel, anchor };
  (panel.querySelector('[autofocus], input, button, select') ?? panel).focus({ preventScroll: true });
  panel.addEventListener('focusout', (event) => {
    if (event.relatedTarget && !panel.contains(event.relatedTarget) && event.relatedTarget !== anchor) closePopover();
  });
}

document.addEventListener('pointerdown', (event) => {
  if (open && !open.panel.contains(event.target) && !open.anchor.contains(event.target)) closePopover();
});
