// Which deployments to show: one click takes one, boxes take several, a box to search finds one of hundreds.

import { getJson, isAborted } from '../core/http.js';
import { currentState, navigate } from '../core/router.js';
import { visibleText } from '../core/text.js';
import { groups } from '../core/units.js';
import { h, replace } from './dom.js';
import { icon } from './icons.js';
import { nameParts } from './name.js';
import { togglePopover } from './popover.js';

const MOST_ROWS = 200; // shown at once; the search finds the others

let cached = null; // what was found last is shown at once, while it is asked for again

async function knownDeployments() {
  const { deployments } = await getJson('/api/v1/deployments', null, { key: 'deployments' });
  cached = deployments.map(({ name }) => name);
  return cached;
}

/** Names in which all words occur: those that are chosen first, then those that begin with the text, then by name. Pure. */
export function sortNames(names, text, chosen) {
  const wanted = text.trim().toLowerCase();
  const words = wanted.split(/\s+/).filter(Boolean);
  const rank = (name) => (chosen.has(name) ? 0 : wanted !== '' && name.toLowerCase().startsWith(wanted) ? 1 : 2);
  return names.filter((name) => words.every((word) => name.toLowerCase().includes(word)))
    .sort((left, right) => rank(left) - rank(right) || left.localeCompare(right, undefined, { numeric: true }));
}

function panel(close) {
  const before = currentState().deployment;
  const chosen = new Set(before);
  let known = cached ?? [];
  let problem = cached ? '' : 'Loading…';
  const find = h('input', { class: 'input', type: 'search', placeholder: 'Find or type a deployment', 'aria-label': 'Find a deployment', autocomplete: 'off', spellcheck: 'false', autocapitalize: 'off', on: { input: draw, keydown: keys } });
  const list = h('div', { class: 'deployment-list' });
  const foot = h('div', { class: 'deployment-foot' });
  const node = h('div', { class: 'menu deployment-menu' }, h('div', { class: 'picker-search' }, icon('search'), find), list, foot);

  function take(deployment) {
    close();
    navigate({ deployment });
  }

  const all = () => [...new Set([...known, ...before])];
  const found = () => sortNames(all(), find.value, new Set(before));

  function keys(event) {
    const items = [...list.querySelectorAll('.menu-item')];
    if (event.key === 'Enter') {
      const [first] = found();
      if (first !== undefined && find.value.trim() !== '') take([first]);
      else if (find.value.trim() !== '') take([find.value.trim()]);
    } else if (event.key === 'ArrowDown') items[0]?.focus();
    else return;
    event.preventDefault();
  }

  function step(event) {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!by || !event.target.matches('.menu-item')) return;
    const items = [...list.querySelectorAll('.menu-item')];
    (items[items.indexOf(event.target) + by] ?? find).focus();
    event.preventDefault();
  }

  function check(name, on) {
    if (on) chosen.add(name);
    else chosen.delete(name);
    drawFoot();
  }

  const row = (name) => h('div', { class: 'deployment-row' },
    h('input', { type: 'checkbox', checked: chosen.has(name), 'aria-label': `Also ${visibleText(name)}`, data: { key: `box ${name}` }, on: { change: (event) => check(name, event.target.checked) } }),
    h('button', { type: 'button', class: 'menu-item', title: visibleText(name), data: { key: `take ${name}` }, 'aria-pressed': String(before.includes(name)), on: { click: () => take([name]) } }, h('span', { class: 'name' }, nameParts(name))));

  function drawFoot() {
    const changed = chosen.size !== before.length || before.some((name) => !chosen.has(name));
    replace(foot, changed && h('button', { type: 'button', class: 'button button-primary button-wide', on: { click: () => take([...chosen].sort()) } },
      chosen.size === 0 ? 'Show all' : chosen.size === 1 ? 'Show this one' : `Show these ${chosen.size}`));
  }

  function draw() {
    const names = found();
    const typed = find.value.trim();
    replace(list, typed === '' && h('button', { type: 'button', class: 'menu-item', 'aria-pressed': String(before.length === 0), on: { click: () => take([]) } }, 'All deployments'),
      names.slice(0, MOST_ROWS).map(row),
      names.length > MOST_ROWS && h('p', { class: 'muted small' }, `and ${groups(names.length - MOST_ROWS)} more; type to find them.`),
      typed !== '' && !all().includes(typed) && h('button', { type: 'button', class: 'menu-item', on: { click: () => take([typed]) } }, `Show “${visibleText(typed)}”`),
      problem !== '' && h('p', { class: 'muted small' }, problem),
      problem === '' && all().length === 0 && h('p', { class: 'muted small' }, 'Nothing has been sent yet.'));
    drawFoot();
  }

  list.addEventListener('keydown', step);
  knownDeployments().then((answer) => {
    [known, problem] = [answer, ''];
    draw();
  }, (error) => {
    if (isAborted(error)) return;
    problem = error.message;
    draw();
  });
  draw();
  return node;
}

export function deploymentPicker() {
  const label = h('span', { class: 'time-label' });
  const node = h('button', { type: 'button', class: 'button deployment-button', 'aria-haspopup': 'dialog', 'aria-expanded': 'false',
    on: { click: () => togglePopover(node, 'Deployments', panel) } }, label, icon('caret'));
  return {
    node,
    update({ deployment }) {
      label.textContent = deployment.length === 0 ? 'All deployments' : deployment.length < 3 ? visibleText(deployment.join(', ')) : `${deployment.length} deployments`;
      node.title = 'Deployments shown';
    },
  };
}
