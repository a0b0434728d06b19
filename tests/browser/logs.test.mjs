import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { listSize, openAll, openPage, ownDeployment, rowTexts, sendLogs, waitForRows } from './support/harness.mjs';

const { server, browser } = await openAll();

const settle = (page) => page.waitForFunction(() => /record/.test(document.querySelector('.log-status')?.textContent ?? ''));
const total = async (page) => Number((await page.locator('.log-status strong').textContent()).replaceAll(',', ''));

test('a search shows what matches, marks it, and says how many there are', async () => {
  const view = await openPage(browser, server);
  const { page } = view;
  await view.go('#/logs?deployment=shop'); // other tests' records hold such words too
  await waitForRows(page, 50);
  await settle(page);
  const all = await total(page);
  await page.keyboard.press('/');
  await page.keyboard.type('declined -code:="nothing like this"');
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => [...document.querySelectorAll('.log-list .row-message')].every((row) => row.textContent.includes('declined')) && document.querySelector('.log-list mark'));
  await settle(page);
  const found = await total(page);
  assert.ok(found > 10 && found < all, `${found} of ${all}`);
  assert.match(page.url(), /q=declined/);
  await page.goBack();
  await page.waitForFunction(() => document.querySelector('#query').value === '');
  await page.waitForFunction(() => [...document.querySelectorAll('.log-list .row-message')].some((row) => row.textContent.includes('GET /')));
  await page.waitForSelector('.facet-field');
  await view.shot('logs-light');
  await view.close();
});

test('a query with a mistake is explained, by the page or by the server', async () => {
  const view = await openPage(browser, server, { allow: [/400/] });
  const { page } = view;
  await view.go('#/logs');
  await waitForRows(page);
  await page.getByLabel('Search logs').fill('"never closed');
  await page.keyboard.press('Enter');
  await page.getByText('is not closed; end it with').waitFor();
  await view.shot('logs-query-error');
  await view.go('#/logs?q=(open');
  await page.waitForFunction(() => (document.querySelector('.query-problem')?.textContent ?? '').length > 10);
  await view.close();
});

test('dragging over the histogram zooms in, and back zooms out again', async () => {
  const view = await openPage(browser, server);
  const { page } = view;
  await view.go('#/logs');
  await waitForRows(page, 50);
  await page.waitForSelector('.histogram .bar');
  await settle(page);
  const before = await total(page);
  const box = await page.locator('.histogram').boundingBox();
  await page.mouse.move(box.x + box.width * 0.55, box.y + 60);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.7, box.y + 60, { steps: 5 });
  await page.mouse.up();
  await page.waitForURL(/from=20\d\d-.*&to=20\d\d-/);
  await page.waitForFunction((count) => {
    const shown = Number(document.querySelector('.log-status strong')?.textContent.replaceAll(',', ''));
    return shown > 0 && shown < count;
  }, before);
  const span = await page.evaluate(() => {
    const params = new URLSearchParams(location.hash.split('?')[1]);
    return Date.parse(params.get('to')) - Date.parse(params.get('from'));
  });
  assert.ok(span > 5 * 60_000 && span < 14 * 60_000, `${span / 60_000} minutes`);
  await view.shot('logs-zoomed');
  await page.goBack();
  await page.waitForFunction((count) => Number(document.querySelector('.log-status strong')?.textContent.replaceAll(',', '')) >= count - 50, before);
  await view.close();
});

test('severity, source and field values filter from the side, and chips take filters back', async () => {
  const view = await openPage(browser, server);
  const { page } = view;
  await view.go('#/logs?deployment=shop');
  await waitForRows(page, 50);
  await page.getByRole('button', { name: 'WARN', exact: true }).click();
  await page.waitForFunction(() => document.querySelectorAll('.log-list .row').length > 5 && [...document.querySelectorAll('.log-list .row-sev')].every((cell) => ['WARN', 'ERROR', 'FATAL'].includes(cell.textContent)));
  await page.locator('.facet[data-field="source"] .facet-value', { hasText: 'checkout' }).click();
  await page.waitForURL(/source=checkout/);
  await page.waitForFunction(() => document.querySelectorAll('.log-list .row').length > 5 && [...document.querySelectorAll('.log-list .row-source')].every((cell) => cell.textContent === 'checkout'));
  await page.locator('.facet-field[data-field="code"] summary').click();
  await page.locator('.facet-field[data-field="code"] .facet-value', { hasText: 'card_declined' }).click();
  await page.waitForURL(/field\.code=card_declined/);
  await page.waitForFunction(() => document.querySelectorAll('.log-list .row').length > 5 && [...document.querySelectorAll('.log-list .row-message')].every((row) => row.textContent.includes('card declined')));
  await view.shot('logs-filtered');
  await page.getByRole('button', { name: 'Remove code = card_declined' }).click();
  await page.waitForFunction(() => !location.hash.includes('field.code'));
  await view.close();
});

