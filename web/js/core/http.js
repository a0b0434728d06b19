// The only place that talks to the server: token, superseded requests, bounded retries, errors as sentences, streams.

import { hearDate } from './clock.js';
import { parseExact } from './exact_json.js';
import { unreachable } from './outage.js';
import { asking, heard } from './pulse.js';
import { createEventParser } from './sse.js';
import { currentToken, isUser, signOut } from './session.js';

const RETRIES = 2;
const RETRIABLE = new Set([502, 503]);
const NOBODY = 502; // what a proxy says when there is no server behind it
const running = new Map();

export class ApiError extends Error {
  constructor(message, { status = 0, code = '', field = '', away = false } = {}) {
    super(message);
    this.name = 'ApiError';
    this.away = away;
    this.status = status;
    this.code = code;
    this.field = field;
  }
}

export const isAborted = (error) => error?.name === 'AbortError';
/** Nothing to say: the question was given up, or the server is away, which the frame of the page says once for all. */
export const isSaid = (error) => isAborted(error) || error?.away === true;

function away() {
  unreachable();
  return new ApiError('The server cannot be reached. Check that it runs and that the network is up.', { away: true });
}

const SENTENCES = {
  403: 'This token may not read that. Ask an administrator for the right.',
  404: 'The server does not know this address. Its version may differ from the dashboard’s.',
  503: 'The server is busy or not ready yet.',
  504: 'The server did not answer in time. Narrow the time or the search.',
};

async function errorOf(response) {
  let said = null;
  try {
    said = (await response.json()).error;
  } catch {
    // Not every error has a JSON body.
  }
  const fallback = SENTENCES[response.status] ?? `The server answered ${response.status}${response.statusText ? ` (${response.statusText})` : ''}.`;
  const message = said?.message ? sentence(said.message) : fallback;
  return new ApiError(message, { status: response.status, code: said?.code, field: said?.field });
}

function sentence(text) {
  const value = String(text).trim();
  const first = value.charAt(0).toUpperCase() + value.slice(1);
  return /[.!?…]$/.test(first) ? first : `${first}.`;
}

const wait = (ms, signal) => new Promise((resolve, reject) => {
  const timer = setTimeout(resolve, ms);
  signal?.addEventListener('abort', () => {
    clearTimeout(timer);
    reject(signal.reason);
  }, { once: true });
});

/** Retry-After in milliseconds, kept within what a person waits for. */
function pause(attempt, response) {
  const asked = Number(response?.headers.get('Retry-After'));
  return Number.isFinite(asked) && asked > 0 ? Math.min(asked * 1000, 4000) : 300 * 2 ** attempt;
}

function address(path, params) {
  const query = params instanceof URLSearchParams ? params.toString() : new URLSearchParams(params ?? {}).toString();
  return query ? `${path}?${query}` : path;
}

async function attempt(path, params, { method = 'GET', headers = {}, body, signal, token = currentToken(), cookie = isUser(), retries = RETRIES }) {
  for (let round = 0; ; round += 1) {
    let response;
    const asked = Date.now();
    try {
      response = await fetch(address(path, params), {
        method, signal, body, headers: { ...headers, ...(token ? { Authorization: `Bearer ${token}` } : {}) }, cache: 'no-store',
        credentials: cookie && !token ? 'same-origin' : 'omit', redirect: 'error',
      });
    } catch (error) {
      if (isAborted(error) || signal?.aborted) throw error;
      if (round >= retries) throw away();
      await wait(pause(round), signal);
      continue;
    }
    hearDate(response.headers.get('Date'), asked, Date.now());
    if (response.status !== NOBODY) heard();
    if (RETRIABLE.has(response.status) && round < retries) {
      await wait(pause(round, response), signal);
      continue;
    }
    if (response.status === NOBODY) throw away();
    if (response.status === 401 && (token || isUser())) signOut(token ? 'The server does not accept this token any more. Sign in again.' : 'You were signed out. Sign in again.', token);
    if (!response.ok) throw await errorOf(response);
    return response;
  }
}

/** Runs `work(signal)`; an earlier run with the same key is aborted first. `options.signal` ends it too. */
async function superseding(key, outer, work) {
  outer?.throwIfAborted(); // what was given up must not end what came after it
  const controller = new AbortController();
  const stop = () => controller.abort();
  outer?.addEventListener('abort', stop, { once: true });
  if (key) {
    running.get(key)?.abort();
    running.set(key, controller);
  }
  const over = asking();
  try {
    return await work(controller.signal);
  } finally {
    over();
    outer?.removeEventListener('abort', stop);
    if (key && running.get(key) === controller) running.delete(key);
  }
}

