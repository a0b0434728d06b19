// What an administrator sets while the server runs.

import { sendJson } from '../core/http.js';
import { visibleText } from '../core/text.js';
import { h, textButton } from '../ui/dom.js';
import { field, input, openForm } from './forms.js';
import { panel, table } from './table.js';

export function create({ read, changed }) {
  const view = panel('Settings', 'What holds on every server of this store at once. All else is in the configuration (penstock config print).');
  const put = (key, value) => sendJson('PATCH', '/api/v1/settings', { [key]: value });

  function open(setting) {
    const value = input({ value: setting.value });
    openForm(visibleText(setting.key), field(visibleText(setting.description), value, `As 30m, 12h or 90d. Unless it is set: ${visibleText(setting.default)}`), { action: 'Save', submit: () => put(setting.key, value.value.trim()), done: () => changed('Saved.') });
  }

  const row = (setting) => h('tr', { data: { key: setting.key } }, h('th', { scope: 'row' }, h('code', null, visibleText(setting.key)), h('div', { class: 'muted small' }, visibleText(setting.description))),
    h('td', null, visibleText(setting.value), ' ', !setting.set && h('span', { class: 'muted small' }, 'default')),
    h('td', { class: 'actions' }, textButton('Change', () => open(setting), { class: 'button button-small', 'aria-label': `Change ${visibleText(setting.key)}` }),
      setting.set && textButton('Reset', () => openForm(`Reset ${visibleText(setting.key)}?`, h('p', null, `It is ${visibleText(setting.default)} then.`), { action: 'Reset', submit: () => put(setting.key, null), done: () => changed('Saved.') }), { class: 'button button-small', 'aria-label': `Reset ${visibleText(setting.key)}` })));

  return {
    node: view.node,
    async load() {
      const { settings } = await read('/api/v1/settings');
      view.draw(table('Settings', [['Setting'], ['Value'], ['']], settings.map(row)));
    },
  };
}
