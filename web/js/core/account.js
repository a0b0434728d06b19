// Who uses this page, and what they may do. It decides what is shown; what is done, the server decides. Pure.

export const RIGHTS = [
  ['logs:read', 'Read logs'], ['metrics:read', 'Read metrics'], ['custom_metrics:read', 'Read custom metrics'], ['deployment:read', 'See size and retention'],
  ['logs:delete', 'Delete logs'], ['ingest', 'Send'], ['ingest:logs', 'Send logs'], ['ingest:metrics', 'Send metrics'],
];
/** Of the instance, so never of one deployment. */
export const INSTANCE_RIGHTS = [['admin', 'Administer'], ['audit:read', 'Read the audit log']];
export const READING = ['logs:read', 'metrics:read', 'custom_metrics:read'];
export const ALL = '*';

const holds = (grant, right) => grant.rights.includes(right) || (right.startsWith('ingest:') && grant.rights.includes('ingest'));

/** `session`: what the server tells of the caller. */
export function accountOf(session) {
  const grants = Array.isArray(session?.grants) ? session.grants : [];
  return { kind: String(session?.kind ?? ''), name: String(session?.user || session?.name || ''), isUser: ['user', 'provider'].includes(session?.kind), hasPassword: session?.kind === 'user' && !session.provider, grants };
}

/** In some deployment at least, or in the instance. */
export const may = (account, ...anyOf) => account.grants.some((grant) => anyOf.some((right) => holds(grant, right)));

/** The only deployment that may be read; '' when there are several, or any. */
export function onlyDeployment(account) {
  const names = new Set(account.grants.filter((grant) => READING.some((right) => holds(grant, right))).map(({ deployment }) => deployment));
  return names.size === 1 && !names.has(ALL) ? [...names][0] : '';
}

/** The views that have something to show. */
export function viewsFor(account) {
  const views = [];
  if (may(account, ...READING)) views.push('overview');
  if (may(account, 'logs:read')) views.push('logs');
  if (may(account, 'metrics:read', 'custom_metrics:read')) views.push('metrics');
  if (may(account, 'admin')) views.push('system');
  if (may(account, 'admin', 'audit:read')) views.push('admin');
  return views;
}

/** What a list of grants comes to, in words: "all: Read logs, Send · shop: Delete logs". */
export function grantText({ deployment, rights, sources, custom_metrics: custom }) {
  const names = new Map([...RIGHTS, ...INSTANCE_RIGHTS]);
  return `${deployment === ALL ? 'all' : deployment}: ${rights.map((right) => names.get(right) ?? right).join(', ')}${sources?.length > 0 ? ` (of ${sources.join(', ')})` : ''}${custom?.length > 0 ? ` (custom metrics ${custom.join(', ')})` : ''}`;
}

/** The rows of the matrix of rights: who (users, roles, tokens that are valid), and for each column (deployment) the rights of their own
 *  and those that roles give. */
export function matrixOf({ users, roles, tokens }) {
  const role = new Map(roles.map((one) => [one.name, one]));
  const meet = (left, right) => (left === ALL ? right : right === ALL || left === right ? left : null);
  const viaRoles = (held) => held.flatMap(({ role: name, deployment }) => (role.get(name)?.grants ?? []).map((grant) => ({ ...grant, deployment: meet(deployment, grant.deployment), via: name })))
    .filter((grant) => grant.deployment !== null);
  const rows = [
    ...roles.map((one) => ({ kind: 'role', name: one.name, title: one.name, note: one.built_in ? 'built in' : 'role', fixed: one.built_in, own: one.grants, via: [] })),
    ...users.map((one) => ({ kind: 'user', name: one.name, title: one.name, note: one.disabled ? 'user, disabled' : 'user', own: one.grants, via: viaRoles(one.roles ?? []) })),
    ...tokens.filter(({ state }) => state === 'valid').map((one) => ({ kind: 'token', name: one.id, title: one.name, note: 'token', own: one.grants, via: [] })),
  ];
  const columns = [...new Set(rows.flatMap(({ own, via }) => [...own, ...via].map(({ deployment }) => deployment)))].filter((name) => name !== ALL).sort();
  return { rows, columns: [ALL, ...columns] };
}