test('a row opens with all its fields; a value can be asked for, excluded and copied', async () => {
  const view = await openPage(browser, server);
  const { page } = view;
  await view.go('#/logs?q=declined&deployment=shop');
  await waitForRows(page, 5);
  await page.locator('.row-summary').first().click();
  const detail = page.locator('.detail').first();
  const user = detail.locator('.detail-line[data-field="user"]');
  const name = await user.locator('.value').textContent();
  await view.shot('logs-row-open');
  await detail.getByRole('button', { name: 'Copy JSON' }).click();
  const copied = JSON.parse(await page.evaluate(() => navigator.clipboard.readText()));
  assert.equal(copied.fields.user, name);
  assert.equal(typeof copied.fields.order, 'number');
  await user.hover();
  await user.getByRole('button', { name: /^Without user/ }).click();
  await page.waitForFunction((text) => document.querySelector('#query').value.includes(`-user:=${text}`), name);
  await page.waitForFunction((text) => document.querySelectorAll('.log-list .row').length > 3 && [...document.querySelectorAll('.log-list .row-fields')].every((row) => !row.textContent.includes(`user=${text} `)), name);
  await page.locator('.row-summary').first().click();
  const other = page.locator('.detail .detail-line[data-field="user"]').first();
  const second = await other.locator('.value').textContent();
  await other.hover();
  await other.getByRole('button', { name: /^Only user/ }).click();
  await page.waitForURL((url) => url.hash.includes(`field.user=${second}`));
  await page.waitForFunction((text) => document.querySelectorAll('.log-list .row').length > 1 && [...document.querySelectorAll('.log-list .row-fields')].every((row) => row.textContent.includes(`user=${text} `)), second);
  await view.close();
});

test('ten thousand rows come as the list is scrolled, without doubles, with a few hundred elements at most', async () => {
  const deployment = ownDeployment('long');
  const now = Date.now();
  for (let part = 0; part < 11; part += 1) {
    await sendLogs(server, deployment, Array.from({ length: 1000 }, (_, index) => ({ timestamp: new Date(now - 1_800_000 + (part * 1000 + index) * 100).toISOString(), message: `row ${part * 1000 + index}${index % 7 === 0 ? '\nin two lines' : ''}` })));
  }
  const view = await openPage(browser, server);
  const { page } = view;
  await view.go(`#/logs?deployment=${deployment}&wrap=1`);
  await waitForRows(page, 100);
  const [nodes, texts] = await page.evaluate(() => new Promise((resolve) => {
    const list = document.querySelector('.log-list');
    const seen = [];
    let most = 0;
    let last = '';
    const look = () => {
      most = Math.max(most, list.querySelectorAll('.row').length);
      for (const row of list.querySelectorAll('.row-message')) seen.push(row.textContent.split('\n')[0].trim());
      if (seen.at(-1) === last && Number(list.dataset.size) >= 10_000) {
        resolve([most, seen]);
        return;
      }
      last = seen.at(-1);
      list.scrollTop += list.clientHeight + 800; // within what is kept above and below
      requestAnimationFrame(() => requestAnimationFrame(look));
    };
    look();
  }));
  assert.ok(nodes > 20 && nodes < 300, `${nodes} rows as elements`);
  const order = [...new Set(texts)];
  const size = await listSize(page);
  assert.ok(size >= 10_000 && order.length === size, `${order.length} of ${size} rows were seen on the way down`);
  assert.deepEqual(order.slice(0, 3000), Array.from({ length: 3000 }, (_, index) => `row ${10_999 - index}`), 'in order, none twice, none left out');
  await view.close();
});

test('a row far up stays open and in its place while the list is somewhere else', async () => {
  const view = await openPage(browser, server);
  const { page } = view;
  await view.go('#/logs?deployment=shop');
  await waitForRows(page, 100);
  const text = await page.locator('.log-list .row-message').nth(4).textContent();
  await page.locator('.row-summary').nth(4).click();
  await page.waitForSelector('.row.open .detail');
  await page.evaluate(() => { document.querySelector('.log-list').scrollTop = 1e6; });
  await page.waitForFunction(() => !document.querySelector('.log-list .row.open'));
  await page.keyboard.press('k');
  await page.evaluate(() => { document.querySelector('.log-list').scrollTop = 0; });
  await page.waitForSelector('.row.open .detail');
  assert.equal(await page.locator('.row.open .row-message').textContent(), text);
  assert.equal(await page.locator('.log-list .row-message').nth(4).textContent(), text);
  await view.close();
});

