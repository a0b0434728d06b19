// Signing in by way of a real OpenID provider (the npm package oidc-provider), in another site than the page.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { after, test } from 'node:test';
import Provider from 'oidc-provider';
import { isReal, noSidewaysScroll, openAll, openPage, ownDeployment, sendLogs } from './support/harness.mjs';

const SECRET = 'the secret of this client, which nobody sees';

/** `groups`: of each account, by its name. */
async function openProvider(callback, home, groups) {
  const listener = createServer();
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const issuer = `http://localhost:${listener.address().port}`;
  const provider = new Provider(issuer, {
    clients: [{ client_id: 'penstock', client_secret: SECRET, redirect_uris: [callback], post_logout_redirect_uris: [home], grant_types: ['authorization_code'], response_types: ['code'] }],
    claims: { openid: ['sub'], profile: ['name', 'preferred_username'], groups: ['groups'] },
    scopes: ['openid', 'profile', 'groups'],
    cookies: { keys: ['of this test alone'] },
    pkce: { required: () => true },
    findAccount: (_, id) => ({ accountId: id, claims: async () => ({ sub: id, name: `The ${id}`, preferred_username: id, groups: groups[id] ?? [] }) }),
  });
  listener.on('request', provider.callback());
  after(() => listener.close());
  return { issuer, origin: issuer };
}

/** Through the pages of the provider, as a person would. */
async function consent(page, login) {
  await page.locator('input[name="login"]').fill(login);
  await page.locator('input[name="password"]').fill('any');
  await page.getByRole('button', { name: 'Sign-in' }).click();
  await page.getByRole('button', { name: 'Continue' }).click();
}

// The mock knows no provider: what is shown here is between server, provider and browser.
if (isReal) {
  const { server, browser } = await openAll();

  test('a provider is set up in the page; its users see what their groups allow, and sign out there too', async () => {
    const [deployment, other] = [ownDeployment('theirs'), ownDeployment('not-theirs')];
    await sendLogs(server, deployment, [{ message: 'for this group' }]);
    await sendLogs(server, other, [{ message: 'for another group' }]);
    const { issuer, origin } = await openProvider(`${server.url}/api/v1/oidc/company/callback`, `${server.url}/`, { ann: ['team'], eve: ['somebody'] });

    const admin = await openPage(browser, server);
    await admin.go('#/admin?section=providers');
    await admin.page.getByRole('button', { name: 'Add a provider' }).click();
    const dialog = admin.page.getByRole('dialog');
    await dialog.getByLabel('Id', { exact: true }).fill('company');
    await dialog.getByLabel('Name on the button').fill('Company <b>login</b>');
    await dialog.getByLabel('Issuer').fill(issuer);
    await dialog.getByLabel('Client id').fill('penstock');
    await dialog.getByLabel('Client secret').fill(SECRET);
    await dialog.getByLabel('Scope').fill('openid profile groups');
    await dialog.getByRole('button', { name: 'Add a rule' }).click();
    await dialog.getByLabel('Group', { exact: true }).fill('team');
    await dialog.getByLabel('Role', { exact: true }).selectOption('viewer');
    await dialog.getByLabel('In which deployment').fill(deployment);
    await admin.shot('admin-provider-form');
    await dialog.getByRole('button', { name: 'Add', exact: true }).click();
    const row = admin.page.locator('tr', { hasText: issuer });
    await row.getByText(`team → viewer in ${deployment}`).waitFor();
    await row.getByRole('button', { name: /^Test/ }).click();
    await admin.page.getByText(/answers: \d keys?, signs out too/).waitFor();
    await row.getByRole('button', { name: /^Change/ }).click();
    assert.equal(await admin.page.getByRole('dialog').getByLabel('Redirect URI to register').inputValue(), `${server.url}/api/v1/oidc/company/callback`);
    assert.equal(await admin.page.getByRole('dialog').getByLabel('Client secret').inputValue(), '');
    assert.ok(!(await admin.page.content()).includes(SECRET), 'the secret is shown to nobody');
    await admin.page.getByRole('button', { name: 'Cancel' }).click();
    await admin.shot('admin-providers');
    await admin.close();

    const view = await openPage(browser, server, { signedIn: false, hosts: [origin], allow: [/401/] });
    const { page } = view;
    await view.go('#/logs?q=group');
    await page.getByRole('link', { name: 'Sign in with Company <b>login</b>' }).waitFor();
    await view.shot('sign-in-provider');
    await page.getByRole('link', { name: /^Sign in with/ }).click();
    await consent(page, 'ann');
    await page.getByText('for this group').first().waitFor();
    assert.match(page.url(), /#\/logs\?q=group$/, 'back where the link led');
    assert.equal(await page.getByText('for another group').count(), 0);
    assert.equal(await page.locator('.deployment-fixed').innerText(), deployment);
    assert.deepEqual(await page.evaluate(() => [document.cookie.includes('penstock'), localStorage.getItem('penstock.user')]), [false, '1']);
    await view.shot('signed-in-by-provider');
    await page.reload();
    await page.getByText('for this group').first().waitFor();
    await page.goto(`${server.url}/#/admin?section=account`);
    await page.getByText(`${deployment}: `).first().waitFor();
    assert.equal(await page.getByRole('button', { name: 'Change the password' }).count(), 0, 'there is none');
    await page.getByRole('button', { name: 'Menu' }).click();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('button', { name: /Yes, sign me out/ }).click();
    await page.getByRole('link', { name: /^Sign in with/ }).waitFor();
    assert.equal(new URL(page.url()).origin, new URL(server.url).origin);

    // The provider asks anew, so its own session is over; and whom no rule fits is told so.
    await page.getByRole('link', { name: /^Sign in with/ }).click();
    await consent(page, 'eve');
    await page.getByRole('alert').getByText(/nothing there gives you a role here/).waitFor();
    await view.shot('sign-in-provider-refused');
    await page.setViewportSize({ width: 390, height: 800 });
    assert.ok(await noSidewaysScroll(page));
    await view.close();
  });

  test('a provider that cannot be reached is told on the page', async () => {
    const put = await fetch(`${server.url}/api/v1/providers/gone`, { method: 'PUT', headers: { Authorization: `Bearer ${server.token}` }, body: JSON.stringify({ title: 'Gone', issuer: 'http://127.0.0.1:9', client_id: 'x' }) });
    assert.equal(put.status, 200);
    const view = await openPage(browser, server, { signedIn: false });
    await view.go('#/logs');
    await view.page.getByRole('link', { name: 'Sign in with Gone' }).click();
    await view.page.getByRole('alert').getByText(/cannot be used now/).waitFor();
    await view.page.reload();
    await view.page.getByRole('link', { name: 'Sign in with Gone' }).waitFor();
    assert.equal(await view.page.getByRole('alert').count(), 0, 'it is told once');
    await fetch(`${server.url}/api/v1/providers/gone`, { method: 'DELETE', headers: { Authorization: `Bearer ${server.token}` } });
    await view.close();
  });
}
