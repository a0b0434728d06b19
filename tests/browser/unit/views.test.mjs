import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { niceCeiling, readHistogram, selectionRange, timeTicks } from '../../../web/js/charts/scale.js';
import { sparkPath } from '../../../web/js/charts/spark.js';
import { curlCommand } from '../../../web/js/logs/curl_command.js';
import { SEVERITIES, defaultState } from '../../../web/js/core/state.js';
import { andAbove } from '../../../web/js/logs/severity_counts.js';
import { splitName } from '../../../web/js/core/text.js';
import { breakLine, hasGap, outline } from '../../../web/js/metrics/gaps.js';
import { readLines, readRest, tipAt } from '../../../web/js/metrics/lines.js';
import { groupMetrics, lineNames, summary, valueRange } from '../../../web/js/metrics/series.js';
import { gatherSources, liveness, sortSources, sumLines } from '../../../web/js/overview/sources.js';
import { createHistory, readChecks } from '../../../web/js/system/history.js';

test('a drag selects whole buckets and never nothing', () => {
  assert.deepEqual(selectionRange(10, 31, 100, 0, 1000, 100), { from: 100, to: 400 });
  assert.deepEqual(selectionRange(31, 10, 100, 0, 1000, 100), { from: 100, to: 400 });
  assert.deepEqual(selectionRange(50, 50, 100, 0, 1000, 100), { from: 500, to: 600 });
  assert.deepEqual(selectionRange(-50, 900, 100, 0, 1000, 100), { from: 0, to: 1000 });
});

test('histogram answers are read whatever they leave out', () => {
  const read = readHistogram({ buckets: [{ time: 'a', total: 5, counts: { INFO: 3, ERROR: 2 } }, { time: 'b', total: 0, counts: {} }, { time: 'c', counts: { INFO: 1 } }] }, ['INFO', 'ERROR'], () => 7);
  assert.deepEqual([read.total, read.sums.INFO, read.sums.ERROR, read.buckets.length], [6, 4, 2, 3]);
});

test('axes end on round numbers', () => {
  assert.deepEqual([0, 3, 7, 18, 101, 999].map(niceCeiling), [1, 3, 8, 20, 150, 1000]);
  const { step, ticks } = timeTicks(Date.UTC(2026, 0, 1, 0, 7), Date.UTC(2026, 0, 1, 1, 7), 8, 'utc');
  assert.equal(step, 600_000);
  assert.equal(ticks[0], Date.UTC(2026, 0, 1, 0, 10));
});

test('a trend line breaks where a value is missing', () => {
  const { line, area } = sparkPath([1, 2, null, 3, 4]);
  assert.equal(line.match(/M/g).length, 2);
  assert.equal(area.match(/Z/g).length, 2);
  assert.deepEqual(sparkPath([null, null]), { line: '', area: '' });
});

test('lines are named by the fewest labels that tell them apart', () => {
  const line = (labels, deployment = 'd') => ({ deployment, labels, points: [] });
  assert.deepEqual(lineNames([line({ source: 'a', job: 'x' }), line({ source: 'b', job: 'x' })]), ['a', 'b']);
  assert.deepEqual(lineNames([line({ source: 'a', mount: '/', device: 'x' }), line({ source: 'a', mount: '/v', device: 'y' })]), ['mount=/', 'mount=/v']);
  assert.deepEqual(lineNames([line({ source: 'a' }, 'one'), line({ source: 'a' }, 'two')]), ['one', 'two']);
  assert.deepEqual(lineNames([line({ source: 'only' })]), ['only']);
  assert.deepEqual(lineNames([{ labels: {}, points: [] }]), ['all']);
});

test('summaries and ranges skip what is missing', () => {
  assert.deepEqual(summary([[1, null], [2, 4], [3, 8], [4, null]]), { min: 4, max: 8, avg: 6, last: 8, count: 2 });
  assert.equal(summary([[1, null]]).last, null);
  assert.deepEqual(valueRange([{ points: [[1, 8]] }], '%'), [0, 10]);
  assert.deepEqual(valueRange([], ''), [0, 1]);
  assert.equal(valueRange([{ points: [[1, 1000], [2, 1001]] }], '')[0] > 900, true);
});

test('metric names are grouped and filtered by words', () => {
  const found = groupMetrics([{ name: 'cpu.usage' }, { name: 'cpu.core.usage' }, { name: 'net.in' }], 'USAGE cpu');
  assert.deepEqual(found.map(([group, list]) => [group, list.length]), [['cpu', 2]]);
});

