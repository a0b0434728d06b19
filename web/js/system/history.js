// What the page has seen of the server's numbers, for trend lines: bounded, and lost with the page. Pure.

export function createHistory(most = 180) {
  const samples = [];
  return {
    get size() { return samples.length; },
    get latest() { return samples.at(-1)?.stats; },
    get latestAt() { return samples.at(-1)?.at ?? 0; },
    push(stats, at) {
      // A restart begins anew: counters of two lives do not subtract.
      if (samples.length > 0 && (stats.uptime_s ?? 0) < (samples.at(-1).stats.uptime_s ?? 0)) samples.length = 0;
      samples.push({ at, stats });
      if (samples.length > most) samples.shift();
    },
    values: (read) => samples.map(({ stats }) => read(stats) ?? null),
    /** Increase per second between neighbouring samples; one value fewer than samples. */
    rates(read) {
      return samples.slice(1).map(({ at, stats }, index) => {
        const [before, after] = [read(samples[index].stats), read(stats)];
        const seconds = (at - samples[index].at) / 1000;
        return Number.isFinite(before) && Number.isFinite(after) && seconds > 0 && after >= before ? (after - before) / seconds : null;
      });
    },
  };
}

/** Readiness checks out of whatever /ready says: [{ name, ok, text, required }]. */
export function readChecks({ ready, status, text, body }) {
  const list = body?.checks ?? body?.components;
  const entry = (name, value) => {
    if (typeof value === 'boolean') return { name, ok: value, required: true, text: value ? 'ready' : 'not ready' };
    if (value !== null && typeof value === 'object') {
      const ok = value.ok ?? value.ready ?? ['ok', 'ready', 'up'].includes(value.status);
      return { name, ok: Boolean(ok), required: value.required !== false, text: String(value.message ?? value.reason ?? value.status ?? (ok ? 'ready' : 'not ready')) };
    }
    return { name, required: true, ok: ['ok', 'ready', 'up', 'true'].includes(String(value)), text: String(value) };
  };
  if (Array.isArray(list)) return list.map((item) => entry(String(item.name ?? 'check'), item));
  if (list && typeof list === 'object') return Object.entries(list).map(([name, value]) => entry(name, value));
  const own = body && typeof body === 'object' ? Object.entries(body).filter(([name, value]) => typeof value === 'boolean' && name !== 'ready') : [];
  if (own.length > 0) return own.map(([name, value]) => entry(name, value));
  const said = body?.error?.message ?? body?.status ?? body?.reason ?? (body === null ? text.slice(0, 200) : '');
  return [{ name: 'server', ok: ready, required: true, text: String(said || (ready ? 'ready' : `not ready (${status})`)) }];
}
