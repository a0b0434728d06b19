// The keys that what is stored is sealed with: which are in force, what is still under replaced ones, and a new one. No key is ever shown.

import { sendJson } from '../core/http.js';
import { visibleText } from '../core/text.js';
import { h, textButton } from '../ui/dom.js';
import { choice, field, openForm } from './forms.js';
import { checkText, factsOf } from './key_text.js';
import { exactTimeCell, panel, table } from './table.js';

const WHICH = [['outer', 'the outer key'], ['all', 'the outer key and all data keys']];
const AGAIN_MS = 1000; // while the keys are being tried

export function create({ read, changed }) {
  const verify = textButton('Try all keys', async () => {
    await sendJson('POST', '/api/v1/keys/verify', {});
    await changed();
  }, { class: 'button' });
  const rotate = textButton('Replace the key', open, { class: 'button button-primary' });
  const view = panel('Keys', 'What is stored is sealed with these. Keep a copy of the outer key apart from the backups: without it nobody reads the data.', verify, rotate);
  let timer = 0;

  function open() {
    const which = choice('What is replaced', WHICH, 'outer');
    openForm('Replace the key?', h('div', { class: 'form' }, field('What is replaced', which, 'Replaced data keys mean that chunks are sealed anew in the background, at a measured pace.'),
      h('p', null, 'Copy the new key file elsewhere afterwards, and keep the old one as long as you keep backups made before now.')),
    { action: 'Replace', submit: () => sendJson('POST', '/api/v1/keys/rotate', { data_keys: which.value === 'all' }), done: ({ to }) => changed(`The outer key is ${to} now. Copy its file.`) });
  }

  const root = (one) => h('tr', { data: { key: one.id } }, h('th', { scope: 'row', class: 'mono' }, visibleText(one.id)), exactTimeCell(one.made_at), h('td', { class: 'mono' }, visibleText(one.under)));

  return {
    node: view.node,
    async load() {
      clearTimeout(timer);
      const status = await read('/api/v1/keys');
      verify.disabled = !status.sealed || status.check.state === 'running';
      rotate.disabled = !status.sealed || !(status.replaceable || status.rotation_unfinished);
      view.draw(h('dl', { class: 'account-facts' }, factsOf(status).map(([what, text]) => [h('dt', null, what), h('dd', null, visibleText(text))])),
        status.sealed && h('p', { class: status.check.state === 'failed' ? 'badge badge-bad' : 'muted', role: 'status' }, visibleText(checkText(status.check))),
        status.sealed && !status.replaceable && h('p', { class: 'muted small' }, 'The key comes from the environment or a credential: put a new one before it there, restart, and replace it here.'),
        status.sealed && table('Keys of the data folder', [['Key of the data folder'], ['Made'], ['Under the outer key']], status.roots.map(root)));
      if (status.check.state === 'running' && view.node.isConnected) timer = setTimeout(changed, AGAIN_MS);
    },
  };
}
