// What the page says must be so: no old value as a new one, no count that leaves out, no number with other digits.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isReal, openAll, openPage, ownDeployment, rowTexts, sendLogs, waitForRows } from './support/harness.mjs';
import { post } from './support/seed.mjs';

const { server, browser } = await openAll();

const MINUTE = 60_000;
/** Points of one line, the newest `age` ago. */
const sendMetrics = (deployment, source, metrics, { labels = {}, age = 0, every = 10_000, count = 12 } = {}) => post(server, '/api/v1/metrics',
  Array.from({ length: count }, (_, index) => ({ deployment, source, labels, metrics, timestamp: new Date(Date.now() - age - (count - 1 - index) * every).toISOString() })));
const cardText = (page, source) => page.locator(`.machine[data-source="${source}"]`).innerText();
const slowly = (page, path, ms) => page.route(path, async (route) => {
  await new Promise((resolve) => setTimeout(resolve, ms));
  await route.continue().catch(() => {});
});

test('answers that take longer than the refresh interval are shown all the same', async () => {
  const deployment = ownDeployment('slow');
  await sendMetrics(deployment, 'slow-host', { 'cpu.usage': 12.5 });
  const view = await openPage(browser, server);
  const { page } = view;
  await slowly(page, '**/api/v1/overview?**', 2500);
  await view.go(`#/overview?deployment=${deployment}&refresh=1s`);
  await page.waitForSelector('.machine[data-source="slow-host"]', { timeout: 15_000 });
  await slowly(page, '**/api/v1/stats', 2500);
  await view.go('#/system?refresh=1s');
  await page.waitForSelector('.panel >> text=Journal', { timeout: 15_000 });
  await page.unrouteAll({ behavior: 'ignoreErrors' });
  await view.close();
});

test('a server that does not answer for long is said, and what is shown is marked as old', async () => {
  const deployment = ownDeployment('late');
  await sendMetrics(deployment, 'late-host', { 'cpu.usage': 12.5 });
  const view = await openPage(browser, server);
  const { page } = view;
  await page.clock.install();
  await view.go(`#/overview?deployment=${deployment}&refresh=5s`);
  await page.waitForSelector('.machine');
  await page.waitForFunction(() => !document.querySelector('.progress.on'));
  await page.route('**/api/v1/**', () => {});
  await page.clock.runFor(8000);
  assert.equal(await page.locator('.late-notice').isVisible(), false);
  await page.clock.runFor(25_000);
  await page.getByText(/No answer for \d+ s\. What is shown is as of \d\d:\d\d:\d\d/).waitFor();
  assert.ok(await page.evaluate(() => document.querySelector('.main').classList.contains('stale') && document.querySelector('.machine') !== null));
  await view.shot('late-notice');
  await page.getByRole('button', { name: 'Ask again' }).click();
  await page.unrouteAll({ behavior: 'ignoreErrors' });
  await page.clock.runFor(3000);
  await page.waitForFunction(() => document.querySelector('.late-notice').hidden);
  await view.close();
});

test('with the server gone, ages grow and numbers are marked with the time they are of', async () => {
  const deployment = ownDeployment('gone');
  await sendMetrics(deployment, 'gone-host', { 'cpu.usage': 12.5 });
  const view = await openPage(browser, server, { allow: [/ERR_|Failed to load/] });
  const { page } = view;
  await page.clock.install();
  await view.go(`#/overview?deployment=${deployment}&refresh=10s`);
  await page.waitForSelector('.machine .state-live');
  await page.waitForFunction(() => !document.querySelector('.progress.on'));
  for (const path of ['**/api/v1/**', '**/health']) await page.route(path, (route) => route.abort());
  await page.clock.runFor(200_000);
  await page.getByText(/as of \d\d:\d\d:\d\d/).waitFor();
  assert.match(await page.locator('.machine .seen').innerText(), /^3(\.\d)? min ago$/);
  assert.doesNotMatch(await page.locator('.overview').innerText(), /just now|\d s ago/);
  assert.equal(await page.locator('.machine .state-live').count(), 1, 'that the server is away does not make a machine silent');
  await page.unrouteAll({ behavior: 'ignoreErrors' });
  await view.go('#/system');
  await page.waitForSelector('.panel >> text=Journal');
  for (const path of ['**/api/v1/**', '**/health']) await page.route(path, (route) => route.abort());
  await page.clock.runFor(20_000);
  await page.getByText(/The numbers below are as of \d\d:\d\d:\d\d/).waitFor();
  await view.shot('system-old');
  await view.close();
});

