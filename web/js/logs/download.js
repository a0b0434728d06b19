// All matching records as a file, without a row limit, and the same search as a curl command.

import { getBlob, isAborted } from '../core/http.js';
import { logParams } from '../core/state.js';
import { toUrlTime } from '../core/time.js';
import { formatBytes } from '../core/units.js';
import { copyText, h } from '../ui/dom.js';
import { toast } from '../ui/feedback.js';
import { icon } from '../ui/icons.js';
import { curlCommand } from './curl_command.js';

const FORMATS = { ndjson: 'application/x-ndjson', csv: 'text/csv' };

export async function download(state, format) {
  const params = logParams(state);
  params.set('format', format);
  params.set('order', state.order);
  const abort = new AbortController();
  const note = toast('Preparing the download…', { ms: 0, action: { label: 'Cancel', run: () => abort.abort() } });
  try {
    const blob = await getBlob('/api/v1/logs', params, { accept: FORMATS[format], signal: abort.signal, onBytes: (size) => note.update(`Downloading: ${formatBytes(size)}`) });
    const link = h('a', { href: URL.createObjectURL(blob), download: `penstock-${toUrlTime(Date.now()).slice(0, 19).replaceAll(':', '')}.${format}` });
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
    note.close();
    toast(`Downloaded ${formatBytes(blob.size)}.`);
  } catch (error) {
    note.close();
    toast(isAborted(error) ? 'The download was cancelled.' : `The download failed: ${error.message}`, { kind: isAborted(error) ? 'info' : 'error', ms: 8000 });
  }
}

export function downloadPanel(state) {
  return (close) => {
    const item = (symbol, label, run) => h('button', { type: 'button', class: 'menu-item', on: { click: () => { close(); run(); } } }, icon(symbol), label);
    return h('div', { class: 'menu' }, item('download', 'Download NDJSON', () => download(state, 'ndjson')), item('download', 'Download CSV', () => download(state, 'csv')),
      item('copy', 'Copy as curl command', async () => toast(await copyText(curlCommand(state, location.origin)) ? 'The curl command is copied.' : 'The browser did not allow copying.')));
  };
}
