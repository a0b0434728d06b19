import assert from 'node:assert/strict';
import { test } from 'node:test';
import { getJson, noSidewaysScroll, openAll, openPage, waitForRows } from './support/harness.mjs';

const { server, browser } = await openAll();

const SCOPE = 'deployment=shop&deployment=lab&deployment=home';
const VIEWS = [
  ['overview', `#/overview?${SCOPE}`, '.machine .storage'], ['logs', `#/logs?${SCOPE}`, '.log-list .row'],
  ['metrics', `#/metrics?${SCOPE}&chart=cpu.usage|avg|source&chart=storage.used|avg|`, '.scatterlayer .trace'], ['system', '#/system', '.panel .spark-line[d*="L"]'],
];

for (const [name, hash, ready] of VIEWS) {
  test(`${name} fits a phone of 360 pixels without scrolling sideways`, async () => {
    const view = await openPage(browser, server, { width: 360, height: 740, touch: true });
    await view.go(hash);
    await view.page.waitForSelector(ready, { state: 'attached' });
    assert.ok(await noSidewaysScroll(view.page));
    const outside = await view.page.evaluate(() => [...document.querySelectorAll('.top button, .tabs a, .card, .search-bar, .log-tools button')]
      .filter((one) => one.offsetParent && (one.getBoundingClientRect().right > innerWidth + 1 || one.getBoundingClientRect().left < -1)).map((one) => one.className));
    assert.deepEqual(outside, [], 'nothing hangs over the edge');
    await view.shot(`phone-${name}`);
    await view.close();
  });

  test(`${name} in the dark`, async () => {
    const view = await openPage(browser, server, { scheme: 'dark' });
    await view.go(hash);
    await view.page.waitForSelector(ready, { state: 'attached' });
    const light = await view.page.evaluate(() => {
      const [red, green, blue] = getComputedStyle(document.documentElement).backgroundColor.match(/\d+/g).map(Number);
      return (red + green + blue) / 3;
    });
    assert.ok(light < 60, `background brightness ${light}`);
    await view.shot(`dark-${name}`);
    await view.close();
  });
}

test('text keeps a contrast of 4.5 to 1 in both themes', async () => {
  for (const scheme of ['light', 'dark']) {
    const view = await openPage(browser, server, { scheme });
    for (const [, hash, ready] of VIEWS) {
      await view.go(hash);
      await view.page.waitForSelector(ready, { state: 'attached' });
      const poor = await view.page.evaluate(() => {
        const canvas = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
        const rgba = (text) => {
          canvas.clearRect(0, 0, 1, 1);
          canvas.fillStyle = text;
          canvas.fillRect(0, 0, 1, 1);
          const [red, green, blue, alpha] = canvas.getImageData(0, 0, 1, 1).data;
          return [red, green, blue, alpha / 255];
        };
        const light = ([red, green, blue]) => {
          const [r, g, b] = [red, green, blue].map((part) => (part / 255 <= 0.03928 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4));
          return 0.2126 * r + 0.7152 * g + 0.0722 * b;
        };
        const behind = (node) => {
          for (let one = node; one; one = one.parentElement) {
            const colour = rgba(getComputedStyle(one).backgroundColor);
            if (colour[3] > 0.9) return colour;
          }
          return [255, 255, 255, 1];
        };
        const found = new Set();
        for (const node of document.querySelectorAll('#app *')) {
          if (![...node.childNodes].some((child) => child.nodeType === 3 && child.data.trim()) || node.closest('svg, [disabled], .off') || !node.offsetParent) continue;
          const style = getComputedStyle(node);
          const [over, under] = [light(rgba(style.color)), light(behind(node))];
          const ratio = (Math.max(over, under) + 0.05) / (Math.min(over, under) + 0.05);
          if (ratio < 4.5) found.add(`${node.className || node.tagName} ${ratio.toFixed(2)} ${style.color}`);
        }
        return [...found];
      });
      assert.deepEqual(poor, [], `${scheme} ${hash}`);
    }
    await view.close();
  }
});

