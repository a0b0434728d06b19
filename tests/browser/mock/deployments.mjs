// What is set about deployments, in memory: declared metrics, retention, undeclared metrics.

import { parseDuration } from '../../../web/js/core/time.js';
import { MockError } from './wire.mjs';

const CONFIGURED = { logs: { keep_s: 2_592_000, keep_bytes: 0 }, metrics: { keep_s: 0, keep_bytes: 0 } };
const fail = (status, code, message, field) => { throw new MockError(status, code, message, field); };
const patternOf = (name) => new RegExp(`^${name.replace(/[.+^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*').replaceAll('?', '.')}$`);

export class Deployments {
  declared = new Map();
  retention = new Map();
  undeclared = new Map();
  serial = 0;

  /** `logs`: those that are stored. */
  constructor({ logs }) { this.logs = logs; }

  declaration(deployment, name) {
    const fitting = [...this.declared.values()].filter((one) => ['*', deployment].includes(one.deployment) && patternOf(one.name).test(name));
    return fitting.sort((left, right) => (left.deployment === '*') - (right.deployment === '*') || left.pattern - right.pattern || right.name.length - left.name.length)[0];
  }

  refuses(deployment) { return (this.undeclared.get(deployment) ?? this.undeclared.get('*')) === 'refused'; }

  inForce(deployment, kind) {
    for (const place of [deployment, '*']) {
      const set = this.retention.get(`${place}/${kind}`);
      if (set) return { ...set, keep_by: { deployment: place, kind, from: 'set' } };
    }
    return { ...CONFIGURED[kind], keep_by: { deployment: '*', kind, from: 'configuration' } };
  }

  told(name) {
    const said = this.undeclared.get(name);
    return { undeclared_metrics: this.refuses(name) ? 'refused' : 'taken', undeclared_metrics_set: said !== undefined };
  }

  /** [status, body], or undefined when the path is not of these. */
  answer(method, url, body) {
    const [, resource, ...keys] = url.pathname.split('/').slice(2).map(decodeURIComponent);
    if (resource === 'custom-metrics') return this.metric(method, Number(keys[0]), body);
    if (resource === 'retention') return this.keep(method, keys[0], keys[1], body, url.searchParams.has('dry_run'));
    if (resource === 'deployments' && method === 'PATCH') {
      if (body.undeclared_metrics === null) this.undeclared.delete(keys[0]);
      else this.undeclared.set(keys[0], body.undeclared_metrics);
      return [200, { name: keys[0], ...this.told(keys[0]) }];
    }
    return undefined;
  }

  metric(method, id, body) {
    if (method === 'GET') return [200, { metrics: [...this.declared.values()] }];
    if (method === 'DELETE') return [this.declared.delete(id) ? 204 : 404, null];
    if (!body.name) fail(400, 'invalid_request', 'This is a metric’s name, or a pattern.', 'name');
    if (body.min !== null && body.max !== null && body.min > body.max) fail(400, 'invalid_request', 'The largest value allowed lies below the smallest.', 'max');
    const key = method === 'POST' ? (this.serial += 1) : id;
    this.declared.set(key, { id: key, unit: '', description: '', min: null, max: null, ...body, pattern: /[*?]/.test(body.name), changed_at: new Date().toISOString() });
    return [method === 'POST' ? 201 : 200, this.declared.get(key)];
  }

  keep(method, deployment, kind, body, dry) {
    const place = `${deployment}/${kind}`;
    if (method === 'GET') return [200, { deployment, kind, ...this.inForce(deployment, kind) }];
    const before = this.retention.get(place);
    const keep = method === 'DELETE' ? 0 : body.keep === 'forever' ? 0 : parseDuration(body.keep);
    if (keep === null) fail(400, 'invalid_request', 'Say how long, an hour or more, with a unit: "30d", "12h", "2w"; or "forever".', 'keep');
    if (method === 'DELETE') this.retention.delete(place);
    else this.retention.set(place, { keep_s: keep / 1000, keep_bytes: body.keep_bytes ?? 0 });
    const now = this.inForce(deployment, kind);
    const old = ({ deployment: of, at }) => of === deployment && kind === 'logs' && now.keep_s > 0 && at < Date.now() - now.keep_s * 1000;
    const gone = this.logs.records.filter(old).length;
    if (!dry) this.logs.records = this.logs.records.filter((record) => !old(record));
    else if (before) this.retention.set(place, before);
    else this.retention.delete(place);
    return [200, { deployment, kind, ...now, [dry ? 'would_delete' : 'deletes']: { records: gone, bytes: gone * 90, chunks: gone > 0 ? 1 : 0 } }];
  }
}
