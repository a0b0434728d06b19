// A stand-in for `penstock serve`, to build the dashboard against: loopback only, in memory, the same JSON shapes, no disk.
//   node mock_server.mjs [port]       then open http://127.0.0.1:8081 with the token "mock-token"

import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { parseExact, writeExact } from '../../web/js/core/exact_json.js';
import { may, accountOf } from '../../web/js/core/account.js';
import { Deployments } from './mock/deployments.mjs';
import { Identity } from './mock/identity.mjs';
import { Logs } from './mock/logs.mjs';
import { Metrics } from './mock/metrics.mjs';
import { MockError, readRecords, toCsv } from './mock/wire.mjs';

const WEB = join(dirname(fileURLToPath(import.meta.url)), '../../web');
const PLOTLY = join(WEB, 'node_modules/plotly.js-basic-dist-min/plotly-basic.min.js');
const TYPES = { html: 'text/html; charset=utf-8', js: 'text/javascript; charset=utf-8', css: 'text/css; charset=utf-8', svg: 'image/svg+xml' };
const CSP = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; font-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
export const MOCK_TOKEN = 'mock-token';
export const SEND_ONLY_TOKEN = 'mock-agent-token';

async function sendFile(request, response, path) {
  const wanted = path === '/' ? '/index.html' : normalize(path);
  if (wanted.includes('..') || wanted.includes('node_modules')) throw new MockError(404, 'not_found', 'no such file');
  const bytes = await readFile(wanted === '/vendor/plotly-basic.min.js' ? PLOTLY : join(WEB, wanted)).catch(() => {
    throw new MockError(404, 'not_found', 'no such file');
  });
  const headers = { 'Content-Type': TYPES[wanted.split('.').at(-1)] ?? 'application/octet-stream', 'Content-Security-Policy': CSP, 'X-Content-Type-Options': 'nosniff', 'Cache-Control': 'no-cache' };
  const zip = /gzip/.test(request.headers['accept-encoding'] ?? '');
  response.writeHead(200, zip ? { ...headers, 'Content-Encoding': 'gzip', Vary: 'Accept-Encoding' } : headers);
  response.end(zip ? gzipSync(bytes) : bytes);
}

function sendJson(response, body, status = 200) {
  response.writeHead(status, { 'Content-Type': 'application/json' });
  response.end(writeExact(body));
}

async function bodyOf(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts).toString('utf8');
}

