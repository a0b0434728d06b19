import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openAll, openPage } from './support/harness.mjs';

const { server, browser } = await openAll();

const SCOPE = 'deployment=shop&deployment=lab&deployment=home';
const legendOf = (page, metric) => page.locator(`.chart-card[data-metric="${metric}"] .legend-name`).allTextContents();
const drawn = (page, metric) => page.waitForSelector(`.chart-card[data-metric="${metric}"] .scatterlayer .trace`, { state: 'attached' });

test('a metric is found by name and charted, with a legend that names its sources', async () => {
  const view = await openPage(browser, server);
  const { page } = view;
  await view.go(`#/metrics?${SCOPE}`);
  await page.waitForSelector('.metric-name');
  await page.keyboard.press('/');
  await page.keyboard.type('cpu usage');
  await page.waitForFunction(() => document.querySelectorAll('.metric-name').length === 1);
  await page.keyboard.press('Enter');
  await drawn(page, 'cpu.usage');
  assert.match(page.url(), /chart=cpu\.usage\|avg\|/);
  const names = await legendOf(page, 'cpu.usage');
  assert.ok(names.includes('web-1') && names.includes('db-1'), names.join());
  assert.match(await page.locator('.legend td').first().textContent(), /%$/);
  await view.close();
});

test('aggregate, group-by and a label filter change the question, and the link keeps them', async () => {
  const view = await openPage(browser, server);
  const { page } = view;
  await view.go(`#/metrics?${SCOPE}&chart=cpu.usage|avg|`);
  await drawn(page, 'cpu.usage');
  const card = page.locator('.chart-card');
  await card.getByLabel('Aggregate').selectOption('p95');
  await card.getByLabel('Group by').selectOption('deployment');
  await page.waitForFunction(() => [...document.querySelectorAll('.legend-name')].map((name) => name.textContent).sort().join() === 'home,lab,shop');
  assert.match(page.url(), /chart=cpu\.usage\|p95\|deployment/);
  await card.getByLabel('Group by').selectOption('*');
  await page.waitForFunction(() => document.querySelectorAll('.legend-name').length === 1);
  await card.getByLabel('Group by').selectOption('source');
  await card.getByRole('button', { name: 'Filter by label' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'db-1', exact: true }).click();
  await page.waitForURL(/source%3Ddb-1/);
  await page.waitForFunction(() => document.querySelectorAll('.legend-name').length === 1 && document.querySelector('.legend-name').textContent === 'db-1');
  const other = await openPage(browser, server);
  await other.page.goto(page.url());
  await drawn(other.page, 'cpu.usage');
  assert.deepEqual(await legendOf(other.page, 'cpu.usage'), ['db-1']);
  assert.equal(await other.page.getByLabel('Aggregate').inputValue(), 'p95');
  await other.close();
  await view.close();
});

test('zooming into one chart moves all of them and asks again at a finer step', async () => {
  const view = await openPage(browser, server);
  const { page } = view;
  const steps = [];
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (url.pathname === '/api/v1/metrics/query') steps.push([url.searchParams.get('name'), url.searchParams.get('step')]);
  });
  await view.go(`#/metrics?${SCOPE}&chart=cpu.usage|avg|source&chart=ram.usage|avg|source&chart=net.in|avg|source&chart=storage.used|avg|`);
  for (const name of ['cpu.usage', 'ram.usage', 'net.in', 'storage.used']) await drawn(page, name);
  await view.shot('metrics-light');
  const before = [...steps];
  const box = await page.locator('.chart-card[data-metric="cpu.usage"] .nsewdrag').first().boundingBox();
  await page.mouse.move(box.x + box.width * 0.7, box.y + 80);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.85, box.y + 84, { steps: 8 });
  await page.mouse.up();
  await page.waitForURL(/from=20\d\d-/);
  await page.waitForFunction(() => [...document.querySelectorAll('.chart-note')].every((note) => !note.textContent.includes('step 30 s')));
  const finer = steps.slice(before.length);
  assert.deepEqual(new Set(finer.map(([name]) => name)), new Set(['cpu.usage', 'ram.usage', 'net.in', 'storage.used']));
  assert.ok(finer.every(([, step]) => step !== before[0][1]), JSON.stringify(finer));
  await page.waitForFunction(() => [...document.querySelectorAll('.chart-card[data-metric="cpu.usage"] .js-line')].filter((line) => (line.getAttribute('d').match(/L|H|V/g) ?? []).length > 5).length >= 4);
  await view.shot('metrics-zoomed');
  await page.goBack();
  await page.waitForFunction(() => !location.hash.includes('from='));
  await view.close();
});

test('legend names hide and show lines', async () => {
  const view = await openPage(browser, server);
  const { page } = view;
  await view.go(`#/metrics?${SCOPE}&chart=cpu.usage|avg|source`);
  await drawn(page, 'cpu.usage');
  const traces = () => page.locator('.scatterlayer .trace').count();
  const all = await traces();
  await page.locator('.legend-name').first().click();
  await page.waitForFunction((count) => document.querySelectorAll('.scatterlayer .trace').length === count - 1, all);
  assert.equal(await page.locator('.legend-name').first().getAttribute('aria-pressed'), 'false');
  await page.locator('.legend-name').first().click();
  await page.waitForFunction((count) => document.querySelectorAll('.scatterlayer .trace').length === count, all);
  await view.close();
});

test('an empty metrics view offers a start', async () => {
  const view = await openPage(browser, server);
  const { page } = view;
  await view.go('#/metrics');
  await page.getByRole('button', { name: /Start with/ }).click();
  await drawn(page, 'cpu.usage');
  assert.equal(await page.locator('.chart-card').count(), 4);
  await view.close();
});
