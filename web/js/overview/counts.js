// Log counts of the last hour by source. One deployment at a time, since sources' names repeat among them.

import { getJson } from '../core/http.js';
import { keyOf } from './sources.js';

const RANGE = { from: 'now-1h', to: 'now' };
const MOST_DEPLOYMENTS = 30; // counted unasked: each costs two questions
const MOST_VALUES = '1000';  // as many as the server names in one answer

const deploymentsWithLogs = async (signal) => (await getJson('/api/v1/logs/facets', { ...RANGE, field: 'deployment', limit: MOST_VALUES }, { key: 'overview-deployments', signal })).values.map((item) => String(item.value));

/** Adds the counts of one deployment to `found`. */
async function countInto(found, deployment, signal) {
  for (const [name, severity] of [['total', ''], ['errors', 'ERROR']]) {
    const answer = await getJson('/api/v1/logs/facets', { ...RANGE, deployment, field: 'source', limit: MOST_VALUES, ...(severity ? { severity } : {}) }, { key: `overview-counts-${name}`, signal });
    for (const item of answer.values) {
      const key = keyOf(deployment, String(item.value));
      found.sources.set(key, { deployment, source: String(item.value), total: 0, errors: 0, ...found.sources.get(key), [name]: item.count });
    }
    if (answer.other > 0 && !found.cut.includes(deployment)) found.cut.push(deployment);
  }
}

async function countAll(found, deployments, signal) {
  for (const deployment of deployments) await countInto(found, deployment, signal);
  return found;
}

/** { sources: { key: { deployment, source, total, errors } }, waiting: deployments that are not counted, cut: deployments
 *  with more sources than were counted, all: whether all were asked for }. `before`: the last counts, whose extent is kept. */
export async function loadCounts(chosen, before, signal) {
  const named = chosen.length > 0 ? chosen : await deploymentsWithLogs(signal);
  const most = before?.all ? named.length : MOST_DEPLOYMENTS;
  return countAll({ sources: new Map(), cut: [], waiting: named.slice(most), all: Boolean(before?.all) }, named.slice(0, most), signal);
}

/** The same counts with those of the deployments that waited. */
export const loadRest = ({ sources, cut, waiting }, signal) => countAll({ sources: new Map(sources), cut: [...cut], waiting: [], all: true }, waiting, signal);
