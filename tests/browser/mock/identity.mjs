// Users, roles, tokens, settings and the audit log in memory, with the answers that the administration asks for.

import { randomBytes } from 'node:crypto';
import { READING, accountOf, may } from '../../../web/js/core/account.js';
import { parseDuration } from '../../../web/js/core/time.js';
import { MockError } from './wire.mjs';

const COOKIE = '__Host-penstock';
const EVERYTHING = [{ deployment: '*', rights: ['deployment:read', 'metrics:read', 'logs:read', 'logs:delete', 'custom_metrics:read', 'ingest', 'admin', 'audit:read'] }];
const ROLES = [['viewer', 'Reads logs and metrics', ['deployment:read', 'metrics:read', 'logs:read', 'custom_metrics:read']], ['operator', 'Reads, sends and deletes', ['deployment:read', 'metrics:read', 'logs:read', 'custom_metrics:read', 'logs:delete', 'ingest']],
  ['administrator', 'May do everything', EVERYTHING[0].rights]];
const SETTINGS = [['token.ttl_default', '365d', 'How long a new token is valid when its maker does not say; 0: for ever'], ['token.ttl_max', '0', 'The longest that a new token may be valid; 0: no limit'],
  ['session.idle', '30m', 'A session ends when it was not used for so long'], ['session.absolute', '12h', 'A session ends this long after its log-in in any case']];
const now = () => new Date().toISOString();
const fail = (status, code, message, field) => { throw new MockError(status, code, message, field); };

export class Identity {
  users = new Map();
  roles = new Map();
  tokens = new Map();
  sessions = new Map();
  settings = new Map();
  entries = [];
  grantId = 0;

  constructor({ token, sendOnly }) {
    this.fixed = new Map([[token, { kind: 'bootstrap', name: 'admin-token', grants: EVERYTHING }], [sendOnly, { kind: 'token', name: 'agent', grants: [{ deployment: '*', rights: ['ingest'] }] }]]);
    for (const [name, description, rights] of ROLES) this.roles.set(name, { name, description, built_in: true, grants: this.numbered([{ deployment: '*', rights }]) });
  }

  numbered(grants = []) {
    return grants.map((grant) => {
      if (!(grant.rights?.length > 0)) fail(400, 'invalid_request', 'A grant needs rights, such as ["logs:read", "ingest"].', 'rights');
      if (grant.deployment !== '*' && grant.rights.some((right) => ['admin', 'audit:read'].includes(right))) fail(400, 'invalid_request', 'admin and audit:read are of the instance: give them in all deployments.', 'rights');
      this.grantId += 1;
      return { id: this.grantId, ...grant };
    });
  }

  audit(who, action, object, outcome = 'done', detail = {}) {
    this.entries.unshift({ id: this.entries.length + 1, at: now(), actor: who.kind === 'user' ? `user:${who.name}` : who.name, action, object, outcome, address: '127.0.0.1', detail, hash: 'ab' });
  }

  grantsOf({ roles, grants }) {
    const meet = (left, right) => (left === '*' ? right : right === '*' || left === right ? left : null);
    return [...grants, ...roles.flatMap(({ role, deployment }) => (this.roles.get(role)?.grants ?? []).map((grant) => ({ ...grant, deployment: meet(deployment, grant.deployment) }))).filter((grant) => grant.deployment !== null)];
  }

