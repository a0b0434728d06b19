import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isReal, noSidewaysScroll, openAll, openPage, ownDeployment, sendLogs, until } from './support/harness.mjs';

const { server, browser } = await openAll();
const HOSTILE = '<img src=x onerror=alert(1)>';
const DAY = 86_400_000;
const ago = (days) => new Date(Date.now() - days * DAY).toISOString();

async function ask(method, path, body) {
  const response = await fetch(`${server.url}${path}`, { method, headers: { Authorization: `Bearer ${server.token}`, 'Content-Type': 'application/json' }, ...(body ? { body: JSON.stringify(body) } : {}) });
  return { status: response.status, body: response.status === 204 ? null : await response.json() };
}
const sendMetrics = (deployment, metrics) => ask('POST', '/api/v1/metrics', [{ deployment, source: 'tester', metrics }]);

test('a metric is declared, its range refuses samples by name, its unit stands at the chart, and it is removed', async () => {
  const deployment = ownDeployment('declared');
  const name = `${deployment}.orders`;
  assert.equal((await sendMetrics(deployment, { [name]: 7 })).status, 200);
  const view = await openPage(browser, server, { allow: [/400|422/] });
  const { page } = view;
  await view.go('#/admin?section=custom-metrics');
  await page.getByRole('button', { name: 'Declare a metric' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name or pattern').fill(`${deployment}.ord*`);
  await dialog.getByLabel('Deployment').fill(deployment);
  await dialog.getByLabel('Unit').fill('crates');
  await dialog.getByLabel('What it tells').fill(HOSTILE);
  await dialog.getByLabel('Smallest value').fill('many');
  await dialog.getByRole('button', { name: 'Declare', exact: true }).click();
  await dialog.getByRole('alert').getByText(/smallest value must be a number/).waitFor();
  await dialog.getByLabel('Smallest value').fill('0');
  await dialog.getByLabel('Largest value').fill('-5');
  await dialog.getByRole('button', { name: 'Declare', exact: true }).click();
  await dialog.getByRole('alert').getByText(/below the smallest/).waitFor();
  await dialog.getByLabel('Largest value').fill('99,5');
  await view.shot('admin-metric-form');
  await dialog.getByRole('button', { name: 'Declare', exact: true }).click();
  const row = page.locator('tr', { hasText: deployment });
  await row.getByText('0 to 99.5').waitFor();
  assert.match(await row.innerText(), /<img src=x/, 'hostile text is text');
  await view.shot('admin-custom-metrics');
  const refused = await sendMetrics(deployment, { [name]: 100, 'cpu.usage': 1 });
  assert.equal(refused.body.sample_errors[0].field, `metrics.${name}`);
  await view.go(`#/metrics?deployment=${deployment}&m=${encodeURIComponent(JSON.stringify([{ name }]))}`);
  await page.getByText(name).first().waitFor();
  if (await page.locator(`.chart-card[data-metric="${name}"]`).count() === 0) await page.getByText(name).first().click();
  await page.locator('.chart-note').getByText(/crates/).first().waitFor();
  await view.shot('metric-declared-unit');
  await view.go('#/admin?section=custom-metrics');
  await page.getByLabel('Find a metric').fill(deployment);
  await page.getByRole('button', { name: `Change ${deployment}.ord*` }).click();
  await page.getByRole('dialog').getByLabel('Largest value').fill('');
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
  await row.getByText('0 or more').waitFor();
  assert.equal((await sendMetrics(deployment, { [name]: 100 })).status, 200);
  await page.getByRole('button', { name: `Remove ${deployment}.ord*` }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
  await until(async () => !(await ask('GET', '/api/v1/custom-metrics')).body.metrics.some((one) => one.deployment === deployment), 'the declaration to be gone');
  await view.close();
});

test('a shorter retention tells what would go, and takes it only when that is wanted', async () => {
  const deployment = ownDeployment('kept');
  await sendLogs(server, deployment, [...Array.from({ length: 12 }, (_, i) => ({ timestamp: ago(20), severity: 'INFO', message: `old ${i}` })), { severity: 'INFO', message: 'new' }]);
  await until(async () => (await ask('GET', '/api/v1/deployments')).body.deployments.some((one) => one.name === deployment && one.logs?.records === 13), 'the store to count them', 30_000);
  const count = async () => (await ask('GET', `/api/v1/logs?deployment=${deployment}&from=now-30d&limit=100`)).body.records.length;
  const view = await openPage(browser, server, { allow: [/400/] });
  const { page } = view;
  await view.go(`#/admin?section=deployments&find=${deployment}`);
  const row = page.locator('tr', { hasText: deployment });
  await row.getByText('30 d').first().waitFor();
  const open = async () => {
    await page.getByRole('button', { name: `Change ${deployment}` }).click();
    await page.getByLabel('How long logs are kept').selectOption('own');
  };
  await open();
  await page.getByLabel('Keep logs for').fill('10');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('alert').getByText(/unit/).waitFor();
  await page.getByLabel('Keep logs for').fill('10d');
  await view.shot('admin-deployment-form');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('dialog').getByText(/About 12 logs/).waitFor();
  await view.shot('admin-retention-loss');
  await page.getByRole('button', { name: 'Cancel' }).click();
  assert.equal(await count(), 13, 'nothing was changed');
  assert.match((await row.innerText()), /30 d/);
  await open();
  await page.getByLabel('Keep logs for').fill('10d');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('button', { name: 'Delete and save' }).click();
  await row.getByText('10 d').waitFor();
  await until(async () => (await count()) === 1, 'what is no longer kept to go', 90_000);
  await page.getByRole('button', { name: `Change ${deployment}` }).click();
  assert.equal(await page.getByLabel('Keep logs for').inputValue(), '10d');
  await page.getByLabel('How long logs are kept').selectOption('');
  await page.getByRole('button', { name: 'Save' }).click();
  await row.getByText('30 d').first().waitFor();
  await view.close();
});

test('a deployment that takes declared metrics only says so, and refuses others', async () => {
  const deployment = ownDeployment('closed');
  await sendMetrics(deployment, { 'cpu.usage': 1 });
  const view = await openPage(browser, server, { scheme: 'dark' });
  const { page } = view;
  await view.go('#/admin?section=deployments');
  await page.getByRole('button', { name: 'Another deployment' }).click();
  await page.getByRole('dialog').getByLabel('Deployment').fill(deployment);
  await page.getByRole('button', { name: 'Next' }).click();
  await page.getByLabel('Metrics that are not declared').last().selectOption('refused');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByLabel('Find a deployment').fill(deployment);
  await page.locator('tr', { hasText: deployment }).getByText('takes declared metrics only').waitFor();
  await view.shot('dark-deployments');
  if (isReal) assert.equal((await sendMetrics(deployment, { 'cpu.usage': 1 })).status, 422);
  await page.getByRole('button', { name: 'For all deployments' }).click();
  await page.getByRole('dialog').getByLabel('How long logs are kept').waitFor();
  await view.shot('dark-deployments-all');
  await view.close();
});

test('a grant names the custom metrics that it covers', async () => {
  const deployment = ownDeployment('named');
  const role = `role-${deployment}`;
  const view = await openPage(browser, server);
  const { page } = view;
  await view.go('#/admin?section=roles');
  await page.getByRole('button', { name: 'Add a role' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name', { exact: true }).fill(role);
  const named = dialog.getByLabel(/^Custom metrics, with commas/);
  assert.ok(await named.isHidden(), 'without the right there is nothing to name');
  await dialog.getByLabel('Read custom metrics').check();
  await named.fill('orders.*, sales.total');
  await view.shot('admin-grant-custom');
  await dialog.getByRole('button', { name: 'Add', exact: true }).click();
  await page.locator('tr', { hasText: role }).getByText(/custom metrics orders\.\*, sales\.total/).waitFor();
  const stored = (await ask('GET', '/api/v1/roles')).body.roles.find((one) => one.name === role);
  assert.deepEqual(stored.grants[0].custom_metrics, ['orders.*', 'sales.total']);
  await view.close();
});

test('custom metrics and deployments fit a phone', async () => {
  await ask('POST', '/api/v1/custom-metrics', { deployment: ownDeployment('phone'), name: 'a.metric.with.a.rather.long.name.that.does.not.fit.anywhere', unit: 'orders', description: 'What it tells', min: 0, max: 1e9 });
  const view = await openPage(browser, server, { width: 390, height: 780, touch: true });
  const { page } = view;
  for (const section of ['custom-metrics', 'deployments']) {
    await view.go(`#/admin?section=${section}`);
    await page.locator('.admin-section table').first().waitFor();
    assert.ok(await noSidewaysScroll(page), section);
    await view.shot(`phone-admin-${section}`);
  }
  await view.close();
});
