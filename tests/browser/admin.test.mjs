import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noSidewaysScroll, openAll, openPage, ownDeployment, sendLogs } from './support/harness.mjs';

const { server, browser } = await openAll();
const HOSTILE = '<img src=x onerror=alert(1)>';
const PASSWORD = 'correct horse battery';
const own = (name) => `${name}-${Date.now().toString(36)}${Math.floor(Math.random() * 1e4)}`;

async function ask(method, path, body) {
  const response = await fetch(`${server.url}${path}`, { method, headers: { Authorization: `Bearer ${server.token}`, 'Content-Type': 'application/json' }, ...(body ? { body: JSON.stringify(body) } : {}) });
  assert.ok(response.ok, `${method} ${path}: ${response.status} ${response.ok ? '' : await response.text()}`);
  return response.status === 204 ? null : response.json();
}

async function signInAs(page, name, password = PASSWORD) {
  await page.getByLabel('Name and password').check();
  await page.getByLabel('Name', { exact: true }).fill(name);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

test('an administrator adds a user with a role, who logs in, sees one deployment as if there were no other, and logs out', async () => {
  const [deployment, other] = [ownDeployment('mine'), ownDeployment('theirs')];
  await sendLogs(server, deployment, [{ severity: 'INFO', message: 'for my eyes' }]);
  await sendLogs(server, other, [{ severity: 'INFO', message: 'not for yours' }]);
  const name = own('ann');
  const view = await openPage(browser, server);
  const { page } = view;
  await view.go('#/admin?section=users');
  await page.getByRole('button', { name: 'Add a user' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name', { exact: true }).fill(name);
  await dialog.getByLabel('Full name').fill(HOSTILE);
  await dialog.getByLabel('Password').fill('short');
  await dialog.getByLabel('viewer', { exact: true }).check();
  await dialog.getByLabel('viewer: in which deployments').fill(deployment);
  view.faults.length = 0;
  await dialog.getByRole('button', { name: 'Add', exact: true }).click();
  await dialog.getByRole('alert').getByText(/10 characters/).waitFor();
  view.faults.length = 0; // the browser notes each refusal in its console
  await dialog.getByLabel('Password').fill(PASSWORD);
  await view.shot('admin-user-form');
  await dialog.getByRole('button', { name: 'Add', exact: true }).click();
  const row = page.locator('tr', { hasText: name });
  await row.getByText(`viewer in ${deployment}`).waitFor();
  assert.match(await row.innerText(), /<img src=x/, 'hostile text is text');
  await view.shot('admin-users');
  await view.close();

  const theirs = await openPage(browser, server, { signedIn: false });
  await theirs.go('#/logs');
  await signInAs(theirs.page, name);
  await theirs.page.getByText('for my eyes').first().waitFor();
  assert.equal(await theirs.page.getByText('not for yours').count(), 0);
  assert.equal(await theirs.page.locator('.deployment-button').count(), 0, 'nothing to pick');
  assert.equal(await theirs.page.locator('.deployment-fixed').innerText(), deployment);
  assert.deepEqual(await theirs.page.locator('.tab').allInnerTexts(), ['Overview', 'Logs', 'Metrics']);
  assert.deepEqual(await theirs.page.evaluate(() => [document.cookie, sessionStorage.getItem('penstock.token')]), ['', null], 'no script can read who this is');
  await theirs.shot('one-deployment');
  await theirs.page.goto(`${server.url}/#/system`);
  await theirs.page.getByText('Your rights do not cover this part').waitFor();
  await theirs.page.reload();
  await theirs.page.getByText('Your rights do not cover this part').waitFor();
  await theirs.page.getByRole('button', { name: 'Menu' }).click();
  await theirs.page.getByText(name).waitFor();
  await theirs.page.getByRole('button', { name: 'Sign out' }).click();
  await theirs.page.getByLabel('Password', { exact: true }).waitFor();
  const sessions = (await ask('GET', '/api/v1/users')).users.find((user) => user.name === name).sessions;
  assert.equal(sessions, 0, 'the session ended on the server too');
  await theirs.close();
});

test('a wrong password is refused with a sentence, and nothing is stored', async () => {
  const name = own('bob');
  await ask('POST', '/api/v1/users', { name, password: PASSWORD, roles: ['viewer'] });
  const view = await openPage(browser, server, { signedIn: false, allow: [/401/] });
  await view.go('#/logs');
  await signInAs(view.page, name, 'wrong password');
  await view.page.getByRole('alert').waitFor();
  assert.notEqual(await view.page.getByRole('alert').innerText(), '');
  await view.shot('sign-in-user');
  await signInAs(view.page, name);
  await view.page.waitForSelector('.log-list .row');
  await view.close();
});

test('a token is made with an end and rights, shown once, used, and revoked', async () => {
  const deployment = ownDeployment('token');
  const name = own('agent');
  const view = await openPage(browser, server);
  const { page } = view;
  await view.go('#/admin?section=tokens');
  await page.getByRole('button', { name: 'Make a token' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name', { exact: true }).fill(name);
  await dialog.getByLabel('Ends').selectOption('7d');
  await dialog.getByLabel('Deployment', { exact: true }).fill(deployment);
  await view.shot('admin-token-form');
  await dialog.getByRole('button', { name: 'Make it' }).click();
  const secret = page.getByRole('textbox', { name: `Token ${name}` });
  await secret.waitFor();
  const token = await secret.inputValue();
  assert.match(token, /^pst_/);
  await page.getByRole('button', { name: 'Copy' }).click();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), token);
  await view.shot('admin-token-made');
  await page.getByRole('button', { name: 'I have it' }).click();
  assert.ok(!(await page.content()).includes(token), 'it is shown once');
  const send = () => fetch(`${server.url}/api/v1/logs`, { method: 'POST', headers: { Authorization: `Bearer ${token}` }, body: JSON.stringify({ deployment, message: 'x' }) });
  assert.equal((await send()).status, 200);
  await page.getByRole('button', { name: `Revoke ${name}` }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke', exact: true }).click();
  await page.locator('tr', { hasText: name }).getByText('revoked').waitFor();
  assert.equal((await send()).status, 401);
  await view.shot('admin-tokens');
  await view.close();
});

test('a client’s certificate is given rights in place of a token, told from tokens, and revoked', async () => {
  const name = own('attic');
  const view = await openPage(browser, server);
  const { page } = view;
  await view.go('#/admin?section=tokens');
  await page.getByRole('button', { name: 'Make a token' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name', { exact: true }).fill(name);
  await dialog.getByLabel('Deployment', { exact: true }).fill(ownDeployment('certificate'));
  const fingerprint = Array.from(crypto.getRandomValues(new Uint8Array(32)), (byte) => byte.toString(16).padStart(2, '0').toUpperCase()).join(':');
  await dialog.getByLabel('In place of a token').fill(fingerprint);
  await dialog.getByRole('button', { name: 'Make it' }).click();
  const row = page.locator('tr', { hasText: name });
  await row.getByText(`certificate ${fingerprint.slice(0, 23)}…`).waitFor();
  assert.equal(await page.getByRole('dialog').count(), 0, 'there is no secret to show');
  await page.getByRole('button', { name: `Revoke ${name}` }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke', exact: true }).click();
  await row.getByText('revoked').waitFor();
  await view.close();
});

test('the matrix shows who may do what where, and a cell changes it', async () => {
  const name = own('carol');
  const deployment = ownDeployment('matrix');
  await ask('POST', '/api/v1/users', { name, password: PASSWORD, roles: [{ role: 'viewer', deployment }], grants: [{ deployment: '*', rights: ['ingest'] }] });
  const view = await openPage(browser, server);
  const { page } = view;
  await view.go('#/admin?section=rights');
  await page.getByRole('button', { name: new RegExp(`^${name} in ${deployment}: .*Read logs`) }).waitFor();
  await view.shot('admin-rights');
  await page.getByRole('button', { name: new RegExp(`^${name} in all deployments: Send`) }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Delete logs').check();
  await dialog.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('button', { name: new RegExp(`^${name} in all deployments: .*Delete logs`) }).waitFor();
  const stored = (await ask('GET', '/api/v1/users')).users.find((user) => user.name === name);
  assert.deepEqual(stored.grants.map(({ deployment: where, rights }) => [where, [...rights].sort()]), [['*', ['ingest', 'logs:delete']]]);
  assert.deepEqual(stored.roles, [{ role: 'viewer', deployment }], 'roles stay');
  await view.close();
});

test('roles, deployments, settings and the audit log have their sections', async () => {
  const role = own('night-watch');
  const view = await openPage(browser, server, { allow: [/40[09]/] });
  const { page } = view;
  await view.go('#/admin?section=roles');
  await page.getByRole('button', { name: 'Add a role' }).click();
  await page.getByRole('dialog').getByLabel('Name', { exact: true }).fill(role);
  await page.getByRole('dialog').getByLabel('Read logs').check();
  await page.getByRole('dialog').getByRole('button', { name: 'Add', exact: true }).click();
  await page.locator('tr', { hasText: role }).getByText('all: Read logs').waitFor();
  await view.shot('admin-roles');
  await page.getByRole('link', { name: 'Deployments' }).click();
  await page.getByLabel('Find a deployment').fill('shop');
  await page.locator('tr', { hasText: 'shop' }).first().waitFor();
  await view.shot('admin-deployments');
  await page.getByRole('link', { name: 'Settings' }).click();
  await page.getByRole('button', { name: 'Change token.ttl_max' }).click();
  await page.getByRole('dialog').getByRole('textbox').fill('soon');
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
  await page.getByRole('alert').getByText(/30m, 12h or 90d/).waitFor();
  await page.getByRole('dialog').getByRole('textbox').fill('400d');
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
  await page.locator('tr', { hasText: 'token.ttl_max' }).getByText('400d').waitFor();
  await view.shot('admin-settings');
  await page.getByRole('button', { name: 'Reset token.ttl_max' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Reset' }).click();
  await page.waitForFunction(() => !document.body.textContent.includes('400d'));
  await page.getByRole('link', { name: 'Audit log' }).click();
  await page.locator('tr', { hasText: role }).first().waitFor();
  await page.getByLabel('What, as token.create or token').fill('setting');
  await page.waitForURL(/action=setting/);
  await page.waitForFunction((name) => document.querySelectorAll('tbody tr').length > 0 && !document.querySelector('tbody').textContent.includes(name), role);
  await page.getByRole('button', { name: 'Check the chain' }).click();
  await page.getByText(/The chain is whole/).waitFor();
  await view.shot('admin-audit');
  await view.close();
});

test('who is no administrator has an account, tokens that may no more, and no other section', async () => {
  const name = own('dora');
  await ask('POST', '/api/v1/users', { name, password: PASSWORD, roles: [{ role: 'viewer', deployment: 'shop' }] });
  const view = await openPage(browser, server, { signedIn: false, scheme: 'dark' });
  const { page } = view;
  await view.go('#/admin?section=users');
  await signInAs(page, name);
  await page.locator('.admin-link').first().waitFor();
  assert.deepEqual(await page.locator('.admin-link').allInnerTexts(), ['Tokens', 'Deployments', 'My account']);
  await page.getByRole('link', { name: 'My account' }).click();
  await page.getByText('shop: See size and retention').or(page.getByText(/shop: .*Read logs/)).first().waitFor();
  await view.shot('dark-account');
  await page.getByRole('button', { name: 'Change the password' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Password now').fill(PASSWORD);
  await dialog.getByLabel('New password', { exact: true }).fill('another long password');
  await dialog.getByLabel('New password again').fill('another long password');
  await dialog.getByRole('button', { name: 'Change', exact: true }).click();
  await page.getByText(/The password is changed/).waitFor();
  await page.getByRole('button', { name: 'Log out everywhere' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Log out' }).click();
  await page.getByLabel('Password', { exact: true }).waitFor();
  await view.close();
});

test('the administration fits a phone, in the dark too', async () => {
  await ask('POST', '/api/v1/users', { name: own('a-user-with-a-rather-long-name'), password: PASSWORD, roles: ['viewer', { role: 'operator', deployment: 'shop' }] });
  const view = await openPage(browser, server, { width: 390, height: 780, touch: true, scheme: 'dark' });
  const { page } = view;
  for (const [section, ready] of [['users', 'table'], ['rights', 'table'], ['tokens', 'h2'], ['deployments', 'table'], ['settings', 'table'], ['audit', 'table']]) {
    await view.go(`#/admin?section=${section}`);
    await page.locator(`.admin-section ${ready}`).first().waitFor();
    assert.ok(await noSidewaysScroll(page), section);
    await view.shot(`phone-admin-${section}`);
  }
  await view.go('#/admin?section=users');
  await page.getByRole('button', { name: 'Add a user' }).tap();
  await view.shot('phone-admin-user-form');
  assert.ok(await noSidewaysScroll(page));
  await view.close();
});

test('a deployment is deleted for good only when its name is typed, and what becomes of it is told', async () => {
  const [doomed, kept] = [ownDeployment('doomed'), ownDeployment('kept')];
  await sendLogs(server, doomed, [{ severity: 'INFO', message: 'will be gone' }]);
  await sendLogs(server, kept, [{ severity: 'INFO', message: 'stays' }]);
  const view = await openPage(browser, server);
  const { page } = view;
  await view.go('#/admin?section=deployments');
  await page.getByLabel('Find a deployment').fill(doomed);
  await page.getByRole('button', { name: `Delete ${doomed}` }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('textbox').fill(kept);
  await dialog.getByRole('button', { name: 'Delete for good' }).click();
  await dialog.getByRole('alert').getByText(/nothing was deleted/).waitFor();
  await view.shot('admin-delete-deployment');
  await dialog.getByRole('textbox').fill(doomed);
  await dialog.getByRole('button', { name: 'Delete for good' }).click();
  await page.getByText(new RegExp(`${doomed} is (being )?deleted`)).first().waitFor();
  const messages = async (deployment) => (await ask('GET', `/api/v1/logs?deployment=${deployment}`)).records.length;
  while (await messages(doomed) > 0) await page.waitForResponse(/deletions|deployments/);
  assert.equal(await messages(kept), 1);
  await page.getByRole('link', { name: 'Audit log' }).click();
  await page.locator('tr', { hasText: `deployment:${doomed}` }).getByText('deployment.delete').waitFor();
  await view.shot('admin-audit-deployment');
  await view.close();
});

test('keys are shown by fingerprint, replaced and tried', async () => {
  const view = await openPage(browser, server);
  const { page } = view;
  await view.go('#/admin?section=keys');
  const [before] = (await ask('GET', '/api/v1/keys')).outer_keys;
  await page.getByText(new RegExp(`${before}, from `)).waitFor();
  await page.getByRole('button', { name: 'Try all keys' }).click();
  await page.getByText(/Every key opens/).waitFor();
  await view.shot('admin-keys');
  await page.getByRole('button', { name: 'Replace the key' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('What is replaced').selectOption('all');
  await view.shot('admin-keys-replace');
  await dialog.getByRole('button', { name: 'Replace', exact: true }).click();
  await page.waitForFunction((old) => !document.querySelector('.account-facts').textContent.includes(old), before);
  const [now] = (await ask('GET', '/api/v1/keys')).outer_keys;
  await page.getByText(new RegExp(`${now}, from `)).waitFor();
  await noSidewaysScroll(page);
  await view.close();
});