  /** Who asks; null: a stranger. */
  principal({ headers }) {
    const bearer = /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1];
    const session = new RegExp(`${COOKIE}=([0-9a-f]+)`).exec(headers.cookie ?? '')?.[1];
    if (bearer && session) fail(400, 'invalid_request', 'Give a token or a cookie, not both.');
    if (bearer && this.fixed.has(bearer)) return this.fixed.get(bearer);
    const token = bearer && [...this.tokens.values()].find((one) => one.secret === bearer && one.state === 'valid');
    if (token) return { kind: 'token', name: token.id, grants: token.grants };
    const user = this.users.get(this.sessions.get(session));
    return user && !user.disabled ? { kind: 'user', name: user.name, session, grants: this.grantsOf(user) } : null;
  }

  endSessions(name) {
    for (const [key, user] of this.sessions) if (user === name) this.sessions.delete(key);
  }

  shown(user) {
    const { password, ...rest } = user;
    return { ...rest, has_password: Boolean(password), sessions: [...this.sessions.values()].filter((name) => name === user.name).length };
  }

  toldToken({ secret, ...token }) { return token; }

  /** Answers, or undefined when the path is not of these. [status, body, headers]. */
  answer(method, url, body, who) {
    if (method === 'GET' && url.pathname === '/api/v1/oidc') return [200, { providers: [] }];
    const [, name, key, more] = /^\/api\/v1\/(users|roles|tokens|grants|settings|audit|session|providers)(?:\/([^/]+))?(\/.+)?$/.exec(url.pathname) ?? [];
    if (!name || more) return undefined;
    const id = key && decodeURIComponent(key);
    if (name === 'session') return this.session(method, id, url, body, who);
    if (!who) fail(401, 'unauthorized', 'a known token is needed');
    const admin = may(accountOf(who), 'admin');
    if (name === 'audit') {
      if (!may(accountOf(who), 'audit:read')) fail(403, 'forbidden', 'This needs the right audit:read.');
      return [200, id === 'verify' ? { intact: true, rows: this.entries.length, problem: null } : this.page(url.searchParams)];
    }
    if (!admin && name !== 'tokens') fail(403, 'forbidden', 'This needs the right admin.');
    return this[`${name}_`](method, id, body, who, admin);
  }

  page(query) {
    const fits = ({ actor, action, outcome }) => (!query.has('actor') || actor === query.get('actor')) && (!query.has('action') || action === query.get('action') || action.startsWith(`${query.get('action')}.`)) && (!query.has('outcome') || outcome === query.get('outcome'));
    const all = this.entries.filter(fits).filter(({ id }) => !query.has('before') || id < Number(query.get('before')));
    const limit = Number(query.get('limit') ?? 100);
    return { entries: all.slice(0, limit), before: all.length > limit ? all[limit - 1].id : null };
  }

  session(method, id, url, body, who) {
    if (method === 'POST' && !id) {
      const user = this.users.get(body.name);
      if (!user || user.disabled || user.password !== body.password) {
        this.audit({ name: `user:${body.name}` }, 'session.create', `user:${body.name}`, 'refused');
        fail(401, 'unauthorized', 'Name or password are wrong.');
      }
      const key = randomBytes(16).toString('hex');
      this.sessions.set(key, user.name);
      user.last_login = now();
      this.audit({ kind: 'user', name: user.name }, 'session.create', `user:${user.name}`);
      return [200, { kind: 'user', name: user.name, grants: this.grantsOf(user) }, { 'Set-Cookie': `${COOKIE}=${key}; Path=/; Secure; HttpOnly; SameSite=Strict` }];
    }
    if (!who) fail(401, 'unauthorized', 'a known token is needed');
    if (method === 'GET') return [200, { kind: who.kind, name: who.name, grants: who.grants }];
    if (method === 'DELETE') {
      if (url.searchParams.has('everywhere')) this.endSessions(who.name);
      this.sessions.delete(who.session);
      return [204, null, { 'Set-Cookie': `${COOKIE}=; Path=/; Secure; Max-Age=0` }];
    }
    const user = this.users.get(who.name);
    if (user.password !== body.old) fail(401, 'unauthorized', 'The password now is wrong.', 'old');
    user.password = body.new;
    return [200, { kind: 'user', name: user.name, grants: this.grantsOf(user) }];
  }

  usersChange(user, body) {
    const roles = (body.roles ?? user.roles).map((held) => (typeof held === 'string' ? { role: held, deployment: '*' } : held));
    const next = { ...user, ...body, roles, grants: body.grants ? this.numbered(body.grants) : user.grants };
    if (body.password !== undefined && body.password.length < 10) fail(400, 'invalid_request', 'A password has at least 10 characters.', 'password');
    if (body.password || body.disabled) this.endSessions(user.name);
    this.users.set(next.name, next);
    return this.shown(next);
  }

  users_(method, id, body, who) {
    if (method === 'GET') return [200, { users: [...this.users.values()].map((user) => this.shown(user)) }];
    if (method === 'POST') {
      if (!/^[\w.@+-]+$/.test(body.name)) fail(400, 'invalid_request', 'A user’s name is 1 to 128 letters and digits of ASCII and . _ @ + -.', 'name');
      if (this.users.has(body.name)) fail(409, 'conflict', `There is a user "${body.name}" already.`, 'name');
      this.audit(who, 'user.create', `user:${body.name}`);
      return [201, this.usersChange({ name: body.name, full_name: '', disabled: false, created_at: now(), last_login: null, roles: [], grants: [] }, body)];
    }
    if (!this.users.has(id)) fail(404, 'not_found', 'There is no such user.');
    this.audit(who, method === 'DELETE' ? 'user.remove' : 'user.change', `user:${id}`);
    if (method === 'PATCH') return [200, this.usersChange(this.users.get(id), body)];
    this.users.delete(id);
    this.endSessions(id);
    return [204, null];
  }

  roles_(method, id, body, who) {
    if (method === 'GET') return [200, { roles: [...this.roles.values()] }];
    if (this.roles.get(id)?.built_in) fail(409, 'conflict', 'A built-in role stays as it is.');
    if (method === 'PUT') {
      this.roles.set(id, { name: id, description: body.description, built_in: false, grants: this.numbered(body.grants) });
      this.audit(who, 'role.put', `role:${id}`);
      return [200, this.roles.get(id)];
    }
    if ([...this.users.values()].some(({ roles }) => roles.some(({ role }) => role === id))) fail(409, 'conflict', `Somebody holds the role "${id}".`);
    this.roles.delete(id);
    return [204, null];
  }

  tokens_(method, id, body, who, admin) {
    if (method === 'GET') return [200, { tokens: [...this.tokens.values()].filter(({ owner }) => admin || owner === who.name).map((token) => this.toldToken(token)) }];
    if (method === 'POST') {
      if (!body.name) fail(400, 'invalid_request', 'This is needed.', 'name');
      const secret = `pst_${randomBytes(16).toString('base64url')}`;
      const ends = body.ttl === 'never' ? null : new Date(Date.now() + (parseDuration(body.ttl ?? '365d') ?? 0)).toISOString();
      const token = { id: randomBytes(6).toString('hex'), name: body.name, prefix: secret.slice(0, 8), secret, owner: admin ? null : who.name, default_deployment: body.default_deployment ?? '', grants: this.numbered(body.grants), state: 'valid', created_at: now(), created_by: who.name, expires_at: ends, last_used: null, revoked_at: null, certificate: body.certificate ?? null };
      this.tokens.set(token.id, token);
      this.audit(who, 'token.create', `token:${token.id}`, 'done', { name: body.name });
      return [201, { ...this.toldToken(token), ...(token.certificate ? {} : { token: secret }) }];
    }
    const token = this.tokens.get(id);
    if (!token || !(admin || token.owner === who.name)) fail(404, 'not_found', `There is no token "${id}".`);
    Object.assign(token, { state: 'revoked', revoked_at: now() });
    this.audit(who, 'token.revoke', `token:${id}`);
    return [204, null];
  }

  grants_(method, id, body) {
    if (method === 'POST') {
      const { user, role, token, ...grant } = body;
      const holder = user ? this.users.get(user) : role ? this.roles.get(role) : this.tokens.get(token);
      holder.grants = [...holder.grants, ...this.numbered([grant])];
      return [201, { grants: holder.grants }];
    }
    for (const holder of [...this.users.values(), ...this.roles.values(), ...this.tokens.values()]) holder.grants = holder.grants.filter((grant) => grant.id !== Number(id));
    return [204, null];
  }

  providers_() {
    return [200, { providers: [] }];
  }

  settings_(method, _, body, who) {
    if (method === 'PATCH') {
      for (const [key, value] of Object.entries(body)) {
        if (value !== null && value !== '0' && parseDuration(value) === null) fail(400, 'invalid_request', 'This must be a time of a minute or more, such as 30m, 12h or 90d.', key);
        if (value === null) this.settings.delete(key);
        else this.settings.set(key, value);
        this.audit(who, 'setting.change', `setting:${key}`, 'done', { value });
      }
    }
    return [200, { settings: SETTINGS.map(([key, unset, description]) => ({ key, value: this.settings.get(key) ?? unset, default: unset, set: this.settings.has(key), description })) }];
  }

  /** What may be read is part of the question. */
  static narrow(query, who) {
    const account = accountOf(who);
    if (!may(account, ...READING)) fail(403, 'forbidden', 'This token does not have the right to do that.');
    const names = account.grants.filter(({ rights }) => READING.some((right) => rights.includes(right))).map(({ deployment }) => deployment);
    if (names.includes('*')) return;
    const asked = query.getAll('deployment');
    query.delete('deployment');
    const left = asked.length > 0 ? names.filter((name) => asked.includes(name)) : names;
    (left.length > 0 ? left : ['']).forEach((name) => query.append('deployment', name));
  }
}
