import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openAll, openPage, ownDeployment } from './support/harness.mjs';
import { post } from './support/seed.mjs';

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
  await card.getByLabel('Group by').selectOption({ label: 'by deployment' });
  await page.waitForFunction(() => [...document.querySelectorAll('.legend-name')].map((name) => name.textContent).sort().join() === 'home,lab,shop');
  assert.match(page.url(), /chart=cpu\.usage\|p95\|deployment/);
  await card.getByLabel('Group by').selectOption({ label: 'all as one' });
  await page.waitForFunction(() => document.querySelectorAll('.legend-name').length === 1);
  await card.getByLabel('Group by').selectOption({ label: 'by source' });
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
  const traces = () => page.evaluate(() => document.querySelector('.plot').data.filter((trace) => trace.fill === undefined).length); // lines, not the areas about them
  const all = await traces();
  await page.locator('.legend-name').first().click();
  await page.waitForFunction((count) => document.querySelector('.plot').data.filter((trace) => trace.fill === undefined).length === count - 1, all);
  assert.equal(await page.locator('.legend-name').first().getAttribute('aria-pressed'), 'false');
  await page.locator('.legend-name').first().click();
  await page.waitForFunction((count) => document.querySelector('.plot').data.filter((trace) => trace.fill === undefined).length === count, all);
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

/** Points of many sources, one value each, the newest now. */
const sendHosts = (deployment, count, valueOf = (index) => index) => post(server, '/api/v1/metrics', Array.from({ length: count }, (_, index) => Array.from({ length: 12 }, (__, turn) =>
  ({ deployment, source: `a-rather-long-host-name-${String(index).padStart(3, '0')}`, metrics: { 'queue.depth': valueOf(index, turn) }, timestamp: new Date(Date.now() - (12 - turn) * 30_000 - (index % 7) * 1000).toISOString() }))).flat()); // each at other seconds

test('of many series the largest are drawn, the head says how many, and the rest is one grey area', async () => {
  const deployment = ownDeployment('top');
  await sendHosts(deployment, 45);
  const view = await openPage(browser, server);
  const { page } = view;
  await view.go(`#/metrics?deployment=${deployment}&from=now-15m&chart=queue.depth|avg|source`);
  await drawn(page, 'queue.depth');
  await page.getByText('top 20 of 45 by average').waitFor();
  const names = await legendOf(page, 'queue.depth');
  assert.deepEqual([names[0], names[19], names[20]], ['a-rather-long-host-name-044', 'a-rather-long-host-name-025', '25 smaller ones, as one area']);
  assert.match(await page.locator('.legend-rest').innerText(), /0\s+24$/);
  assert.ok((await page.locator('.scatterlayer .js-fill').first().getAttribute('d')).length > 20, 'the envelope');
  const box = await page.locator('.nsewdrag').boundingBox();
  await page.mouse.move(box.x + box.width * 0.9, box.y + box.height * 0.3);
  const tip = page.locator('.plot-tip');
  await tip.waitFor();
  assert.equal(await tip.locator('.tip-row').count(), 6, 'the nearest and the five largest');
  assert.match(await tip.innerText(), /and 39 more/);
  const frame = await page.locator('.plot-frame').boundingBox();
  const at = await tip.boundingBox();
  assert.ok(at.x >= frame.x - 1 && at.y >= frame.y - 1 && at.x + at.width <= frame.x + frame.width + 1 && at.y + at.height <= frame.y + frame.height + 1, 'the tooltip stays within the chart');
  await view.shot('metrics-many');
  await view.close();
});

