import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accountOf, grantText, matrixOf, may, onlyDeployment, viewsFor } from '../../../web/js/core/account.js';
import { readTold } from '../../../web/js/core/told.js';
import { detailText } from '../../../web/js/admin/audit_text.js';

const READ = ['deployment:read', 'metrics:read', 'logs:read'];
const of = (...grants) => accountOf({ kind: 'user', name: 'ann', grants: grants.map(([deployment, ...rights]) => ({ deployment, rights })) });

test('the page shows the views that the rights cover', () => {
  assert.deepEqual(viewsFor(of(['*', ...READ, 'admin', 'audit:read'])), ['overview', 'logs', 'metrics', 'system', 'admin']);
  assert.deepEqual(viewsFor(of(['shop', ...READ])), ['overview', 'logs', 'metrics']);
  assert.deepEqual(viewsFor(of(['shop', 'metrics:read'])), ['overview', 'metrics']);
  assert.deepEqual(viewsFor(of(['*', 'admin'])), ['system', 'admin'], 'an administrator need not read');
  assert.deepEqual(viewsFor(of(['*', 'audit:read'])), ['admin']);
  for (const nobody of [of(['*', 'ingest']), accountOf(null), accountOf({}), accountOf({ grants: 'all' })]) assert.deepEqual(viewsFor(nobody), []);
});

test('whoever may read one deployment has nothing to pick', () => {
  assert.equal(onlyDeployment(of(['shop', ...READ], ['bank', 'ingest'])), 'shop');
  for (const several of [of(['shop', ...READ], ['bank', 'logs:read']), of(['*', ...READ]), of(['shop', ...READ], ['*', 'metrics:read']), of(['bank', 'ingest'])]) assert.equal(onlyDeployment(several), '');
});

test('sending is both of its parts', () => {
  assert.ok(may(of(['shop', 'ingest']), 'ingest:logs') && !may(of(['shop', 'ingest:logs']), 'ingest:metrics'));
  assert.equal(grantText({ deployment: '*', rights: ['logs:read', 'ingest', 'from:later'], sources: ['web-*'] }), 'all: Read logs, Send, from:later (of web-*)');
});

test('the matrix tells own rights from those that roles give, where both name the deployment', () => {
  const roles = [{ name: 'viewer', built_in: true, grants: [{ deployment: '*', rights: READ }] }, { name: 'shopkeeper', grants: [{ deployment: 'shop', rights: ['logs:delete'] }] }];
  const users = [{ name: 'ann', roles: [{ role: 'viewer', deployment: 'bank' }, { role: 'shopkeeper', deployment: '*' }, { role: 'shopkeeper', deployment: 'bank' }, { role: 'gone', deployment: '*' }], grants: [{ deployment: 'attic', rights: ['ingest'] }] }];
  const tokens = [{ id: '1', name: 'agent', state: 'valid', grants: [{ deployment: 'shop', rights: ['ingest'] }] }, { id: '2', name: 'old', state: 'revoked', grants: [{ deployment: 'elsewhere', rights: ['ingest'] }] }];
  const { rows, columns } = matrixOf({ users, roles, tokens });
  assert.deepEqual(columns, ['*', 'attic', 'bank', 'shop']);
  const ann = rows.find(({ name }) => name === 'ann');
  assert.deepEqual(ann.own.map(({ deployment }) => deployment), ['attic']);
  assert.deepEqual(ann.via.map(({ deployment, via }) => [deployment, via]), [['bank', 'viewer'], ['shop', 'shopkeeper']], 'none where the two do not meet');
  assert.deepEqual(rows.map(({ kind, name, fixed }) => [kind, name, Boolean(fixed)]), [['role', 'viewer', true], ['role', 'shopkeeper', false], ['user', 'ann', false], ['token', '1', false]]);
});

test('details of the audit log are told as text', () => {
  assert.equal(detailText({ name: 'agent', grants: [1] }), 'name agent · grants [1]');
  for (const nothing of ['', null, undefined, {}]) assert.equal(detailText(nothing), '');
});

test('what is told after a log-in at a provider is a session or a sentence, and nothing else', () => {
  const of = (value) => readTold(Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url'));
  assert.deepEqual(of({ signed_in: true }), { signedIn: true });
  assert.deepEqual(of({ error: 'Nicht für dich: <b>' }), { error: 'Nicht für dich: <b>' });
  for (const other of [{}, { error: '' }, { error: 7 }, { signed_in: 'yes' }, null, [], 'no JSON', '\u{d800}']) assert.equal(of(other), null);
  assert.equal(readTold('%%%'), null);
});

test('a user who came by a provider has no password to change', () => {
  assert.equal(accountOf({ kind: 'user', provider: 'main', grants: [] }).hasPassword, false);
  assert.equal(accountOf({ kind: 'user', provider: null, grants: [] }).hasPassword, true);
});
