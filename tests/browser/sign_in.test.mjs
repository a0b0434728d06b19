import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openAll, openPage } from './support/harness.mjs';

const { server, browser } = await openAll();

const allow = [/401/];

test('a wrong token is refused with a sentence, the right one opens the view that the link names', async () => {
  const view = await openPage(browser, server, { signedIn: false, allow });
  const { page } = view;
  await view.go('#/logs?q=declined&severity=ERROR');
  await page.getByLabel('Access token').waitFor();
  await view.shot('sign-in-light');
  await page.getByLabel('Access token').fill('not-a-token');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByText('The server does not know this token').waitFor();
  await page.getByLabel('Access token').fill(server.token);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForSelector('.log-list .row');
  assert.match(page.url(), /#\/logs\?q=declined&severity=ERROR$/);
  assert.equal(await page.getByLabel('Search logs').inputValue(), 'declined');
  const kept = await page.evaluate(() => [sessionStorage.getItem('penstock.token'), localStorage.getItem('penstock.token')]);
  assert.deepEqual(kept, [server.token, null]);
  await view.close();
});

test('the token is remembered on the device only when asked for, and signing out forgets it', async () => {
  const view = await openPage(browser, server, { signedIn: false });
  const { page } = view;
  await view.go('#/overview');
  await page.getByLabel('Access token').fill(server.token);
  await page.getByLabel('Remember on this device').check();
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForSelector('.tile');
  assert.equal(await page.evaluate(() => localStorage.getItem('penstock.token')), server.token);
  const second = await view.context.newPage();
  await second.goto(`${server.url}/#/overview`);
  await second.waitForSelector('.tile');
  await second.close();
  await page.getByRole('button', { name: 'Menu' }).click();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByLabel('Access token').waitFor();
  assert.deepEqual(await page.evaluate(() => [sessionStorage.length, localStorage.getItem('penstock.token')]), [0, null]);
  await view.close();
});

test('a token that stops working leads back to sign-in and keeps the link', async () => {
  const view = await openPage(browser, server, { allow });
  const { page } = view;
  await view.go('#/logs?q=declined');
  await page.waitForSelector('.log-list .row');
  await page.route('**/api/v1/**', (route) => route.fulfill({ status: 401, contentType: 'application/json', body: '{"error":{"code":"unauthorized","message":"revoked"}}' }));
  await page.keyboard.press('r');
  await page.getByText('does not accept this token any more').waitFor();
  assert.match(page.url(), /#\/logs\?q=declined$/);
  await page.unroute('**/api/v1/**');
  await page.getByLabel('Access token').fill(server.token);
  await page.keyboard.press('Enter');
  await page.waitForSelector('.log-list .row');
  await view.close();
});