test('hostile log text stays text', async () => {
  const deployment = ownDeployment('hostile');
  const message = '<img src=x onerror="window.pwned=1"><script>window.pwned=1</script> \u202Egnp.exe \u001b[31mred\u001b[0m needle';
  await sendLogs(server, deployment, [{ message, source: '<b onmouseover="window.pwned=1">src</b>', fields: { '<i>key</i>': '<svg onload="window.pwned=1">', url: 'javascript:window.pwned=1' } }, { message: 'needle two', fields: { note: '"><img src=x onerror="window.pwned=1">' } }]);
  const view = await openPage(browser, server);
  const { page } = view;
  await view.go(`#/logs?deployment=${deployment}&q=needle`);
  await waitForRows(page, 2);
  for (const summary of await page.locator('.row-summary').all()) await summary.click();
  await page.waitForSelector('.facet-field');
  // One by one: values that come in move what is below them, and a click that is under way would miss.
  for (const field of await page.locator('.facet-field').all()) {
    await field.locator('summary').click();
    await field.locator('.facet-value').first().waitFor();
  }
  assert.equal(await page.locator('.facet-field .facet-value').count(), 3);
  await page.waitForSelector('.detail');
  const texts = (await rowTexts(page)).join('\n');
  assert.ok(texts.includes('<img src=x onerror="window.pwned=1">'));
  assert.ok(texts.includes('‹U+202E›'), 'a direction override is shown, not obeyed');
  assert.ok(!texts.includes('\u001b'), 'terminal colours are dropped');
  assert.equal(await page.locator('.logs img, .logs script, .logs b[onmouseover], .logs i:not(.dot):not(.state-dot), .logs svg[onload]').count(), 0);
  assert.equal(await page.evaluate(() => window.pwned), undefined);
  await view.shot('logs-hostile');
  await page.locator('.detail').first().getByRole('button', { name: 'Context' }).click();
  await page.waitForSelector('.context .row-current');
  assert.equal(await page.locator('.context img, .context script').count(), 0);
  await view.close();
});

test('a record has a link, and the link shows it among its neighbours', async () => {
  const deployment = ownDeployment('context');
  const now = Date.now();
  await sendLogs(server, deployment, Array.from({ length: 60 }, (_, index) => ({ timestamp: new Date(now - 120_000 + index * 1000).toISOString(), message: `step ${index} of the job` })));
  const view = await openPage(browser, server);
  const { page } = view;
  await view.go(`#/logs?deployment=${deployment}&q="step 30 of"`);
  await waitForRows(page, 1);
  await page.keyboard.press('j');
  await page.keyboard.press('x');
  await page.waitForSelector('.context .row-current');
  const near = await page.locator('.context .row-message').allTextContents();
  const at = near.findIndex((text) => text.includes('step 30 of'));
  assert.ok(near[at - 1].includes('step 29 of') && near[at + 1].includes('step 31 of'));
  await view.shot('logs-context');
  await page.getByRole('button', { name: 'Copy link' }).first().click();
  const link = await page.evaluate(() => navigator.clipboard.readText());
  assert.match(link, /record=/);
  await page.keyboard.press('Escape');
  await page.waitForFunction(() => !location.hash.includes('record='));
  const other = await view.context.newPage();
  await other.goto(link);
  await other.waitForSelector('.context .row-current');
  assert.match(await other.locator('.context .row-current .row-message').textContent(), /step 30 of/);
  await other.getByRole('button', { name: 'Show earlier' }).click();
  await other.waitForFunction(() => [...document.querySelectorAll('.context .row-message')].some((row) => row.textContent.includes('step 0 of')));
  await view.close();
});

test('a shared link shows the same view to someone else', async () => {
  const view = await openPage(browser, server);
  const { page } = view;
  const [from, to] = [50, 5].map((minutes) => new Date(Date.now() - minutes * 60_000).toISOString());
  await view.go(`#/logs?deployment=shop&severity=WARN&source=checkout&q=timeout OR declined&order=asc&wrap=1&from=${from}&to=${to}`);
  await waitForRows(page, 20);
  await settle(page);
  const first = { rows: (await rowTexts(page)).slice(0, 20), total: await total(page), url: page.url() };
  const other = await openPage(browser, server);
  await other.page.goto(first.url);
  await waitForRows(other.page, 20);
  await settle(other.page);
  assert.deepEqual((await rowTexts(other.page)).slice(0, 20), first.rows);
  assert.equal(await total(other.page), first.total);
  assert.equal(await other.page.getByLabel('Search logs').inputValue(), 'timeout OR declined');
  assert.equal(await other.page.locator('.segment[aria-pressed="true"]').textContent(), 'WARN');
  assert.equal(await other.page.getByRole('button', { name: 'Wrap long lines' }).getAttribute('aria-pressed'), 'true');
  await other.close();
  await view.close();
});

