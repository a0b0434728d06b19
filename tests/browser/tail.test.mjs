import assert from 'node:assert/strict';
import { test } from 'node:test';
import { getJson, isReal, listSize, openAll, openPage, ownDeployment, rowTexts, sendLogs, until, waitForRows } from './support/harness.mjs';

const { server, browser } = await openAll();

const lines = (from, count, word = 'line') => Array.from({ length: count }, (_, index) => ({ message: `${word} ${from + index}`, severity: (from + index) % 10 === 0 ? 'ERROR' : 'INFO' }));
const isOpen = (page) => page.waitForSelector('.live-button[data-state="open"]');
const hasRow = (page, text) => page.waitForFunction((wanted) => [...document.querySelectorAll('.log-list .row-message')].some((row) => row.textContent.trim() === wanted), text);

test('live tail shows new records at the end, and follows them', async () => {
  const deployment = ownDeployment('tail');
  await sendLogs(server, deployment, lines(0, 30));
  const view = await openPage(browser, server);
  const { page } = view;
  await view.go(`#/logs?deployment=${deployment}&live=1`);
  await isOpen(page);
  await waitForRows(page, 30);
  await sendLogs(server, deployment, lines(100, 60));
  await hasRow(page, 'line 159');
  const place = await page.evaluate(() => {
    const list = document.querySelector('.log-list');
    return list.scrollHeight - list.scrollTop - list.clientHeight;
  });
  assert.ok(place < 5, `${place} pixels from the end`);
  const texts = (await rowTexts(page)).map((text) => text.trim());
  assert.equal(texts.at(-1), 'line 159');
  assert.equal(new Set(texts).size, texts.length);
  assert.equal(await listSize(page), 90);
  await view.shot('tail-following');
  await view.close();
});

test('live tail keeps your place when you scroll up, counts what is new, and goes back to the end', async () => {
  const deployment = ownDeployment('place');
  await sendLogs(server, deployment, lines(0, 150));
  const view = await openPage(browser, server);
  const { page } = view;
  await view.go(`#/logs?deployment=${deployment}&live=1`);
  await isOpen(page);
  await waitForRows(page, 150);
  await page.locator('.log-list').hover();
  await page.mouse.wheel(0, -1200);
  await page.waitForSelector('.new-button:not([hidden])');
  // The wheel's scroll may still be running: the place counts once it rests.
  await page.waitForFunction(() => {
    const top = document.querySelector('.log-list').scrollTop;
    const rests = top === window.lastPlace;
    window.lastPlace = top;
    return rests;
  }, null, { polling: 150 });
  const place = () => page.evaluate(() => {
    const list = document.querySelector('.log-list');
    const top = list.getBoundingClientRect().top;
    const row = [...list.querySelectorAll('.row')].find((one) => one.getBoundingClientRect().bottom > top + 4);
    return [row.querySelector('.row-message').textContent.trim(), Math.round(row.getBoundingClientRect().top - top)];
  });
  const before = await place();
  await sendLogs(server, deployment, lines(1000, 40));
  await page.getByRole('button', { name: '40 new ↓' }).waitFor();
  assert.deepEqual(await place(), before);
  await view.shot('tail-paused');
  await page.getByRole('button', { name: '40 new ↓' }).click();
  await page.waitForFunction(() => {
    const list = document.querySelector('.log-list');
    return list.scrollHeight - list.scrollTop - list.clientHeight < 5 && document.querySelector('.new-button').hidden;
  });
  assert.equal((await rowTexts(page)).at(-1).trim(), 'line 1039');
  await page.getByRole('button', { name: 'Stop' }).click();
  await page.waitForFunction(() => !location.hash.includes('live=1'));
  await view.close();
});

