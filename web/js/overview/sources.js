// The newest points of many metrics, gathered by the machine that sent them. Pure.

export const NAMES = ['cpu.usage', 'ram.usage', 'ram.used', 'ram.total', 'storage.usage', 'storage.used', 'storage.total', 'net.in', 'net.out',
  'disk.read', 'disk.write', 'gpu.usage', 'gpu.memory.used', 'temperature.celsius', 'load.1', 'uptime.seconds', 'processes.total'];

export const keyOf = (deployment, source) => `${deployment}\u0000${source}`;
const lastTime = (line) => line.points.at(-1)?.[0] ?? 0;
const lastOf = (line) => line?.points.at(-1)?.[1] ?? null;
const values = (line) => line?.points.map(([, value]) => value) ?? [];

const LEAST_PACE = 10_000; // milliseconds: what sends faster is not held to it
const SLACK = 5000;
const isLate = (age, pace) => age >= Math.max(pace, LEAST_PACE) * 3 + SLACK;

/** How often a line usually comes: the median of its gaps; 0 when one point tells nothing. */
function usualGap({ points }) {
  const gaps = points.slice(1).map(([time], index) => time - points[index][0]).sort((left, right) => left - right);
  return gaps[gaps.length >> 1] ?? 0;
}

/** A machine's pace and when it was last heard, by its faster lines: a slow one, which says little of whether the machine
 *  lives, must not make the others look young. The quickest quarter counts, so that one odd line does not decide. */
function paceOf(lines) {
  const gaps = lines.map(usualGap).filter((gap) => gap > 0).sort((left, right) => left - right);
  const pace = Math.max(gaps[(gaps.length - 1) >> 2] ?? 0, LEAST_PACE);
  const fast = lines.filter((line) => usualGap(line) > 0 && usualGap(line) <= pace);
  return { spacing: pace, lastSeen: Math.max(...(fast.length > 0 ? fast : lines).map(lastTime)) };
}

/** Sums lines of equal time (all interfaces, all disks) into one list of values, aligned at the newest point. */
export function sumLines(lines) {
  const longest = Math.max(0, ...lines.map((line) => line.points.length));
  return Array.from({ length: longest }, (_, index) => {
    const found = lines.map((line) => line.points[line.points.length - longest + index]?.[1]).filter((value) => Number.isFinite(value));
    return found.length === 0 ? null : found.reduce((sum, value) => sum + value, 0);
  });
}

/** The mean of lines of equal time, as sumLines. */
export function meanLines(lines) {
  const count = sumLines(lines.map(({ points }) => ({ points: points.map(([time, value]) => [time, Number.isFinite(value) ? 1 : null]) })));
  return sumLines(lines).map((sum, index) => (sum === null ? null : sum / count[index]));
}

const CORE = ['core', 'cpu', 'processor', 'thread'];
const isTotal = ({ labels = {} }) => CORE.every((name) => [undefined, '', 'total', 'all'].includes(labels[name]));

/** The whole machine's use of a CPU that is told for each core: the line without a core, else the mean of the cores. */
function wholeCpu(lines) {
  const total = lines.find(isTotal);
  const found = total ? values(total) : meanLines(lines);
  return { now: found.at(-1) ?? null, values: found };
}

/** Loopback and the inner ends of containers would count the same bytes again. */
export const isRealInterface = (name = '') => !/^(lo|veth|br-|docker|virbr|cni|flannel|cali)/.test(name);

/** One entry a machine: { deployment, source, lastSeen, spacing, cpu, ram, storage, net, … }; absent metrics are null or empty. */
export function gatherSources(latest) {
  const machines = new Map();
  for (const [name, lines] of Object.entries(latest ?? {})) {
    for (const line of lines) {
      if (line.points.length === 0) continue;
      const source = line.labels?.source ?? '';
      const key = keyOf(line.deployment ?? '', source);
      if (!machines.has(key)) machines.set(key, { key, deployment: line.deployment ?? '', source, lines: {} });
      (machines.get(key).lines[name] ??= []).push(line);
    }
  }
  return [...machines.values()].map(describe);
}