test('what was found can be downloaded whole, as NDJSON and as CSV', async () => {
  const deployment = ownDeployment('save');
  await sendLogs(server, deployment, Array.from({ length: 250 }, (_, index) => ({ message: `line ${index}` })));
  const view = await openPage(browser, server);
  const { page } = view;
  await view.go(`#/logs?deployment=${deployment}`);
  await waitForRows(page, 100);
  const save = async (label) => {
    await page.getByRole('button', { name: 'Download', exact: true }).click();
    const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: label }).click()]);
    return { name: file.suggestedFilename(), text: await readFile(await file.path(), 'utf8') };
  };
  const ndjson = await save('Download NDJSON');
  assert.match(ndjson.name, /\.ndjson$/);
  const lines = ndjson.text.trim().split('\n').map((line) => JSON.parse(line));
  assert.equal(lines.length, 250);
  assert.equal(new Set(lines.map((line) => line.message)).size, 250);
  const csv = await save('Download CSV');
  assert.match(csv.text, /line 249/);
  await view.close();
});

test('an answer that is partial says so, and a failure is a sentence with a way to try again', async () => {
  const view = await openPage(browser, server, { allow: [/503|500/] });
  const { page } = view;
  await page.route('**/api/v1/logs?**', async (route) => {
    const response = await route.fetch();
    const body = await response.json();
    await route.fulfill({ response, json: { ...body, stats: { ...body.stats, partial: true } } });
  });
  await view.go('#/logs');
  await page.locator('.log-status .badge', { hasText: 'partial' }).waitFor();
  await page.unroute('**/api/v1/logs?**');
  await page.route('**/api/v1/logs?**', (route) => route.fulfill({ status: 500, json: { error: { code: 'internal', message: 'the store had a bad day' } } }));
  await page.keyboard.press('r');
  await page.getByText('The store had a bad day.').waitFor();
  await view.shot('logs-failure');
  await page.unroute('**/api/v1/logs?**');
  await page.getByRole('button', { name: 'Try again' }).click();
  await waitForRows(page, 20);
  await view.close();
});

test('a field of many numbers is told by percentiles and ranges, and a range shows as many as it counts', async () => {
  const deployment = ownDeployment('numbers');
  await sendLogs(server, deployment, Array.from({ length: 400 }, (_, index) => ({ message: `took ${index}`, fields: { duration_ms: index * 2.5 + 0.25, status: [200, 404, 500][index % 3] } })));
  const view = await openPage(browser, server);
  const { page } = view;
  await view.go(`#/logs?deployment=${deployment}`);
  await waitForRows(page, 100);
  await settle(page);
  const field = page.locator('.facet-field[data-field="duration_ms"]');
  await field.locator('summary').click();
  await field.locator('.facet-numbers').waitFor();
  assert.match(await field.locator('.facet-numbers').innerText(), /p50\s+(49\d|50\d) ms[\s\S]*p99\s+(98\d|99\d) ms/);
  const rows = field.locator('.facet-value');
  assert.ok(await rows.count() >= 4 && await rows.count() <= 13);
  await view.shot('facet-numbers');
  const row = rows.nth(1);
  const counted = Number(await row.locator('.facet-count').innerText());
  await row.click();
  await page.waitForFunction(() => /duration_ms:>=\d+ duration_ms:<\d+/.test(document.querySelector('#query').value));
  await page.waitForFunction((count) => document.querySelector('.log-status strong')?.textContent === String(count), counted);
  const pressed = field.locator('.facet-value[aria-pressed="true"]');
  await pressed.first().waitFor(); // the side is asked again beside the list
  assert.equal(await pressed.count(), 1);
  await page.locator('.facet-field[data-field="status"] summary').click();
  await page.locator('.facet-field[data-field="status"] .facet-value', { hasText: '404' }).waitFor();
  assert.equal(await page.locator('.facet-field[data-field="status"] .facet-numbers').count(), 0, 'a few values are told as values');
  await view.close();
});

test('each severity at the side counts what a click on it shows', async () => {
  const view = await openPage(browser, server);
  const { page } = view;
  await view.go('#/logs?deployment=shop&from=now-50m&to=now-5m');
  await waitForRows(page, 50);
  await settle(page);
  const rows = page.locator('.facet[data-field="severity"] .facet-value');
  await rows.first().waitFor();
  const order = ['FATAL', 'ERROR', 'WARN', 'NOTICE', 'INFO', 'DEBUG', 'TRACE'];
  const names = await rows.locator('.facet-name').allInnerTexts();
  assert.deepEqual(names, order.filter((name) => names.includes(name)));
  const row = rows.filter({ hasText: 'ERROR' });
  const [, counted] = /· ([\d,]+)$/.exec(await row.getAttribute('title'));
  await row.click();
  await page.waitForURL(/severity=ERROR/);
  await page.waitForFunction((count) => document.querySelector('.log-status strong')?.textContent === count, counted);
  await view.close();
});