test('how many lines are drawn, and by what, is chosen in the head and kept by the link', async () => {
  const deployment = ownDeployment('rank');
  // Each host has the same average; the last ones swing the most.
  await sendHosts(deployment, 24, (index, turn) => 100 + (turn % 2 === 0 ? index : -index));
  const view = await openPage(browser, server);
  const { page } = view;
  await view.go(`#/metrics?deployment=${deployment}&from=now-15m&chart=queue.depth|max|source`);
  await drawn(page, 'queue.depth');
  await page.getByRole('button', { name: 'top 20 of 24 by average' }).click();
  await page.getByLabel('5', { exact: true }).click();
  await page.getByRole('button', { name: 'top 5 of 24 by average' }).click();
  await page.getByLabel('maximum').click();
  await page.getByRole('button', { name: 'top 5 of 24 by maximum' }).waitFor();
  await page.waitForFunction(() => document.querySelector('.legend-name')?.textContent === 'a-rather-long-host-name-023' && document.querySelectorAll('button.legend-name').length === 5);
  assert.match(decodeURIComponent(page.url()), /chart=queue\.depth\|max\|source\|:5,max/);
  await view.shot('metrics-top');
  await page.reload();
  await page.getByRole('button', { name: 'top 5 of 24 by maximum' }).click();
  await page.getByLabel('100', { exact: true }).click();
  await page.getByRole('button', { name: 'all 24 lines' }).waitFor();
  await view.close();
});

test('a short outage is a gap in a week, and averages over long steps carry a band', async () => {
  const deployment = ownDeployment('outage');
  const now = Date.now();
  const points = Array.from({ length: 2 * 1440 }, (_, index) => ({ deployment, source: 'one', metrics: { 'band.value': 50 + 40 * (index % 2) }, timestamp: new Date(now - index * 60_000).toISOString() }))
    .filter((_, index) => index < 1000 || index >= 1110);
  for (let at = 0; at < points.length; at += 1000) await post(server, '/api/v1/metrics', points.slice(at, at + 1000));
  const view = await openPage(browser, server);
  const { page } = view;
  for (const from of ['now-7d', 'now-2d', 'now-24h']) {
    await view.go(`#/metrics?deployment=${deployment}&from=${from}&chart=band.value|avg|source`);
    await drawn(page, 'band.value');
    const pieces = await page.locator('.scatterlayer .trace').last().locator('.js-line').evaluateAll((all) => all.reduce((sum, line) => sum + (line.getAttribute('d')?.match(/M/g)?.length ?? 0), 0));
    assert.ok(pieces >= 2, `${from}: the line is in ${pieces} pieces`);
    const fill = await page.locator('.scatterlayer .js-fill').first().getAttribute('d');
    const heights = fill.match(/-?[\d.]+,-?[\d.]+/g).map((pair) => Number(pair.split(',')[1]));
    assert.ok(Math.max(...heights) - Math.min(...heights) > 40, `${from}: a band from 50 to 90`);
  }
  await view.shot('metrics-band');
  await view.close();
});

test('one tap on a chart of a phone shows values and does not zoom out', async () => {
  const view = await openPage(browser, server, { width: 390, height: 780, touch: true });
  const { page } = view;
  await view.go(`#/metrics?${SCOPE}&chart=cpu.usage|avg|source`);
  await drawn(page, 'cpu.usage');
  const hash = await page.evaluate(() => location.hash);
  const box = await page.locator('.plot-frame').boundingBox();
  await page.touchscreen.tap(box.x + box.width * 0.7, box.y + 90);
  await page.locator('.plot-tip').waitFor();
  await view.shot('phone-tooltip');
  await page.touchscreen.tap(box.x + box.width * 0.5, box.y + 100);
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
  assert.equal(await page.evaluate(() => location.hash), hash);
  await page.locator('.chart-title').tap();
  await page.waitForFunction(() => document.querySelector('.plot-tip').hidden);
  await page.getByRole('button', { name: 'Choose metrics' }).tap();
  await page.locator('.sheet-backdrop').waitFor();
  await view.shot('phone-sheet-metrics');
  await page.keyboard.press('Escape');
  await page.waitForFunction(() => !document.querySelector('.picker-open'));
  await view.close();
});
