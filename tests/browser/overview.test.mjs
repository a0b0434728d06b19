import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startMock } from './mock_server.mjs';
import { isReal, openAll, openPage, ownDeployment } from './support/harness.mjs';
import { post } from './support/seed.mjs';

const { server, browser } = await openAll();

test('the overview shows each machine with its numbers, errors and state', async () => {
  const view = await openPage(browser, server);
  await view.go('#/overview?deployment=shop&deployment=lab&deployment=home');
  const { page } = view;
  await page.waitForSelector('.machine[data-source="db-1"] .storage');
  assert.ok(await page.locator('.machine').count() >= 5);
  const gpu = await page.locator('.machine[data-source="gpu-box"]').textContent();
  assert.match(gpu, /CPU/);
  assert.match(gpu, /GPU/);
  assert.match(gpu, /RAM/);
  assert.match(gpu, /Net/);
  await page.waitForSelector('.log-source .error-count');
  await page.waitForSelector('.tile:has-text("Errors, last hour")');
  await view.shot('overview-light');
  await view.close();
});

test('the overview follows live data without a reload', async () => {
  const deployment = ownDeployment('live');
  const send = (value) => post(server, '/api/v1/metrics', [{ deployment, source: 'fresh-host', metrics: { 'cpu.usage': value, 'ram.usage': 40 } }]);
  await send(12.5);
  const view = await openPage(browser, server);
  await view.go(`#/overview?deployment=${deployment}&refresh=5s`);
  const value = view.page.locator('.machine[data-source="fresh-host"] .meter-value').first();
  await value.waitFor();
  assert.equal(await value.textContent(), '12.5 %');
  await send(87.5);
  await view.page.waitForFunction(() => document.querySelector('.machine[data-source="fresh-host"] .meter-value')?.textContent === '87.5 %');
  await view.close();
});

test('the list of sources can be searched and sorted, and the link keeps both', async () => {
  const view = await openPage(browser, server);
  await view.go('#/overview?deployment=shop&deployment=home&deployment=lab');
  const { page } = view;
  await page.waitForSelector('.machine');
  await page.getByLabel('Sort by').selectOption('storage');
  await page.waitForFunction(() => document.querySelector('.machine')?.dataset.source === 'pi-attic');
  await page.keyboard.press('/');
  await page.keyboard.type('pi-');
  await page.waitForFunction(() => document.querySelectorAll('.machine').length === 2);
  await page.waitForURL(/find=pi-/);
  assert.match(page.url(), /sort=storage/);
  await page.reload();
  await page.waitForFunction(() => document.querySelectorAll('.machine').length === 2);
  await view.close();
});

test('a fresh server shows the commands that send the first record', async () => {
  const fresh = await startMock();
  const view = await openPage(browser, fresh);
  await view.go('');
  await view.page.waitForSelector('.start-here');
  const text = await view.page.locator('.start-here').textContent();
  assert.ok(text.includes(`${fresh.url}/api/v1/logs`));
  assert.ok(text.includes('penstock agent'));
  await view.shot('overview-empty');
  await view.close();
  await fresh.stop();
});

test('the system view tells how the server does', async () => {
  const view = await openPage(browser, server);
  await view.go('#/system');
  const { page } = view;
  await page.waitForSelector('.panel >> text=Journal');
  await page.waitForSelector('.sinks tbody tr th');
  assert.match(await page.locator('.checks').textContent(), /Ready to take and answer/);
  await page.waitForFunction(() => document.querySelector('.panel .spark-line'));
  await page.getByLabel('Refresh (r)').click();
  await page.waitForFunction(() => document.querySelectorAll('.panel .spark-line').length > 3);
  if (!isReal) assert.match(await page.locator('.sinks').textContent(), /connection refused/);
  await view.shot('system-light');
  await view.close();
});
