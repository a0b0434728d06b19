// A search of the page as a command for a terminal.

import { logParams } from '../core/state.js';

/** A command for a POSIX shell; the token is left as a variable, so that it can be shared. Pure. */
export function curlCommand(state, origin) {
  const shell = (text) => `'${text.replaceAll("'", "'\\''")}'`;
  const params = logParams(state);
  params.set('format', 'ndjson');
  const parts = [...params].map(([name, value]) => `  --data-urlencode ${shell(`${name}=${value}`)}`);
  return [`curl -sG ${shell(`${origin}/api/v1/logs`)} -H "Authorization: Bearer $PENSTOCK_TOKEN"`, ...parts].join(' \\\n');
}