test('a clock that is ten minutes off does not make every machine silent', async () => {
  const deployment = ownDeployment('clock');
  await sendMetrics(deployment, 'clock-host', { 'cpu.usage': 12.5 });
  const view = await openPage(browser, server);
  await view.context.addInitScript(() => {
    const real = Date.now;
    Date.now = () => real() + 600_000;
  });
  await view.go(`#/overview?deployment=${deployment}`);
  await view.page.waitForSelector('.machine .state-live');
  await view.close();
});

test('old values are told as old, and silent machines are not in the tiles', async () => {
  const deployment = ownDeployment('old');
  await sendMetrics(deployment, 'busy-once', { 'cpu.usage': 99, 'storage.usage': 98 }, { age: 180 * MINUTE });
  await sendMetrics(deployment, 'now-host', { 'cpu.usage': 11, 'storage.usage': 22 });
  await sendMetrics(deployment, 'now-host', { 'storage.usage': 97 }, { age: 180 * MINUTE, labels: { mount: '/unplugged' } });
  const view = await openPage(browser, server);
  const { page } = view;
  await view.go(`#/overview?deployment=${deployment}`);
  await page.waitForSelector('.machine[data-source="busy-once"]');
  assert.match(await page.locator('.tile', { hasText: 'Busiest CPU' }).innerText(), /11 %[\s\S]*now-host/);
  assert.match(await page.locator('.tile', { hasText: 'Fullest storage' }).innerText(), /22 %/);
  assert.match(await cardText(page, 'busy-once'), /Old: the last values/);
  assert.doesNotMatch(await cardText(page, 'now-host'), /unplugged|Old:/);
  await view.shot('overview-old');
  await view.close();
});

test('one question brings the overview of all deployments, and what is left out of it is said', async () => {
  const deployments = Array.from({ length: 40 }, (_, index) => `${ownDeployment('many')}-${String(index).padStart(2, '0')}`);
  await post(server, '/api/v1/logs', deployments.flatMap((deployment, index) => Array.from({ length: 45 - index }, (_, line) => ({ deployment, source: `only-logs-${index}`, severity: 'ERROR', message: `error ${line}` }))));
  const view = await openPage(browser, server);
  const { page } = view;
  const asked = [];
  page.on('request', (request) => { if (request.url().includes('/api/')) asked.push(new URL(request.url()).pathname); });
  await view.go('#/overview');
  await page.waitForFunction((name) => [...document.querySelectorAll('.log-source')].some((one) => one.textContent.includes(name)), 'only-logs-39');
  assert.match(await page.locator('.log-source', { hasText: 'only-logs-3' }).first().innerText(), /42/);
  assert.deepEqual(asked.filter((path) => path !== '/api/v1/session'), ['/api/v1/overview'], 'beside who one is');
  await page.route('**/api/v1/overview?**', async (route) => {
    const response = await route.fetch();
    const body = await response.json();
    await route.fulfill({ response, json: { ...body, sources: body.sources.slice(0, 3), sources_total: 4003 } });
  });
  await page.keyboard.press('r');
  await page.getByText('4,000 sources with fewer errors and records are not shown here').waitFor();
  await view.close();
});

test('integers above 2^53 and long decimals are shown, copied and filtered with the digits they were sent with', async () => {
  const deployment = ownDeployment('digits');
  const body = `{"deployment":"${deployment}","source":"s","message":"digits","fields":{"order":12345678901234567890,"share":0.12345678901234567890123}}`;
  const send = (text) => fetch(`${server.url}/api/v1/logs`, { method: 'POST', body: text, headers: { Authorization: `Bearer ${server.token}`, 'Content-Type': 'application/json' } });
  await send(body);
  const view = await openPage(browser, server);
  const { page } = view;
  await view.go(`#/logs?deployment=${deployment}`);
  await waitForRows(page, 1);
  assert.match((await rowTexts(page))[0], /order=12345678901234567890 share=0\.12345678901234567890123/);
  await page.locator('.row-summary').first().click();
  await page.getByRole('button', { name: 'Copy JSON' }).click();
  assert.match(await page.evaluate(() => navigator.clipboard.readText()), /"order": 12345678901234567890,\s+"share": 0\.12345678901234567890123/);
  await page.locator('.detail-line[data-field="order"]').hover();
  await page.getByRole('button', { name: /^Only order/ }).click();
  await page.waitForURL(/field\.order=12345678901234567890/);
  await page.waitForFunction(() => /^1 record/.test(document.querySelector('.log-status').textContent));
  await view.go(`#/logs?deployment=${deployment}&live=1`);
  await page.waitForSelector('.live-button[data-state="open"]');
  await waitForRows(page, 1);
  await send(body.replace('7890,', '7891,'));
  await page.waitForFunction(() => [...document.querySelectorAll('.row-message')].some((row) => row.textContent.includes('order=12345678901234567891')));
  await view.close();
});

