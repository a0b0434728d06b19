// What every browser test needs: a server (the one named by PENSTOCK_URL and PENSTOCK_TOKEN, else the mock), a browser with
// a fresh profile, and a page that remembers everything that went wrong in it.

import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after } from 'node:test';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { startMock } from '../mock_server.mjs';
import { post, seedEverything, seedMetrics } from './seed.mjs';

const FLAGS = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];
const SHOTS = join(dirname(fileURLToPath(import.meta.url)), '../screenshots');
export const isReal = Boolean(process.env.PENSTOCK_URL);
mkdirSync(SHOTS, { recursive: true });

export async function getJson(server, path) {
  const response = await fetch(`${server.url}${path}`, { headers: { Authorization: `Bearer ${server.token}` } });
  if (!response.ok) throw new Error(`GET ${path}: ${response.status} ${await response.text()}`);
  return response.json();
}

/** A server with the seeded data in it; a real one is seeded once, by whichever file comes first,
 *  and its machines are kept alive by the others. */
export async function openServer({ seed = true } = {}) {
  const server = isReal ? { url: process.env.PENSTOCK_URL.replace(/\/$/, ''), token: process.env.PENSTOCK_TOKEN ?? '', stop: async () => {} } : await startMock();
  if (seed) {
    const found = await getJson(server, '/api/v1/logs/facets?field=deployment&from=now-1h&to=now');
    if (!found.values.some((item) => item.value === 'shop' && item.count > 1000)) await seedEverything(server);
    else {
      const { metrics } = await getJson(server, '/api/v1/metrics/latest?names=cpu.usage&n=1&deployment=lab');
      const age = Date.now() - (metrics['cpu.usage'][0]?.points.at(-1)[0] ?? 0);
      if (age > 30_000) await seedMetrics(server, { count: Math.min(120, Math.ceil(age / 15_000)) });
    }
  }
  return server;
}

/** A name that no other test uses, so that tests do not see each other's records. */
export const ownDeployment = (name) => `t-${name}-${Date.now().toString(36)}${Math.floor(Math.random() * 1e4)}`;

export const sendLogs = (server, deployment, records) => post(server, '/api/v1/logs', records.map((record) => ({ deployment, source: 'tester', ...record })));

export const openBrowser = () => chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: FLAGS, chromiumSandbox: false });

/** What a file of tests shares: a server and a browser, which end with it. */
export async function openAll() {
  const server = await openServer();
  const browser = await openBrowser();
  after(async () => {
    await browser.close();
    await server.stop();
  });
  return { server, browser };
}

/** A page in a fresh context. `faults` gathers console errors, uncaught errors, CSP violations, and requests to other hosts. `hosts`: origins whose pages
 *  the test goes through and does not judge; what they ask of others is kept from the network. */
export async function openPage(browser, server, { width = 1440, height = 900, scheme = 'light', signedIn = true, touch = false, allow = [], hosts = [] } = {}) {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: scheme, hasTouch: touch, isMobile: touch, acceptDownloads: true, timezoneId: 'UTC', reducedMotion: 'reduce' });
  await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: server.url });
  const faults = [];
  await context.exposeBinding('reportFault', (_, text) => faults.push(text));
  await context.addInitScript(({ token }) => {
    document.addEventListener('securitypolicyviolation', (event) => window.reportFault(`CSP ${event.violatedDirective}: ${event.blockedURI} at ${event.sourceFile}:${event.lineNumber}:${event.columnNumber}`));
    if (token) sessionStorage.setItem('penstock.token', token);
  }, { token: signedIn ? server.token : '' });
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  const elsewhere = () => hosts.some((host) => page.url().startsWith(`${host}/`));
  if (hosts.length > 0) await context.route((url) => ![new URL(server.url).origin, ...hosts].includes(url.origin), (route) => route.fulfill({ status: 200, contentType: 'text/css', body: '' }));
  page.on('console', (message) => {
    if (!elsewhere() && (message.type() === 'error' || message.type() === 'warning') && !allow.some((pattern) => pattern.test(message.text()))) faults.push(`console ${message.type()}: ${message.text()}`);
  });
  // A wait that fails tells what the page showed and asked for.
  const requests = [];
  page.on('response', (response) => requests.push(`${response.status()} ${response.url()}`));
  page.on('requestfailed', (request) => requests.push(`failed ${request.url()}`));
  const waitForFunction = page.waitForFunction.bind(page);
  page.waitForFunction = async (...condition) => {
    try {
      return await waitForFunction(...condition);
    } catch (error) {
      error.message += `\nthe page at ${page.url()}:\n${(await page.locator('body').innerText()).slice(0, 3000)}\nits last requests:\n${requests.slice(-15).join('\n')}`;
      throw error;
    }
  };
  page.on('pageerror', (error) => faults.push(`uncaught: ${error.message}`));
  page.on('request', (request) => {
    const { protocol, origin } = new URL(request.url());
    if (protocol.startsWith('http') && origin !== new URL(server.url).origin && !hosts.includes(origin) && !elsewhere()) faults.push(`request to another host: ${request.url()}`);
  });
  return {
    page, context, faults,
    go: (hash) => page.goto(`${server.url}/${hash}`),
    shot: (name) => page.screenshot({ path: join(SHOTS, `${name}.png`) }),
    async close() {
      await context.close();
      assert.deepEqual(faults, [], 'the page reported no fault');
    },
  };
}

export const rowTexts = (page) => page.locator('.log-list .row-message').allTextContents();

/** Records in the list; only those in and near the window are elements. */
export const listSize = (page) => page.evaluate(() => Number(document.querySelector('.log-list')?.dataset.size ?? 0));

export async function waitForRows(page, least = 1) {
  await page.waitForFunction((count) => Number(document.querySelector('.log-list')?.dataset.size ?? 0) >= count, least);
}

/** Waits until `check()` holds, looking again and again; for conditions outside the page. */
export async function until(check, what, ms = 10_000) {
  for (const end = Date.now() + ms; Date.now() < end;) {
    if (await check()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.fail(`not within ${ms} ms: ${what}`);
}

export const noSidewaysScroll = (page) => page.evaluate(() => document.documentElement.scrollWidth <= document.documentElement.clientWidth + 1);
