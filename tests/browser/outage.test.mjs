// The server goes away and comes back: said once, and every view goes on by itself.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openAll, openPage, waitForRows } from './support/harness.mjs';

const { server, browser } = await openAll();

const SAID = /cannot be reached/g;
const goAway = async (page) => {
  for (const path of ['**/api/**', '**/health', '**/ready']) await page.route(path, (route) => route.abort());
};

for (const [name, hash, ready, gone] of [
  ['Logs', '#/logs?deployment=shop', '.log-list .row', async (page) => page.getByRole('button', { name: 'WARN', exact: true }).click()],
  ['Overview', '#/overview?deployment=shop', '.machine', async (page) => page.keyboard.press('r')],
  ['Metrics', '#/metrics?deployment=shop&chart=cpu.usage|avg|source&chart=ram.usage|avg|source', '.scatterlayer .trace', async (page) => page.keyboard.press('r')],
  ['System', '#/system', '.panel', async (page) => page.keyboard.press('r')],
]) {
  test(`${name} says an outage once, and recovers by itself`, async () => {
    const view = await openPage(browser, server, { allow: [/ERR_|Failed to load/] });
    const { page } = view;
    await view.go(hash);
    await page.waitForSelector(ready, { state: 'attached' });
    await page.waitForFunction(() => !document.querySelector('.progress.on'));
    await goAway(page);
    await gone(page);
    await page.locator('.outage-notice').waitFor();
    await page.waitForFunction(() => !document.querySelector('.progress.on'));
    assert.equal((await page.locator('body').innerText()).match(SAID).length, 1, await page.locator('body').innerText());
    if (name === 'Logs') await view.shot('outage');
    await page.unrouteAll({ behavior: 'ignoreErrors' });
    await page.waitForFunction(() => document.querySelector('.outage-notice').hidden);
    if (name === 'Logs') {
      await waitForRows(page, 5);
      await page.waitForFunction(() => !document.querySelector('.searching') && [...document.querySelectorAll('.log-list .row-sev')].every((cell) => ['WARN', 'ERROR', 'FATAL'].includes(cell.textContent)));
    }
    await page.waitForFunction(() => !document.querySelector('.progress.on, .is-old, .error-slot:not([hidden])'));
    await view.close();
  });
}

test('a live tail goes on after an outage, and says what it may have missed', async () => {
  const view = await openPage(browser, server, { allow: [/ERR_|Failed to load/] });
  const { page } = view;
  let reach = true;
  await page.route('**/api/v1/logs/tail?**', (route) => (reach ? route.fulfill({ status: 200, contentType: 'text/event-stream', body: ': open\n\n' }) : route.abort()));
  await view.go('#/logs?deployment=shop&live=1');
  await page.waitForSelector('.log-list .row');
  await goAway(page);
  reach = false;
  await page.locator('.outage-notice').waitFor();
  await page.unrouteAll({ behavior: 'ignoreErrors' });
  await page.waitForSelector('.live-button[data-state="open"]');
  await page.getByText('The connection was lost from').first().waitFor();
  await page.waitForFunction(() => document.querySelector('.outage-notice').hidden);
  await view.close();
});

test('one question that always fails does not make the page ask all anew without a pause', async () => {
  const view = await openPage(browser, server, { allow: [/ERR_|Failed to load/] });
  const { page } = view;
  let asked = 0;
  await page.clock.install();
  await page.route('**/api/v1/logs/histogram?**', (route) => {
    asked += 1;
    return route.abort();
  });
  await view.go('#/logs?deployment=shop');
  await page.clock.runFor(5000);
  await page.locator('.outage-notice').waitFor();
  for (let second = 0; second < 60; second += 1) {
    await page.clock.runFor(1000);
    await page.evaluate(() => fetch('/health'));
  }
  assert.ok(asked >= 3 && asked <= 24, `${asked} questions in a minute, three tries each`);
  await view.close();
});
