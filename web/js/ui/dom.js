// Elements without markup: every text goes in as a text node, so log text can never become HTML.

const SVG = 'http://www.w3.org/2000/svg';

const FOCUSABLE = 'a[href], button:not(:disabled), input, select, summary, textarea, [tabindex]';
const listeners = new WeakMap();

/** One listener an event, which patch() can exchange. */
function listen(node, event, listener) {
  if (!listeners.has(node)) listeners.set(node, {});
  const own = listeners.get(node);
  if (!(event in own)) node.addEventListener(event, (happened) => own[event]?.call(node, happened));
  own[event] = listener;
}

function fill(node, props, children) {
  for (const [name, value] of Object.entries(props ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name === 'on') for (const [event, listener] of Object.entries(value)) listen(node, event, listener);
    else if (name === 'vars') for (const [key, text] of Object.entries(value)) node.style.setProperty(key, text);
    else if (name === 'data') Object.assign(node.dataset, value);
    else if (name === 'value' || name === 'checked') node[name] = value;
    else node.setAttribute(name, value === true ? '' : value);
  }
  node.append(...nodesOf(children));
  return node;
}

const nodesOf = (children) => children.flat(3).filter((child) => child !== null && child !== undefined && child !== false)
  .map((child) => (child instanceof Node ? child : document.createTextNode(String(child))));

export const h = (tag, props, ...children) => fill(document.createElement(tag), props, children);
export const svg = (tag, props, ...children) => fill(document.createElementNS(SVG, tag), props, children);

/** What names an element from one drawing to the next: its data-key, or what it says. */
const nameOf = (node) => node.dataset.key ?? `${node.tagName} ${node.id || (node.getAttribute('aria-label') ?? node.getAttribute('href') ?? node.textContent)}`;

/** Runs `change`, which draws `node` anew, and gives the focus back: to what has the same name, else to what is now in its
 *  place, else to what is around it. Without this each action would throw a keyboard's user to the top of the page. */
export function keepFocus(node, change) {
  const focused = document.activeElement;
  if (focused === node || !node.contains(focused)) {
    change();
    return;
  }
  const all = () => [...node.querySelectorAll(FOCUSABLE)];
  const name = nameOf(focused);
  const place = all().indexOf(focused);
  change();
  if (node.contains(document.activeElement)) return;
  const left = all();
  (left.find((one) => nameOf(one) === name) ?? left[Math.min(place, left.length - 1)])?.focus({ preventScroll: true });
  if (document.activeElement === document.body) node.closest('[tabindex]')?.focus({ preventScroll: true });
}

/** Draws `node` anew. What is there already, in the same order, is left alone. */
export function replace(node, ...children) {
  const fresh = nodesOf(children);
  if (fresh.length === node.childNodes.length && fresh.every((child, index) => child === node.childNodes[index])) return node;
  keepFocus(node, () => node.replaceChildren(...fresh));
  return node;
}

/** Draws `node` anew by changing only what differs, so that focus, selected text and scroll places stay. For content that
 *  nobody holds a reference to: of an element that is there already, the new one is not used. */
export function patch(node, ...children) {
  keepFocus(node, () => patchChildren(node, nodesOf(children)));
  return node;
}

const keyOf = (node) => node?.dataset?.key;
const alike = (old, fresh) => old.nodeName === fresh.nodeName && keyOf(old) === keyOf(fresh);

function patchChildren(node, fresh) {
  const keyed = new Map([...node.children].filter(keyOf).map((child) => [keyOf(child), child]));
  let at = node.firstChild;
  for (const next of fresh) {
    const found = keyed.get(keyOf(next)) ?? at;
    if (!found || !alike(found, next)) {
      node.insertBefore(next, at);
      continue;
    }
    if (found === at) at = at.nextSibling;
    else node.insertBefore(found, at);
    if (found.nodeType === Node.TEXT_NODE) {
      if (found.data !== next.data) found.data = next.data;
    } else patchElement(found, next);
  }
  while (at) {
    const gone = at;
    at = at.nextSibling;
    gone.remove();
  }
}

function patchElement(old, fresh) {
  for (const { name } of [...old.attributes]) if (!fresh.hasAttribute(name)) old.removeAttribute(name);
  for (const { name, value } of fresh.attributes) {
    if (old.getAttribute(name) === value) continue;
    // The page's policy takes no style as an attribute, only by the object model.
    if (name === 'style') old.style.cssText = fresh.style.cssText;
    else old.setAttribute(name, value);
  }
  const [before, now] = [listeners.get(old) ?? {}, listeners.get(fresh) ?? {}];
  for (const event of Object.keys(before)) before[event] = now[event];
  for (const [event, listener] of Object.entries(now)) listen(old, event, listener);
  patchChildren(old, [...fresh.childNodes]);
  if (old.nodeName === 'SELECT' && old.value !== fresh.value) old.value = fresh.value;
}

export function button(label, onClick, props = {}, ...children) {
  return h('button', { type: 'button', 'aria-label': label, title: label, ...props, on: { click: onClick, ...props.on } },
    children.length > 0 ? children : label);
}

/** A button whose text is its name. */
export function textButton(label, onClick, props = {}) {
  return h('button', { type: 'button', class: 'button', ...props, on: { click: onClick } }, label);
}

export function option(value, label, selected) {
  const node = h('option', { value }, label);
  node.selected = selected;
  return node;
}

export function select(label, choices, value, onChange, props = {}) {
  return h('select', { 'aria-label': label, title: label, ...props, on: { change: (event) => onChange(event.target.value) } },
    choices.map(([key, text]) => option(key, text, key === value)));
}

/** Calls `work` once things have been quiet for `ms`. */
export function debounce(work, ms) {
  let timer = 0;
  const later = (...values) => {
    clearTimeout(timer);
    timer = setTimeout(() => work(...values), ms);
  };
  later.cancel = () => clearTimeout(timer);
  return later;
}

export async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = h('textarea', { class: 'sr-only', value: text });
    document.body.append(area);
    area.select();
    const done = document.execCommand('copy');
    area.remove();
    return done;
  }
}
