// Elements without markup: every text goes in as a text node, so log text can never become HTML.

const SVG = 'http://www.w3.org/2000/svg';

function fill(node, props, children) {
  for (const [name, value] of Object.entries(props ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name === 'on') for (const [event, listener] of Object.entries(value)) node.addEventListener(event, listener);
    else if (name === 'vars') for (const [key, text] of Object.entries(value)) node.style.setProperty(key, text);
    else if (name === 'data') Object.assign(node.dataset, value);
    else if (name === 'value' || name === 'checked') node[name] = value;
    else node.setAttribute(name, value === true ? '' : value);
  }
  append(node, children);
  return node;
}

function append(node, children) {
  for (const child of children.flat(3)) {
    if (child === null || child === undefined || child === false) continue;
    node.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
}

export const h = (tag, props, ...children) => fill(document.createElement(tag), props, children);
export const svg = (tag, props, ...children) => fill(document.createElementNS(SVG, tag), props, children);

export function replace(node, ...children) {
  node.replaceChildren();
  append(node, children);
  return node;
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
