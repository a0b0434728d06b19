// What a fresh server shows: the commands that bring the first record in.

import { copyText, h, textButton } from '../ui/dom.js';
import { toast } from '../ui/feedback.js';

function command(title, text) {
  return h('section', { class: 'command' }, h('div', { class: 'command-head' }, h('h3', null, title),
    textButton('Copy', async () => toast(await copyText(text) ? 'Copied.' : 'The browser did not allow copying.'), { class: 'button button-small' })), h('pre', { class: 'mono' }, text));
}

export function startHere(origin) {
  return h('div', { class: 'card start-here' }, h('h2', null, 'Nothing has been sent yet'),
    h('p', { class: 'muted' }, 'Send a first record with one of these; it appears here within seconds. ', h('code', null, '$TOKEN'), ' is a token with the right to ingest.'),
    command('One log record', `curl -sS ${origin}/api/v1/logs -H "Authorization: Bearer $TOKEN" \\\n  -d '{"source": "my-host", "severity": "INFO", "message": "hello, Penstock"}'`),
    command('One metric', `curl -sS ${origin}/api/v1/metrics -H "Authorization: Bearer $TOKEN" \\\n  -d '{"source": "my-host", "metrics": {"cpu.usage": 12.5}}'`),
    command('This machine’s health, every few seconds', `penstock agent --url ${origin} --token "$TOKEN"`));
}
