// The newest points of many metrics, gathered by the machine that sent them. Pure.

export const NAMES = ['cpu.usage', 'ram.usage', 'ram.used', 'ram.total', 'storage.usage', 'storage.used', 'storage.total', 'net.in', 'net.out',
  'disk.read', 'disk.write', 'gpu.usage', 'gpu.memory.used', 'temperature.celsius', 'load.1', 'uptime.seconds', 'processes.total'];

export const keyOf = (deployment, source) => `${deployment}\u0000${source}`;
const lastOf = (line) => line?.points.at(-1)?.[1] ?? null;
const values = (line) => line?.points.map(([, value]) => value) ?? [];

/** Sums lines of equal time (all interfaces, all disks) into one list of values, aligned at the newest point. */
export function sumLines(lines) {
  const longest = Math.max(0, ...lines.map((line) => line.points.length));
  return Array.from({ length: longest }, (_, index) => {
    const found = lines.map((line) => line.points[line.points.length - longest + index]?.[1]).filter((value) => Number.isFinite(value));
    return found.length === 0 ? null : found.reduce((sum, value) => sum + value, 0);
  });
}

/** Loopback and the inner ends of containers would count the same bytes again. */
export const isRealInterface = (name = '') => !/^(lo|veth|br-|docker|virbr|cni|flannel|cali)/.test(name);

/** One entry a machine: { deployment, source, lastSeen, spacing, cpu, ram, storage, net, … }; absent metrics are null or empty. */
export function gatherSources(latest) {
  const machines = new Map();
  for (const [name, lines] of Object.entries(latest ?? {})) {
    for (const line of lines) {
      const source = line.labels?.source ?? '';
      const key = keyOf(line.deployment ?? '', source);
      if (!machines.has(key)) machines.set(key, { key, deployment: line.deployment ?? '', source, lastSeen: 0, spacing: 0, lines: {} });
      const machine = machines.get(key);
      (machine.lines[name] ??= []).push(line);
      const times = line.points.map(([time]) => time);
      machine.lastSeen = Math.max(machine.lastSeen, times.at(-1) ?? 0);
      if (times.length > 1) machine.spacing = Math.max(machine.spacing, times.at(-1) - times.at(-2));
    }
  }
  return [...machines.values()].map(describe);
}

function describe(machine) {
  const of = (name) => machine.lines[name] ?? [];
  const one = (name) => of(name)[0];
  const mounts = of('storage.usage').map((line) => {
    const mount = line.labels?.mount ?? '';
    const same = (name) => lastOf(of(name).find((other) => (other.labels?.mount ?? '') === mount));
    return { mount, usage: lastOf(line), used: same('storage.used'), total: same('storage.total') };
  });
  if (mounts.length === 0) {
    for (const line of of('storage.used')) {
      const mount = line.labels?.mount ?? '';
      const total = lastOf(of('storage.total').find((other) => (other.labels?.mount ?? '') === mount));
      mounts.push({ mount, used: lastOf(line), total, usage: total > 0 ? (100 * lastOf(line)) / total : null });
    }
  }
  mounts.sort((left, right) => (right.usage ?? 0) - (left.usage ?? 0));
  const used = lastOf(one('ram.used'));
  const total = lastOf(one('ram.total'));
  const ramUsage = lastOf(one('ram.usage')) ?? (used !== null && total > 0 ? (100 * used) / total : null);
  const net = (name) => sumLines(of(name).filter((line) => isRealInterface(line.labels?.interface)));
  const temperatures = of('temperature.celsius').map(lastOf).filter((value) => value !== null);
  return {
    key: machine.key, deployment: machine.deployment, source: machine.source, lastSeen: machine.lastSeen, spacing: machine.spacing,
    cpu: { now: lastOf(one('cpu.usage')), values: values(one('cpu.usage')) },
    ram: { now: ramUsage, values: values(one('ram.usage') ?? one('ram.used')), used, total, percent: one('ram.usage') !== undefined },
    gpus: of('gpu.usage').map((line) => ({ name: line.labels?.gpu ?? '', now: lastOf(line), values: values(line),
      memory: lastOf(of('gpu.memory.used').find((other) => other.labels?.gpu === line.labels?.gpu)) })),
    storage: mounts, netIn: net('net.in'), netOut: net('net.out'), diskRead: sumLines(of('disk.read')), diskWrite: sumLines(of('disk.write')),
    temperature: temperatures.length > 0 ? Math.max(...temperatures) : null, load: lastOf(one('load.1')), uptime: lastOf(one('uptime.seconds')),
    processes: lastOf(one('processes.total')),
  };
}

/** live, late or silent, measured by how often it sends. */
export function liveness(machine, now) {
  const pace = Math.max(machine.spacing, 10_000);
  const age = now - machine.lastSeen;
  return age < pace * 3 + 5000 ? 'live' : age < pace * 12 + 60_000 ? 'late' : 'silent';
}

const SORTS = {
  name: (left, right) => left.source.localeCompare(right.source, undefined, { numeric: true }),
  cpu: (left, right) => (right.cpu.now ?? -1) - (left.cpu.now ?? -1),
  ram: (left, right) => (right.ram.now ?? -1) - (left.ram.now ?? -1),
  storage: (left, right) => (right.storage[0]?.usage ?? -1) - (left.storage[0]?.usage ?? -1),
  errors: (left, right) => (right.errors ?? -1) - (left.errors ?? -1),
  seen: (left, right) => left.lastSeen - right.lastSeen,
};

export function sortSources(machines, by) {
  const compare = SORTS[by] ?? SORTS.name;
  return [...machines].sort((left, right) => compare(left, right) || SORTS.name(left, right) || left.deployment.localeCompare(right.deployment));
}