test('every control has a name, and every field a label', async () => {
  const view = await openPage(browser, server);
  for (const [, hash, ready] of VIEWS) {
    await view.go(hash);
    await view.page.waitForSelector(ready, { state: 'attached' });
    const nameless = await view.page.evaluate(() => [...document.querySelectorAll('button, a, input, select, [role="button"], [role="img"]')]
      .filter((node) => !node.closest('[hidden]') && !(node.getAttribute('aria-label') || node.textContent.trim() || node.labels?.length || node.closest('label'))).map((node) => node.outerHTML.slice(0, 120)));
    assert.deepEqual(nameless, []);
  }
  await view.close();
});

test('the theme button switches and is remembered', async () => {
  const view = await openPage(browser, server);
  const { page } = view;
  await view.go('#/overview');
  await page.waitForSelector('.tile');
  const theme = () => page.evaluate(() => document.documentElement.dataset.theme);
  assert.equal(await theme(), 'light');
  await page.getByRole('button', { name: 'Switch between light and dark' }).click();
  assert.equal(await theme(), 'dark');
  await page.reload();
  assert.equal(await theme(), 'dark');
  await page.keyboard.press('d');
  assert.equal(await theme(), 'light');
  await view.close();
});

test('the keyboard reaches everything', async () => {
  const view = await openPage(browser, server);
  const { page } = view;
  await view.go('#/overview');
  await page.waitForSelector('.tile');
  const go = async (keys, selector) => {
    for (const key of keys) await page.keyboard.press(key);
    await page.waitForSelector(selector);
  };
  await go(['g', 'm'], '.metric-picker');
  await go(['g', 's'], '.panels');
  await go(['g', 'l'], '.log-list .row');
  await go(['?'], 'dialog.dialog[open]');
  assert.match(await page.locator('dialog').textContent(), /Next record/);
  await view.shot('keyboard-help');
  await page.keyboard.press('Escape');
  await page.waitForFunction(() => !document.querySelector('dialog[open]'));
  await waitForRows(page, 20);
  await page.keyboard.press('j');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('j');
  await page.keyboard.press('k');
  assert.equal(await page.evaluate(() => [...document.querySelectorAll('.log-list .row')].findIndex((row) => row.classList.contains('active'))), 1);
  await page.keyboard.press('Enter');
  await page.waitForSelector('.row.active.open .detail');
  await page.keyboard.press('Escape');
  await page.waitForFunction(() => !document.querySelector('.row.open'));
  await page.keyboard.press('/');
  await page.keyboard.type('g l j ?');
  assert.equal(await page.getByLabel('Search logs').inputValue(), 'g l j ?');
  await page.keyboard.press('Escape');
  await page.keyboard.press('t');
  await page.getByRole('dialog', { name: 'Time range' }).waitFor();
  await view.shot('time-picker');
  await page.keyboard.press('Escape');
  await page.locator('.histogram').focus();
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('Shift+ArrowLeft');
  await page.keyboard.press('Enter');
  await page.waitForURL(/from=20\d\d-/);
  await go(['g', 'o'], '.tiles');
  await view.close();
});

test('quick and absolute ranges are chosen in the time picker, and a wrong time is explained', async () => {
  const view = await openPage(browser, server);
  const { page } = view;
  await view.go('#/logs');
  await waitForRows(page);
  await page.locator('.time-button').click();
  await page.getByRole('button', { name: 'Last 15 minutes' }).click();
  await page.waitForURL(/from=now-15m/);
  await page.locator('.time-button').click();
  await page.getByLabel(/^From/).fill('yesterday-ish');
  await page.getByRole('button', { name: 'Apply' }).click();
  await page.getByText('“yesterday-ish” is not a time').waitFor();
  await page.getByLabel(/^From/).fill('now-40m');
  await page.getByRole('button', { name: 'Apply' }).click();
  await page.waitForURL(/from=now-40m/);
  await view.close();
});

