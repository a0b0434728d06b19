import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkText, factsOf, receiptText } from '../../../web/js/admin/key_text.js';

const STORE = { keys: 1200, replaced_keys: 3, sealed_chunks: 9000, plain_chunks: 0, chunks_to_reseal: 42, chunks_without_key: 0 };
const STATUS = { cipher: 'aes-256-gcm', sealed: true, outer_keys: ['ab12'], from: '/data/seal.key', rotation_unfinished: false, store: STORE };

test('what is sealed is told in words, also with the database away, in mid-rotation and where nothing is sealed', () => {
  const told = (status) => Object.fromEntries(factsOf(status));
  assert.equal(told(STATUS)['Outer key'], 'ab12, from /data/seal.key');
  assert.match(told(STATUS)['Sealed anew in the background'], /42 chunks to go/);
  assert.match(told({ ...STATUS, store: { ...STORE, chunks_to_reseal: 0 } })['Sealed anew in the background'], /all done/);
  assert.match(told({ ...STATUS, store: { ...STORE, chunks_without_key: 1 } })['Without a key'], /nobody can read/);
  assert.match(told({ ...STATUS, store: null })['Data keys'], /away/);
  assert.match(told({ ...STATUS, outer_keys: ['ab12', 'cd34'], rotation_unfinished: true }).Rotation, /cd34/);
  assert.deepEqual(factsOf({ ...STATUS, cipher: 'none', sealed: false }).length, 1);
  assert.match(checkText({ state: 'failed', problem: 'The key of shop does not open' }), /shop/);
  assert.match(checkText({ state: 'passed', good_keys: 7 }), /7/);
});

test('a receipt of a deployment is told as a sentence', () => {
  const receipt = { deployment: 'shop', keys_destroyed: 5, left_tables_at: '2026-01-01T00:00:00Z', gone: true, backups: [] };
  assert.match(receiptText({ ...receipt, left_tables_at: null }), /being deleted/);
  assert.match(receiptText(receipt), /5 keys with it\.$/);
  assert.match(receiptText({ ...receipt, gone: false, backups: [{}] }), /journal still.*1 backup still holds/);
});