test('machines are gathered from the newest points, same names in two deployments apart', () => {
  const line = (source, value, labels = {}, deployment = 'd') => ({ deployment, labels: { source, ...labels }, points: [[1000, value - 1], [11_000, value]] });
  const machines = gatherSources({
    'cpu.usage': [line('a', 50), line('a', 10, {}, 'e')], 'ram.used': [line('a', 512)], 'ram.total': [line('a', 1024)],
    'net.in': [line('a', 100, { interface: 'eth0' }), line('a', 900, { interface: 'lo' }), line('a', 10, { interface: 'wlan0' })],
    'storage.used': [line('a', 90, { mount: '/' })], 'storage.total': [line('a', 100, { mount: '/' })],
  });
  assert.equal(machines.length, 2);
  const [one] = machines;
  assert.deepEqual([one.cpu.now, one.ram.now, one.netIn.at(-1), one.storage[0].usage, one.lastSeen, one.gpus.length, one.temperature], [50, 50, 110, 90, 11_000, 0, null]);
  assert.deepEqual([liveness(one, 20_000), liveness(one, 60_000), liveness(one, 9e6)], ['live', 'late', 'silent']);
  assert.deepEqual(sortSources(machines, 'cpu').map((machine) => machine.deployment), ['d', 'e']);
  assert.deepEqual(sumLines([{ points: [[1, 1], [2, 2]] }, { points: [[2, 10]] }]), [1, 12]);
});

test('rates come from the page’s own samples, and a restart begins anew', () => {
  const history = createHistory(3);
  for (const [at, uptime, value] of [[0, 10, 100], [2000, 12, 120], [4000, 14, 160], [6000, 16, 160]]) history.push({ uptime_s: uptime, n: value }, at);
  assert.equal(history.size, 3);
  assert.deepEqual(history.rates((stats) => stats.n), [20, 0]);
  history.push({ uptime_s: 1, n: 5 }, 8000);
  assert.equal(history.size, 1);
});

test('readiness is read in whatever shape it comes', () => {
  const checks = readChecks({ ready: false, status: 503, text: '', body: { checks: { journal: { ok: true, required: true }, store: { ok: false, required: false, message: 'away' } } } });
  assert.deepEqual(checks, [{ name: 'journal', ok: true, required: true, text: 'ready' }, { name: 'store', ok: false, required: false, text: 'away' }]);
  assert.deepEqual(readChecks({ ready: true, status: 200, text: 'OK', body: null }), [{ name: 'server', ok: true, required: true, text: 'OK' }]);
});

test('the curl command quotes for a shell and holds no token', () => {
  const command = curlCommand({ ...defaultState(), q: "it's" }, 'http://h');
  assert.ok(command.includes(`'q=it'\\''s'`));
  assert.ok(command.includes('Bearer $PENSTOCK_TOKEN'));
});

test('severities that lie upon each other in a bar differ by 3:1, and each from the ground, in both themes', async () => {
  const css = await readFile(new URL('../../../web/style.css', import.meta.url), 'utf8');
  const blocks = [css.slice(css.indexOf(':root {'), css.indexOf(':root[data-theme="dark"]')), css.slice(css.indexOf(':root[data-theme="dark"]'))];
  const part = (text) => (parseInt(text, 16) / 255 <= 0.03928 ? parseInt(text, 16) / 255 / 12.92 : ((parseInt(text, 16) / 255 + 0.055) / 1.055) ** 2.4);
  for (const block of blocks) {
    const light = (name) => {
      const [, red, green, blue] = new RegExp(`--${name}: #(..)(..)(..);`).exec(block);
      return 0.2126 * part(red) + 0.7152 * part(green) + 0.0722 * part(blue);
    };
    const contrast = (one, other) => (Math.max(light(one), light(other)) + 0.05) / (Math.min(light(one), light(other)) + 0.05);
    SEVERITIES.forEach((name, index) => {
      assert.ok(contrast(name, 'surface') >= 3, `${name} on the surface: ${contrast(name, 'surface')}`);
      if (index > 0) assert.ok(contrast(name, SEVERITIES[index - 1]) >= 3, `${SEVERITIES[index - 1]} below ${name}: ${contrast(name, SEVERITIES[index - 1])}`);
    });
    assert.ok(contrast('INFO', 'ERROR') >= 3, 'errors stand out from what is usual');
  }
});