test('live tail follows only what the filters ask for', async () => {
  const deployment = ownDeployment('only');
  const view = await openPage(browser, server);
  const { page } = view;
  await view.go(`#/logs?deployment=${deployment}&severity=ERROR&q=line&live=1`);
  await isOpen(page);
  await sendLogs(server, deployment, [...lines(0, 21), { message: 'other', severity: 'ERROR' }, { message: 'line last', severity: 'FATAL' }]);
  await hasRow(page, 'line last');
  assert.deepEqual((await rowTexts(page)).map((text) => text.trim()), ['line 0', 'line 10', 'line 20', 'line last']);
  await view.close();
});

test('a gap that the server tells, and a lost connection, are shown', async () => {
  const deployment = ownDeployment('gap');
  const view = await openPage(browser, server, { allow: [/Failed to load|ERR_/] });
  const { page } = view;
  let calls = 0;
  await page.route('**/api/v1/logs/tail?**', (route) => {
    calls += 1;
    if (calls > 1) return route.continue();
    return route.fulfill({ status: 200, contentType: 'text/event-stream', body: ': open\n\nevent: gap\ndata: {"skipped":42}\n\n' });
  });
  await view.go(`#/logs?deployment=${deployment}&live=1`);
  await page.getByText('42 records were skipped').waitFor();
  await page.getByText('The connection was lost from').waitFor();
  await page.getByRole('button', { name: 'Search that time' }).waitFor();
  await sendLogs(server, deployment, lines(7, 1));
  await hasRow(page, 'line 7');
  if (!isReal) await view.shot('tail-gap');
  await view.close();
});

test('bars and rows of a live tail agree within a second, before and after the counts are asked again', async () => {
  const deployment = ownDeployment('agree');
  await sendLogs(server, deployment, lines(0, 12));
  const view = await openPage(browser, server);
  const { page } = view;
  let asked = 0;
  page.on('response', (response) => { asked += response.url().includes('/logs/histogram?') ? 1 : 0; });
  await view.go(`#/logs?deployment=${deployment}&live=1`);
  await isOpen(page);
  await waitForRows(page, 12);
  await page.waitForSelector('.histogram .bar');
  const counted = () => page.evaluate(() => Number(document.querySelector('.histogram').dataset.total));
  const agree = (count) => page.waitForFunction((wanted) => Number(document.querySelector('.log-list').dataset.size) === wanted && Number(document.querySelector('.histogram').dataset.total) === wanted, count, { timeout: 3000 });
  await agree(12);
  await sendLogs(server, deployment, lines(12, 5));
  await waitForRows(page, 17);
  const seen = Date.now();
  await agree(17);
  assert.ok(Date.now() - seen < 1500, `the bars came ${Date.now() - seen} ms after the rows`);
  assert.equal(asked, 1, 'without a new question');
  // Answers that hold what came over the stream already do not count it twice.
  for (let round = 2; round < 5; round += 1) {
    await sendLogs(server, deployment, lines(17 + (round - 2) * 3, 3));
    await until(async () => asked >= round, 'the counts are asked again');
    await agree(17 + (round - 1) * 3);
    await page.keyboard.press('r');
  }
  assert.equal(await counted(), await listSize(page));
  await view.close();
});

test('a lost connection goes on from the last event, so that nothing is missing', async () => {
  const deployment = ownDeployment('resume');
  await sendLogs(server, deployment, lines(1, 1));
  const { records: [{ id }] } = await getJson(server, `/api/v1/logs?deployment=${deployment}`);
  const view = await openPage(browser, server, { allow: [/Failed to load|ERR_/] });
  const { page } = view;
  const asked = [];
  await page.route('**/api/v1/logs/tail?**', async (route) => {
    asked.push(route.request().headers()['last-event-id']);
    if (asked.length === 1) return route.fulfill({ status: 200, contentType: 'text/event-stream', body: `: listening\nid: ${id}\n\n` });
    if (asked.length === 2) await sendLogs(server, deployment, lines(2, 1)); // before the page listens again
    return route.continue();
  });
  await view.go(`#/logs?deployment=${deployment}&live=1`);
  await page.getByText('what came meanwhile follows').waitFor();
  assert.deepEqual(asked.slice(0, 2), [undefined, id]);
  if (isReal) await hasRow(page, 'line 2');
  await view.close();
});
