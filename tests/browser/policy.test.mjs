// The page under its Content-Security-Policy. openPage() gathers violations and fails a test that has any, here and in all other files.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openAll, openPage } from './support/harness.mjs';

const { server, browser } = await openAll();

test('the policy names every source and allows nothing inline', async () => {
  const response = await fetch(`${server.url}/`);
  const policy = Object.fromEntries(response.headers.get('content-security-policy').split(';').map((part) => {
    const [name, ...sources] = part.trim().split(' ');
    return [name, sources.join(' ')];
  }));
  for (const name of ['default-src', 'object-src', 'base-uri', 'frame-ancestors']) assert.equal(policy[name], "'none'", name);
  for (const name of ['script-src', 'style-src', 'connect-src']) assert.equal(policy[name], "'self'", name);
  assert.doesNotMatch(JSON.stringify(policy), /unsafe|\*|https?:/);
});

test('what is inline is refused and told: styles, attributes, scripts, handlers', async () => {
  const view = await openPage(browser, server, { allow: [/Content Security Policy/] });
  const { page, faults } = view;
  await view.go('#/overview');
  await page.waitForSelector('.tile');
  await page.evaluate(() => {
    const style = document.createElement('style');
    style.textContent = 'body { outline: 7px solid red }';
    document.head.append(style);
    const script = document.createElement('script');
    script.textContent = 'window.ranInline = true';
    document.body.append(script);
    const box = document.createElement('div');
    box.setAttribute('style', 'width: 1px');
    box.setAttribute('onclick', 'window.ranInline = true');
    document.body.append(box);
    box.click();
    const base = document.createElement('base');
    base.href = 'https://elsewhere.example/';
    document.head.append(base);
  });
  const directives = ['style-src-elem', 'style-src-attr', 'script-src-elem', 'script-src-attr', 'base-uri'];
  const told = () => directives.filter((name) => faults.some((fault) => fault.startsWith(`CSP ${name}`)));
  for (const end = Date.now() + 10_000; told().length < directives.length && Date.now() < end;) await page.evaluate(() => new Promise(requestAnimationFrame));
  assert.deepEqual(told(), directives);
  assert.equal(await page.evaluate(() => window.ranInline), undefined);
  assert.equal(await page.evaluate(() => getComputedStyle(document.body).outlineWidth === '7px'), false);
  faults.length = 0;
  await view.close();
});

test('what is drawn again takes over its styles by the object model', async () => {
  const view = await openPage(browser, server);
  await view.go('#/overview');
  const widths = await view.page.evaluate(async () => {
    const { h, patch } = await import('/js/ui/dom.js');
    const box = document.createElement('div'), seen = [];
    document.body.append(box);
    for (const width of ['10px', '20px', '']) {
      const bar = h('i', {});
      bar.style.display = 'block';
      bar.style.width = width;
      patch(box, bar);
      seen.push(box.firstChild.style.width);
    }
    box.remove();
    return seen;
  });
  assert.deepEqual(widths, ['10px', '20px', '']);
  await view.close();
});

for (const scheme of ['light', 'dark']) {
  test(`every view obeys it, with all that opens in them (${scheme})`, async () => {
    const view = await openPage(browser, server, { scheme });
    const { page } = view;
    await view.go('#/overview?deployment=lab');
    await page.waitForSelector('.tile');
    await view.go('#/logs?deployment=shop&from=now-24h');
    await page.locator('.log-list .row').first().click();
    await page.keyboard.press('Escape');
    await page.keyboard.press('?');
    await page.locator('dialog[open]').waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('t');
    await page.keyboard.press('Escape');
    await view.go('#/metrics?deployment=shop&deployment=lab&deployment=home');
    await page.waitForSelector('.metric-name');
    await page.keyboard.press('/');
    await page.keyboard.type('cpu usage');
    await page.waitForFunction(() => document.querySelectorAll('.metric-name').length === 1);
    await page.keyboard.press('Enter');
    const plot = page.locator('.js-plotly-plot .main-svg').first();
    await plot.waitFor({ state: 'attached' });
    // The library's own rules are in force: without them the layers of a chart lie below each other.
    assert.equal(await plot.evaluate((node) => getComputedStyle(node).position), 'absolute');
    await page.locator('.nsewdrag').first().hover();
    await view.go('#/system');
    await page.locator('main h2').first().waitFor();
    await view.close();
  });
}