test('a severity counts what a click on it shows, the gravest first', () => {
  assert.deepEqual(andAbove([{ value: 'INFO', count: 70 }, { value: 'ERROR', count: 5 }, { value: 'DEBUG', count: 20 }, { value: 'FATAL', count: 1 }]),
    [{ value: 'FATAL', count: 1 }, { value: 'ERROR', count: 6 }, { value: 'INFO', count: 76 }, { value: 'DEBUG', count: 96 }]);
});

test('a long name keeps its end, in whole letters', () => {
  assert.deepEqual(splitName('web-1'), ['web-1', '']);
  assert.deepEqual(splitName('checkout-7d9f8b6c5-x2x9z'), ['checkout-7d9f8b', '6c5-x2x9z']);
  assert.equal(splitName(`${'a'.repeat(20)}🚰🚰🚰🚰🚰🚰🚰🚰🚰`)[1], '🚰'.repeat(9));
});

test('index.html preloads exactly the modules of the first view, and every file stays within 300 lines', async () => {
  const web = new URL('../../../web/', import.meta.url);
  const read = (path) => readFile(new URL(path, web), 'utf8');
  const seen = new Set();
  const walk = async (path) => {
    if (seen.has(path)) return;
    seen.add(path);
    const text = await read(path);
    assert.ok(text.split('\n').length <= 300, `${path} is longer than 300 lines`);
    assert.doesNotMatch(text, /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function/, path);
    for (const [, found] of text.matchAll(/(?:from|import\() ?'(\.[^']+)'/g)) await walk(new URL(found, new URL(path, web)).href.slice(web.href.length));
  };
  const staticOnly = async (path, list = new Set()) => {
    if (list.has(path)) return list;
    list.add(path);
    for (const [, found] of (await read(path)).matchAll(/from '(\.[^']+)'/g)) await staticOnly(new URL(found, new URL(path, web)).href.slice(web.href.length), list);
    return list;
  };
  await walk('app.js');
  assert.ok(seen.size > 30);
  const wanted = await staticOnly('js/overview/overview.js', await staticOnly('app.js'));
  const listed = [...(await read('index.html')).matchAll(/modulepreload" href="\/([^"]+)"/g)].map(([, path]) => path);
  assert.deepEqual(listed.sort(), [...wanted].filter((path) => path !== 'app.js').sort());
});

test('a step finer than the samples does not tear the line, a missing sample does', () => {
  const points = Array.from({ length: 40 }, (_, index) => [index * 5000, index % 3 === 0 && !(index > 12 && index < 24) ? index : null]);
  const drawn = breakLine(points);
  assert.equal(drawn.filter(([, value]) => value === null).length, 1);
  assert.equal(drawn.filter(([, value]) => value !== null).length, points.filter(([, value]) => value !== null).length);
  assert.deepEqual(breakLine([[1, null], [2, 5]]), [[2, 5]]);
});

/** What the server answers for samples every `pace` seconds but between `from` and `to`, at a step. */
function answered({ pace, from, to, step, length = 7 * 86_400, jitter = 0 }) {
  const counts = new Array(Math.ceil(length / step)).fill(0);
  for (let at = 0, turn = 0; at < length; at += pace, turn += 1) {
    const time = at + (turn % 100 === 50 ? jitter : 0);
    if (!(time >= from && time < to) && time < length) counts[Math.floor(time / step)] += 1;
  }
  return [counts.map((count, index) => [index * step * 1000, count > 0 ? 5 : null]), counts];
}

test('an outage is a gap at every width, and samples that only jitter are none', () => {
  for (const step of [5, 10, 30, 60, 300, 900, 1800]) {
    const [points, counts] = answered({ pace: 10, from: 200_000, to: 201_800, step });
    const gaps = breakLine(points, counts).filter(([, value]) => value === null).map(([time]) => time / 1000);
    assert.ok(gaps.length >= 1 && gaps.every((time) => time > 199_000 && time < 205_500), `30 minutes at a step of ${step} s: ${gaps}`);
    const [whole, all] = answered({ pace: 10, from: 0, to: 0, step });
    assert.ok(!hasGap(breakLine(whole, all)), `no gap where there is none, at a step of ${step} s`);
  }
  const [points, counts] = answered({ pace: 60, from: 0, to: 0, step: 60, jitter: 61 });
  assert.ok(counts.includes(0) && counts.includes(2));
  assert.ok(!hasGap(breakLine(points, counts)));
  // A rate goes on across empty steps; the samples do not.
  const [, silent] = answered({ pace: 10, from: 200_000, to: 203_600, step: 300 });
  assert.ok(hasGap(breakLine(silent.map((_, index) => [index * 300_000, 1]), silent)));
});

test('averages carry the span of their samples, and the lines that are left out are one area', () => {
  const answer = { agg: 'avg', from: '1970-01-01T00:00:00Z', step_ms: 1000, series: [{ labels: { source: 'a' }, points: [[0, 5], [1000, null], [2000, 7]], aggregates: { avg: [5, null, 7], min: [1, null, 2], max: [9, null, 40], count: [3, null, 3] } }],
    rest: { series: 180, min: [1, null, 3], max: [4, null, 6] } };
  const [line] = readLines(answer);
  assert.deepEqual([line.name, line.low[2], line.high[2], line.told.max, line.told.min, line.told.avg], ['a', [2000, 2], [2000, 40], 40, 1, 6]);
  assert.deepEqual(readRest(answer), { count: 180, points: [[0, 1, 4], [2000, 3, 6]] });
  assert.equal(readRest({ ...answer, rest: undefined }), null);
});

test('of 31 lines a tooltip tells the nearest and the five largest', () => {
  const lines = Array.from({ length: 31 }, (_, index) => ({ name: `host-${index}`, points: [[0, index], [1000, index], [2000, null]] }));
  const tip = tipAt(lines, 1040, 7.2, 500);
  assert.deepEqual([tip.time, tip.nearest.line.name, tip.largest.map(({ line }) => line.name), tip.others], [1000, 'host-7', ['host-30', 'host-29', 'host-28', 'host-27', 'host-26'], 25]);
  assert.equal(tipAt(lines, 1040, 28.2, 500).others, 26);
  assert.equal(tipAt(lines, 9000, 7, 500), null);
});

const lineOf = (source, every, last, labels = {}, count = 10) => ({ deployment: 'd', labels: { source, ...labels }, points: Array.from({ length: count }, (_, index) => [last - (count - 1 - index) * every, 40 + index]) });

test('a machine that died is not kept alive by one slow metric that is still young', () => {
  const now = 10_000_000;
  const [machine] = gatherSources({ 'cpu.usage': [lineOf('m', 10_000, now - 200_000)], 'ram.usage': [lineOf('m', 10_000, now - 200_000)], 'storage.usage': [lineOf('m', 300_000, now - 20_000, { mount: '/' })] });
  assert.notEqual(liveness(machine, now), 'live');
  const [slow] = gatherSources({ 'cpu.usage': [lineOf('s', 300_000, now - 200_000)] });
  assert.equal(liveness(slow, now), 'live', 'a machine that sends every five minutes is');
});

test('values that are hours older than their machine do not count as current', () => {
  const now = 100_000_000;
  const [machine] = gatherSources({ 'cpu.usage': [lineOf('m', 10_000, now)], 'storage.usage': [lineOf('m', 10_000, now, { mount: '/' }), lineOf('m', 10_000, now - 7_200_000, { mount: '/gone' })],
    'net.in': [lineOf('m', 10_000, now, { interface: 'eth0' }), lineOf('m', 10_000, now - 7_200_000, { interface: 'usb0' })], 'load.1': [lineOf('m', 10_000, now - 7_200_000)] });
  assert.deepEqual(machine.storage.map((mount) => mount.mount), ['/']);
  assert.equal(machine.netIn.at(-1), 49);
  assert.equal(machine.load, null);
});

test('of several CPU lines the total is shown, without one the mean of the cores', () => {
  const cores = [0, 1].map((core) => ({ ...lineOf('m', 10_000, 1e6, { core: String(core) }, 2), points: [[990_000, 10 * core], [1e6, 20 + 60 * core]] }));
  assert.equal(gatherSources({ 'cpu.usage': cores })[0].cpu.now, 50);
  const total = { ...cores[0], labels: { source: 'm' }, points: [[1e6, 33]] };
  assert.equal(gatherSources({ 'cpu.usage': [...cores, total] })[0].cpu.now, 33);
});

test('areas are closed on both sides of a gap', () => {
  const points = [[0, 5], [10, 6], [39, null], [40, 7], [50, 8]];
  assert.ok(hasGap(points) && !hasGap(points.slice(0, 2)));
  const values = new Map(points);
  assert.deepEqual(outline(points, () => 0, (time) => values.get(time)), [[0, 10, 10, 0, 0, 40, 40, 50, 50, 40, 40], [5, 6, 0, 0, 5, null, 7, 8, 0, 0, 7]]);
});