test('what the server says of a query stays, however quickly Enter came', async () => {
  const view = await openPage(browser, server, { allow: [/400/] });
  const { page } = view;
  await view.go('#/logs');
  await waitForRows(page);
  await page.route('**/api/v1/logs?**', (route) => route.fulfill({ status: 400, json: { error: { code: 'invalid_query', message: 'this word is not allowed here', field: 'q' } } }));
  await page.clock.install();
  await page.clock.pauseAt(Date.now() + 1000);
  await page.keyboard.press('/');
  await page.keyboard.type('word');
  await page.keyboard.press('Enter');
  await page.getByText('This word is not allowed here.').waitFor();
  await page.clock.runFor(1000);  // the hint would have come by now
  assert.ok(await page.getByText('This word is not allowed here.').isVisible());
  await view.close();
});

test('without the histogram the page does not claim that 100 records are all', async () => {
  const view = await openPage(browser, server, { allow: [/500/] });
  const { page } = view;
  await page.route('**/api/v1/logs/histogram?**', (route) => route.fulfill({ status: 500, json: { error: { code: 'internal', message: 'no counts today' } } }));
  await view.go('#/logs');
  await waitForRows(page, 50);
  await page.getByText('The counts over time could not be loaded. No counts today.').waitFor();
  await page.waitForFunction(() => /at least [\d,]+ records/.test(document.querySelector('.log-status').textContent));
  await view.shot('logs-uncounted');
  await page.unrouteAll();
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.waitForSelector('.histogram .bar');
  await page.waitForFunction(() => /^[\d,]+ records/.test(document.querySelector('.log-status').textContent));
  await view.close();
});

test('a filter on an empty value finds the records that have it', async () => {
  const deployment = ownDeployment('empty');
  await sendLogs(server, deployment, [{ message: 'with', fields: { note: '' } }, { message: 'without', fields: { note: 'x' } }]);
  const view = await openPage(browser, server);
  const { page } = view;
  await view.go(`#/logs?deployment=${deployment}`);
  await waitForRows(page, 2);
  await page.locator('.facet-field[data-field="note"] summary').click();
  await page.locator('.facet-value', { hasText: '(empty)' }).click();
  await page.waitForFunction(() => document.querySelectorAll('.log-list .row').length === 1);
  assert.match((await rowTexts(page))[0], /^with /);
  await page.getByText('note = (empty)').waitFor();
  await view.close();
});

test('an area is not drawn across a gap, and names in charts are text', async () => {
  const deployment = ownDeployment('gap');
  await sendMetrics(deployment, '<b>bold</b>', { 'gap.value': 5 }, { age: 40 * MINUTE, every: MINUTE, count: 10 });
  await sendMetrics(deployment, '<b>bold</b>', { 'gap.value': 6 }, { every: MINUTE, count: 10 });
  const view = await openPage(browser, server);
  const { page } = view;
  await view.go(`#/metrics?deployment=${deployment}&chart=gap.value|avg|source`);
  await page.waitForSelector('.scatterlayer .trace .js-fill', { state: 'attached' });
  const path = await page.locator('.scatterlayer .js-fill').first().getAttribute('d');
  const ys = path.match(/-?[\d.]+,-?[\d.]+/g).map((pair) => Number(pair.split(',')[1]));
  assert.ok(ys.filter((y) => y === Math.max(...ys)).length >= 4, `the outline goes to the ground and back in between: ${path}`);
  const box = await page.locator('.nsewdrag').boundingBox();
  await page.mouse.move(box.x + box.width * 0.97, box.y + 60);
  await page.waitForSelector('.plot-tip:not([hidden])');
  assert.match(await page.locator('.plot-tip').textContent(), /<b>bold<\/b>/);
  await view.close();
});