export function startMock({ port = 0, token = MOCK_TOKEN } = {}) {
  const logs = new Logs();
  const metrics = new Metrics();
  const identity = new Identity({ token, sendOnly: SEND_ONLY_TOKEN });
  const settings = new Deployments({ logs });
  const started = Date.now();
  const counters = { requests: 0, records: 0 };

  function stats() {
    const lag = counters.requests % 7;
    return {
      uptime_s: (Date.now() - started) / 1000, version: '0.1.0-mock', memory: { rss_bytes: 41_500_000 + (counters.requests % 50) * 20_000, query_bytes: 0 },
      ingest: { records_total: counters.records, rejected_total: 0, in_flight_bytes: (counters.requests % 13) * 40_000, in_flight_limit: 16 << 20 },
      journal: { segments: 3, bytes: 91_000_000 + counters.records * 120, disk_budget: 2 ** 31, free_bytes: 11e9, durable_end: counters.records, queue_bytes: 0, commits_total: counters.requests * 2, fsync_p99_ms: 3.2, writable: true, lost_records: 0 },
      sinks: [{ name: 'postgres', state: 'running', delivered: Math.max(0, counters.records - lag), lag_records: lag, lag_s: lag / 10, errors_total: 0, last_error: '' },
        { name: 'archive', state: 'retrying', delivered: Math.max(0, counters.records - 40), lag_records: 40, lag_s: 21, errors_total: 3, last_error: 'connection refused' }],
      store: { available: true, chunks: 412, bytes: 48_300_000, series: metrics.size }, http: { connections: 6, requests_total: counters.requests },
    };
  }

  function deployments(who) {
    const granted = who.grants.map(({ deployment }) => deployment);
    if (!granted.includes('*')) return { deployments: [...new Set(granted)].map((name) => ({ name })), all: false, partial: false };
    const amounts = [...logs.amounts(), ...metrics.amounts()];
    const of = (name, kind) => amounts.find((one) => one.name === name && one.kind === kind) ?? { records: 0, bytes: 0, chunks: 0 };
    const told = (name, kind) => { const { name: _, kind: __, ...amount } = of(name, kind); return { ...amount, ...settings.inForce(name, kind) }; };
    const names = [...new Set(amounts.map(({ name }) => name))].sort();
    return { deployments: names.map((name) => ({ name, logs: told(name, 'logs'), metrics: told(name, 'metrics'), ...settings.told(name) })), all: true, partial: false, undeclared_metrics: settings.told('*').undeclared_metrics };
  }

  function sendLogs(request, response, query) {
    const accept = request.headers.accept ?? '';
    const format = query.get('format') ?? (accept.includes('ndjson') ? 'ndjson' : accept.includes('text/csv') ? 'csv' : '');
    if (format === '') return sendJson(response, logs.page(query));
    const records = logs.all(query);
    response.writeHead(200, { 'Content-Type': format === 'csv' ? 'text/csv; charset=utf-8' : 'application/x-ndjson' });
    return response.end(format === 'csv' ? toCsv(records) : records.map((record) => `${writeExact(record)}\n`).join(''));
  }

  function tail(request, response, query) {
    const matches = logs.filter(query, { timeless: true });
    response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
    response.write(': open\n\n');
    const stop = logs.subscribe((record) => matches(record) && response.write(`event: record\ndata: ${writeExact(record)}\n\n`));
    const beat = setInterval(() => response.write(': still here\n\n'), 15_000);
    request.on('close', () => {
      stop();
      clearInterval(beat);
    });
  }

  const READ = {
    '/api/v1/logs/histogram': (query) => logs.histogram(query), '/api/v1/logs/facets': (query) => logs.facets(query),
    '/api/v1/logs/fields': (query) => logs.fields(query), '/api/v1/logs/context': (query) => logs.context(query),
    '/api/v1/metrics': (query) => { const list = metrics.list(query); for (const one of list.metrics) Object.assign(one, { unit: settings.declaration(query.get('deployment') ?? '', one.name)?.unit ?? one.unit }); return list; }, '/api/v1/metrics/series': (query) => metrics.series(query),
    '/api/v1/metrics/query': (query) => metrics.query(query), '/api/v1/metrics/latest': (query) => metrics.latest(query),
    '/api/v1/overview': (query) => ({ ...logs.overview(query), ...(query.has('names') ? { latest: metrics.latest(query) } : {}) }), '/api/v1/stats': () => stats(), '/api/v1/version': () => ({ name: 'penstock', version: '0.1.0-mock' }),
  };

  async function answer(request, response) {
    counters.requests += 1;
    const url = new URL(request.url, 'http://mock');
    const path = url.pathname;
    if (path === '/health') return sendJson(response, { status: 'ok' });
    if (path === '/ready') return sendJson(response, { ready: true, checks: { journal: { ok: true, required: true }, store: { ok: true, required: false } } });
    if (!path.startsWith('/api/')) return sendFile(request, response, path);
    const who = identity.principal(request);
    if (/^\/api\/v1\/(users|roles|tokens|grants|settings|audit|session)(\/|$)/.test(path)) {
      const text = await bodyOf(request);
      const [status, body, headers = {}] = identity.answer(request.method, url, text === '' ? {} : JSON.parse(text), who);
      response.writeHead(status, { 'Content-Type': 'application/json', ...headers });
      return response.end(body === null ? '' : JSON.stringify(body));
    }
    if (!who) throw new MockError(401, 'unauthorized', 'a known token is needed');
    if (/^\/api\/v1\/(custom-metrics|retention)(\/|$)/.test(path) || request.method === 'PATCH') {
      if (!may(accountOf(who), 'admin')) throw new MockError(403, 'forbidden', 'This needs the right admin.');
      const text = await bodyOf(request);
      const [status, body] = settings.answer(request.method, url, text === '' ? {} : JSON.parse(text));
      response.writeHead(status, { 'Content-Type': 'application/json' });
      return response.end(body === null ? '' : JSON.stringify(body));
    }
    if (request.method === 'POST' && (path === '/api/v1/logs' || path === '/api/v1/metrics')) {
      const records = readRecords(await bodyOf(request), path.endsWith('logs') ? parseExact : JSON.parse);
      const samples = path.endsWith('logs') ? [] : records.flatMap((record, index) => Object.entries(record.metrics ?? {}).filter(([name, value]) => {
        const { min = null, max = null } = settings.declaration(record.deployment, name) ?? {};
        return (min !== null && value < min) || (max !== null && value > max);
      }).map(([name]) => {
        delete record.metrics[name];
        return { index, field: `metrics.${name}`, code: 'invalid_value', message: 'outside of its range' };
      }));
      records.forEach((record) => (path.endsWith('logs') ? logs : metrics).add(record));
      counters.records += records.length;
      return sendJson(response, { accepted: records.length, rejected: 0, errors: [], ...(samples.length > 0 ? { rejected_samples: samples.length, sample_errors: samples } : {}) });
    }
    if (path === '/api/v1/stats' && !may(accountOf(who), 'admin')) throw new MockError(403, 'forbidden', 'This needs the right admin.');
    if (path === '/api/v1/deployments') return sendJson(response, deployments(who));
    Identity.narrow(url.searchParams, who);
    if (path === '/api/v1/logs') return sendLogs(request, response, url.searchParams);
    if (path === '/api/v1/logs/tail') return tail(request, response, url.searchParams);
    if (READ[path]) return sendJson(response, READ[path](url.searchParams));
    throw new MockError(404, 'not_found', 'there is no such route');
  }

  const server = createServer((request, response) => answer(request, response).catch((error) => {
    const known = error instanceof MockError ? error : new MockError(500, 'internal', String(error.stack ?? error));
    if (!response.headersSent) sendJson(response, { error: { code: known.code, message: known.message, field: known.field } }, known.status);
    else response.destroy();
  }));
  return new Promise((resolve) => {
    server.listen(port, '127.0.0.1', () => resolve({
      url: `http://127.0.0.1:${server.address().port}`, token,
      stop: () => new Promise((done) => {
        server.close(done);
        server.closeAllConnections();
      }),
    }));
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { seedEverything } = await import('./support/seed.mjs');
  const mock = await startMock({ port: Number(process.argv[2] ?? 8081) });
  await seedEverything(mock);
  console.log(`${mock.url} with the token ${mock.token}`);
}