/** GET → parsed JSON. Throws ApiError, or an AbortError when a newer request with the same `key` took over.
 *  `exact`: numbers keep their digits (exact_json.js). */
export function getJson(path, params, { key = '', signal, retries, exact = false } = {}) {
  return superseding(key, signal, async (inner) => {
    const response = await attempt(path, params, { signal: inner, retries, headers: { Accept: 'application/json' } });
    try {
      return exact ? parseExact(await response.text()) : await response.json();
    } catch (error) {
      if (isAborted(error)) throw error;
      throw new ApiError('The server’s answer was cut off or is not JSON. Try again.', { status: response.status });
    }
  });
}

/** Sends what is to be done (POST, PUT, PATCH, DELETE), once; gives the answer's JSON, or null. */
export async function sendJson(method, path, body, options = {}) {
  const sent = body === undefined ? {} : { body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } };
  const response = await superseding('', undefined, (signal) => attempt(path, null, { method, ...sent, signal, retries: 0, ...options }));
  const text = await response.text();
  return text === '' ? null : JSON.parse(text);
}

/** What the server tells of who asks, with this token or with the cookie; null: it does not know them. */
export async function askWhoIsThere(token = currentToken()) {
  try {
    return await (await attempt('/api/v1/session', null, { token, cookie: token === '', retries: 1 })).json();
  } catch (error) {
    if (error.status === 401) return null;
    throw error;
  }
}

/** Name and password for a session's cookie. A refusal is an ApiError whose message says what to do. */
export const logIn = (name, password) => sendJson('POST', '/api/v1/session', { name, password }, { token: '', cookie: true });
/** Gives where to go on, for the session at a provider to end too; '' for nowhere. */
export async function logOut({ everywhere = false } = {}) {
  const there = (await sendJson('DELETE', `/api/v1/session${everywhere ? '?everywhere=1' : ''}`))?.provider_log_out ?? '';
  return /^https?:\/\//.test(there) ? there : '';
}

/** The providers by which users come; none while the server does not tell. */
export async function getProviders() {
  try {
    return (await getJson('/api/v1/oidc', null, { key: 'providers' })).providers;
  } catch {
    return [];
  }
}

/** /ready: 503 is an answer here, not a failure. Details are told to whom the server knows. */
export async function getReady(signal) {
  const token = currentToken();
  let response;
  try {
    response = await fetch('/ready', { signal, cache: 'no-store', credentials: token ? 'omit' : 'same-origin', headers: { Accept: 'application/json', ...(token ? { Authorization: `Bearer ${token}` } : {}) } });
  } catch (error) {
    if (isAborted(error)) throw error;
    throw away();
  }
  const text = await response.text();
  let body = null;
  try {
    body = JSON.parse(text);
  } catch {
    // Plain text is fine too.
  }
  return { ready: response.ok, status: response.status, text: text.trim(), body };
}

/** A download as a Blob; `onBytes(n)` tells how far it is. */
export async function getBlob(path, params, { accept, signal, onBytes = () => {} }) {
  const response = await attempt(path, params, { signal, headers: { Accept: accept } });
  const parts = [];
  let size = 0;
  for (const reader = response.body.getReader(); ;) {
    const { done, value } = await reader.read();
    if (done) break;
    parts.push(value);
    size += value.length;
    onBytes(size);
  }
  return new Blob(parts, { type: accept });
}

/** Follows an event stream until `signal` aborts, connecting again with growing pauses, from the last event on where the server names them.
 *  onState('connecting' | 'open' | 'lost', sentence, resumed); refusals (4xx) are thrown. */
export async function followEvents(path, params, { signal, onEvent, onState }) {
  let lastId = '';
  for (let round = 0; !signal.aborted; round += 1) {
    onState('connecting', '');
    let reason = 'The connection ended.';
    try {
      const response = await attempt(path, params, { signal, headers: { Accept: 'text/event-stream', ...(lastId && { 'Last-Event-ID': lastId }) }, retries: 0 });
      onState('open', '', lastId !== '');
      round = 0;
      const feed = createEventParser(onEvent, { onId: (id) => { lastId = id; } });
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) feed(chunk.value);
    } catch (error) {
      if (signal.aborted) return;
      if (error.status >= 400 && error.status < 500) throw error;
      reason = error instanceof ApiError ? error.message : 'The connection was lost.';
    }
    if (signal.aborted) return;
    onState('lost', reason);
    await wait(Math.min(500 * 2 ** round, 10_000), signal).catch(() => {});
  }
}
