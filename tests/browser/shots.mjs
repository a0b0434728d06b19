import { openBrowser, openPage, openServer } from './support/harness.mjs';
const server = await openServer();
const browser = await openBrowser();
for (const [name, hash, options, act] of [
  ['dev-overview', '#/overview', {}], ['dev-overview-dark', '#/overview', { scheme: 'dark' }],
  ['dev-logs', '#/logs?q=order', {}], ['dev-logs-dark', '#/logs', { scheme: 'dark' }, async (p) => { await p.keyboard.press('j'); await p.keyboard.press('j'); await p.keyboard.press('Enter'); }],
  ['dev-metrics', '#/metrics?chart=cpu.usage|avg|source&chart=ram.usage|avg|source&chart=net.in|avg|source&chart=storage.used|avg|', {}],
  ['dev-metrics-dark', '#/metrics?chart=cpu.usage|avg|source&chart=net.in|avg|*', { scheme: 'dark' }],
  ['dev-system', '#/system', {}], ['dev-phone-logs', '#/logs', { width: 360, height: 740, touch: true }],
  ['dev-phone-overview', '#/overview', { width: 360, height: 740, touch: true }], ['dev-phone-metrics', '#/metrics?chart=cpu.usage|avg|source', { width: 360, height: 740, touch: true }], ['dev-phone-system', '#/system', { width: 360, height: 740, touch: true }],
]) {
  if (process.argv[2] && !name.includes(process.argv[2])) continue;
  const view = await openPage(browser, server, options);
  await view.go(hash);
  await view.page.waitForTimeout(2500);
  if (act) { await act(view.page); await view.page.waitForTimeout(400); }
  await view.shot(name);
  await view.close().catch((e) => console.log(name, view.faults));
}
await browser.close(); await server.stop();