/** A line that stopped while its machine went on says nothing of now: an unplugged disk, a process that ended. */
function currentLines(machine, { lastSeen, spacing }) {
  const current = (line) => !isLate(lastSeen - lastTime(line), Math.max(usualGap(line), spacing));
  return Object.fromEntries(Object.entries(machine.lines).map(([name, lines]) => [name, lines.filter(current)]));
}

function describe(machine) {
  const pace = paceOf(Object.values(machine.lines).flat());
  const lines = currentLines(machine, pace);
  const of = (name) => lines[name] ?? [];
  const one = (name) => of(name)[0];
  const used = lastOf(one('ram.used'));
  const total = lastOf(one('ram.total'));
  const ramUsage = lastOf(one('ram.usage')) ?? (used !== null && total > 0 ? (100 * used) / total : null);
  const net = (name) => sumLines(of(name).filter((line) => isRealInterface(line.labels?.interface)));
  const temperatures = of('temperature.celsius').map(lastOf).filter((value) => value !== null);
  return {
    key: machine.key, deployment: machine.deployment, source: machine.source, ...pace,
    cpu: wholeCpu(of('cpu.usage')),
    ram: { now: ramUsage, values: values(one('ram.usage') ?? one('ram.used')), used, total, percent: one('ram.usage') !== undefined },
    gpus: of('gpu.usage').map((line) => ({ name: line.labels?.gpu ?? '', now: lastOf(line), values: values(line),
      memory: lastOf(of('gpu.memory.used').find((other) => other.labels?.gpu === line.labels?.gpu)) })),
    storage: storageOf(of), netIn: net('net.in'), netOut: net('net.out'), diskRead: sumLines(of('disk.read')), diskWrite: sumLines(of('disk.write')),
    temperature: temperatures.length > 0 ? Math.max(...temperatures) : null, load: lastOf(one('load.1')), uptime: lastOf(one('uptime.seconds')),
    processes: lastOf(one('processes.total')),
  };
}

/** The mounts, the fullest first. */
function storageOf(of) {
  const mountOf = (line) => line.labels?.mount ?? '';
  const same = (name, line) => lastOf(of(name).find((other) => mountOf(other) === mountOf(line)));
  const told = of('storage.usage').map((line) => ({ mount: mountOf(line), usage: lastOf(line), used: same('storage.used', line), total: same('storage.total', line) }));
  const reckoned = of('storage.used').map((line) => {
    const total = same('storage.total', line);
    return { mount: mountOf(line), used: lastOf(line), total, usage: total > 0 ? (100 * lastOf(line)) / total : null };
  });
  return (told.length > 0 ? told : reckoned).sort((left, right) => (right.usage ?? 0) - (left.usage ?? 0));
}

/** live, late or silent, measured by how often it sends. */
export function liveness(machine, now) {
  const age = now - machine.lastSeen;
  if (!isLate(age, machine.spacing)) return 'live';
  return age < Math.max(machine.spacing, LEAST_PACE) * 12 + 60_000 ? 'late' : 'silent';
}

// What a silent machine said last does not compete with what others say now.
const now = (machine, value) => (machine.state === 'silent' ? -1 : value ?? -1);

const SORTS = {
  name: (left, right) => left.source.localeCompare(right.source, undefined, { numeric: true }),
  cpu: (left, right) => now(right, right.cpu.now) - now(left, left.cpu.now),
  ram: (left, right) => now(right, right.ram.now) - now(left, left.ram.now),
  storage: (left, right) => now(right, right.storage[0]?.usage) - now(left, left.storage[0]?.usage),
  errors: (left, right) => (right.errors ?? -1) - (left.errors ?? -1),
  seen: (left, right) => left.lastSeen - right.lastSeen,
};

export function sortSources(machines, by) {
  const compare = SORTS[by] ?? SORTS.name;
  return [...machines].sort((left, right) => compare(left, right) || SORTS.name(left, right) || left.deployment.localeCompare(right.deployment));
}