test('the first load stays under 1.5 MB compressed, and the chart library waits until it is needed', async () => {
  const view = await openPage(browser, server);
  const { page } = view;
  const session = await view.context.newCDPSession(page);
  await session.send('Network.enable');
  const sizes = new Map();
  const names = new Map();
  session.on('Network.responseReceived', ({ requestId, response }) => names.set(requestId, new URL(response.url).pathname));
  session.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => sizes.set(requestId, encodedDataLength));
  const sum = () => [...sizes].filter(([id]) => !names.get(id)?.startsWith('/api/')).reduce((total, [, size]) => total + size, 0);
  await view.go('#/overview');
  await page.waitForSelector('.tile');
  assert.ok(![...names.values()].some((path) => path.startsWith('/vendor/')), 'plotly is not part of the first paint');
  const first = sum();
  await view.go(`#/metrics?${SCOPE}&chart=cpu.usage|avg|source`);
  await page.waitForSelector('.scatterlayer .trace', { state: 'attached' });
  const all = sum();
  console.log(`first load ${Math.round(first / 1024)} KiB, with charts ${Math.round(all / 1024)} KiB, ${names.size} requests`);
  assert.ok(first < 200 * 1024, `first load ${first}`);
  assert.ok(all < 1.5e6, `with charts ${all}`);
  const page404 = await fetch(`${server.url}/js/no_such_file.js`);
  assert.equal(page404.status, 404);
  assert.ok((await getJson(server, '/api/v1/stats')).uptime_s >= 0);
  await view.close();
});

test('the filters of a phone are closed by their button, by a tap beside them and by Esc', async () => {
  const view = await openPage(browser, server, { width: 390, height: 780, touch: true });
  const { page } = view;
  await view.go('#/logs?deployment=shop');
  await waitForRows(page, 10);
  const open = async () => {
    await page.getByRole('button', { name: 'Filters', exact: true }).tap();
    await page.locator('.facets .sheet-head').waitFor();
  };
  const closed = () => page.waitForFunction(() => !document.querySelector('.facets-open') && document.querySelector('.facets').getBoundingClientRect().width === 0);
  await open();
  await page.waitForSelector('.facet-field');
  await view.shot('phone-sheet');
  await page.getByRole('button', { name: 'Close: Filters' }).tap();
  await closed();
  await open();
  await page.touchscreen.tap(375, 400);
  await closed();
  await open();
  await page.keyboard.press('Escape');
  await closed();
  await view.close();
});

test('earlier and later lead back to live, zooming out doubles, and ranges are typed, remembered and chosen by day', async () => {
  const view = await openPage(browser, server);
  const { page } = view;
  await view.go('#/logs?deployment=shop');
  await waitForRows(page);
  await page.getByRole('button', { name: 'Earlier' }).click();
  await page.waitForURL(/from=20/);
  await page.getByRole('button', { name: 'Later' }).click();
  await page.waitForFunction(() => !location.hash.includes('from=') && document.querySelector('.time-button').textContent === 'Last hour');
  await page.getByRole('button', { name: 'Zoom out' }).click();
  await page.waitForURL(/from=now-2h/);
  await page.locator('.time-button').click();
  await page.getByLabel(/^From/).fill('90 min ago');
  await page.getByLabel('To', { exact: true }).fill('now');
  await page.keyboard.press('Enter');
  await page.waitForURL(/from=now-90m/);
  await page.locator('.time-button').click();
  await page.getByLabel(/^From/).fill('yesterday 08:30');
  await page.getByLabel('To', { exact: true }).fill('today');
  await page.keyboard.press('Enter');
  await page.waitForURL(/from=20\d\d-\d\d-\d\dT08:30:00\.000Z&to=20/);
  await page.locator('.time-button').click();
  assert.deepEqual(await page.locator('.recent .menu-item').count(), 2);
  await page.getByRole('button', { name: 'Month before' }).click();
  await page.locator('.day:not(.day-other)').nth(9).click();
  await page.locator('.day:not(.day-other)').nth(11).click();
  await view.shot('time-picker-calendar');
  await page.getByRole('button', { name: 'Apply' }).click();
  await page.waitForFunction(() => /-10T00:00:00.000Z.*-13T00:00:00.000Z/.test(decodeURIComponent(location.hash)));
  await page.locator('.time-button').click();
  await page.locator('.recent .menu-item', { hasText: 'Last 1.5 h' }).click();
  await page.waitForURL(/from=now-90m/);
  await view.close();
});
