import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ageInput, boundOf, bytesOf, keptText, lossText, rangeText, ruleText, sizeInput } from '../../../web/js/admin/kept_text.js';

test('ages and sizes are typed as they are shown', () => {
  for (const [seconds, text] of [[0, ''], [1, '1s'], [90, '90s'], [3600, '1h'], [5400, '90m'], [86_400, '1d'], [30 * 86_400, '30d'], [3 * 3600 + 60, '181m']]) assert.equal(ageInput(seconds), text);
  for (const bytes of [0, 1, 1000, 1024, 5 * 1024 ** 2, 20 * 1024 ** 3, 1024 ** 4 + 1]) assert.equal(bytesOf(sizeInput(bytes)), bytes);
  for (const [text, bytes] of [['', 0], ['0', 0], ['2 GiB', 2 * 1024 ** 3], ['1.5g', 1.5 * 1024 ** 3], ['1,5 GB', 1.5 * 1024 ** 3], ['500', 500], ['500 B', 500]]) assert.equal(bytesOf(text), bytes, text);
  for (const wrong of ['lots', '-1', '1 XiB', '1 2']) assert.throws(() => bytesOf(wrong), /size/, wrong);
});

test('bounds are numbers or nothing', () => {
  for (const [text, bound] of [['', null], [' ', null], ['0', 0], ['-1,5', -1.5], ['1e3', 1000]]) assert.equal(boundOf(text, 'smallest'), bound);
  for (const wrong of ['x', 'Infinity', 'NaN', '1e999']) assert.throws(() => boundOf(wrong, 'largest'), /largest/, wrong);
  assert.deepEqual([{ min: 0, max: 5 }, { min: 0 }, { max: 5 }, {}].map(rangeText), ['0 to 5', '0 or more', '5 or less', 'anything']);
});

test('what is kept is told with the rule that says so', () => {
  assert.equal(keptText({ keep_s: 7 * 86_400, keep_bytes: 1024 ** 3 }), '7 d, up to 1 GiB');
  assert.equal(keptText(), 'for ever');
  assert.equal(ruleText({ deployment: '*', kind: 'logs', from: 'configuration' }), 'configured, for all logs');
  assert.equal(ruleText({ deployment: 'shop', kind: 'logs', from: 'set' }), 'set here, for this deployment');
  assert.equal(ruleText(null), 'no rule');
  assert.equal(lossText('logs', { records: 0 }), '');
  assert.match(lossText('metrics', { records: 1200, bytes: 2048 }), /About 1,200 samples \(2 KiB\)/);
});
