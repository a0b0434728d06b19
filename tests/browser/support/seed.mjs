// Data for the tests and the mock: the same on every run but for the clock. It goes in through the public API, so that
// it serves the real server as well.

export function randomizer(seed = 7) {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

export async function post({ url, token }, path, records) {
  const response = await fetch(`${url}${path}`, { method: 'POST', body: JSON.stringify(records), headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' } });
  const text = await response.text();
  if (!response.ok) throw new Error(`POST ${path}: ${response.status} ${text}`);
  const answer = JSON.parse(text);
  if (answer.rejected > 0) throw new Error(`POST ${path}: ${answer.rejected} refused, first ${JSON.stringify(answer.errors[0])}`);
}

async function postAll(server, path, records) {
  for (let at = 0; at < records.length; at += 1000) await post(server, path, records.slice(at, at + 1000));
}

const MACHINES = [
  { source: 'web-1', deployment: 'shop', cpu: 34, ram: 61, disk: 48 }, { source: 'web-2', deployment: 'shop', cpu: 41, ram: 58, disk: 52 },
  { source: 'db-1', deployment: 'shop', cpu: 57, ram: 83, disk: 81 }, { source: 'gpu-box', deployment: 'lab', cpu: 22, ram: 44, disk: 37, gpu: 76 },
  { source: 'pi-attic', deployment: 'home', cpu: 9, ram: 38, disk: 94 }, { source: 'pi-garden', deployment: 'home', cpu: 6, ram: 31, disk: 22, silent: true },
];

function machinePoint(machine, at, index, random) {
  const wave = (middle, swing, turn) => Math.max(0.2, Math.min(99.5, middle + swing * Math.sin(index / turn + machine.ram) + (random() - 0.5) * swing * 0.8));
  const total = machine.deployment === 'home' ? 966_000_000 : 16_600_000_000;
  const ram = wave(machine.ram, 3, 19);
  const disk = machine.deployment === 'home' ? 31e9 : 480e9;
  const common = { timestamp: new Date(at).toISOString(), deployment: machine.deployment, source: machine.source };
  const points = [
    { ...common, metrics: { 'cpu.usage': wave(machine.cpu, machine.cpu * 0.45, 7), 'ram.usage': ram, 'ram.used': Math.round((total * ram) / 100), 'ram.total': total, 'load.1': wave(machine.cpu, 8, 9) / 25,
      'processes.total': 120 + Math.round(machine.cpu), 'uptime.seconds': 86_400 * 12 + index * 10 } },
    { ...common, labels: { mount: '/', device: 'mmcblk0p2' }, metrics: { 'storage.usage': machine.disk, 'storage.used': Math.round((disk * machine.disk) / 100), 'storage.total': disk } },
    { ...common, labels: { interface: 'eth0' }, metrics: { 'net.in': wave(50, 40, 5) * 9000 * (machine.cpu / 10), 'net.out': wave(40, 30, 6) * 5200 * (machine.cpu / 10) } },
    { ...common, labels: { device: 'mmcblk0' }, metrics: { 'disk.read': wave(20, 20, 4) * 30_000, 'disk.write': wave(30, 20, 8) * 61_000 } },
    { ...common, labels: { sensor: 'cpu' }, metrics: { 'temperature.celsius': wave(46 + machine.cpu / 4, 3, 12) } },
  ];
  if (machine.gpu) points.push({ ...common, labels: { gpu: '0' }, metrics: { 'gpu.usage': wave(machine.gpu, 18, 6), 'gpu.memory.used': 9.1e9 } });
  if (machine.source === 'db-1') points.push({ ...common, labels: { mount: '/var/lib/postgresql', device: 'nvme0n1' }, metrics: { 'storage.usage': 67.2, 'storage.used': 1.34e12, 'storage.total': 2e12 } });
  return points;
}

export async function seedMetrics(server, { now = Date.now(), count = 120, spacing = 15_000 } = {}) {
  const random = randomizer(11);
  const records = [];
  for (let index = 0; index < count; index += 1) {
    const at = now - (count - 1 - index) * spacing - 500;
    for (const machine of MACHINES) if (!machine.silent || index < count - 70) records.push(...machinePoint(machine, at, index, random));
  }
  await postAll(server, '/api/v1/metrics', records);
}

const PATHS = ['/cart', '/checkout', '/api/items', '/api/items/8841', '/login', '/assets/app.css'];
const PEOPLE = ['ada', 'grace', 'linus', 'margaret', 'alan'];

function logRecord(random, at) {
  const pick = (list) => list[Math.floor(random() * list.length)];
  const chance = random();
  const order = 8000 + Math.floor(random() * 900);
  const trace = Math.floor(random() * 2 ** 32).toString(16).padStart(8, '0');
  const base = { timestamp: new Date(at).toISOString().replace('Z', `${String(Math.floor(random() * 1e6)).padStart(6, '0')}Z`), deployment: 'shop' };
  if (chance < 0.52) {
    const status = random() < 0.93 ? 200 : random() < 0.6 ? 404 : 302;
    const ms = Math.round(4 + random() * random() * 420);
    const path = pick(PATHS);
    return { ...base, source: pick(['web-1', 'web-2']), severity: 'INFO', message: `GET ${path} ${status} in ${ms} ms`, fields: { http: { method: 'GET', path, status }, duration_ms: ms, trace } };
  }
  if (chance < 0.66) return { ...base, source: 'checkout', severity: 'INFO', message: `order ${order} placed by ${pick(PEOPLE)}`, fields: { order, user: pick(PEOPLE), gift: random() < 0.2, total: Math.round(random() * 20_000) / 100 } };
  if (chance < 0.78) return { ...base, source: 'db-1', severity: 'DEBUG', message: `checkpoint complete: wrote ${Math.floor(random() * 900)} buffers; sync=${(random() * 0.2).toFixed(3)} s`, fields: { component: 'checkpointer' } };
  if (chance < 0.84) return { ...base, deployment: 'home', source: 'pi-attic', severity: 'NOTICE', message: `sensor attic/humidity reads ${(40 + random() * 20).toFixed(1)} %`, fields: { topic: 'attic/humidity', battery: Math.round(60 + random() * 40) } };
  if (chance < 0.94) return { ...base, source: 'checkout', severity: 'WARN', message: `payment provider slow: retry ${1 + Math.floor(random() * 3)} of 3 after timeout`, fields: { order, provider: pick(['north', 'south']), trace } };
  if (chance < 0.99) return { ...base, source: 'checkout', severity: 'ERROR', message: `card declined for order ${order}: issuer said "do not honour"`, fields: { order, code: 'card_declined', user: pick(PEOPLE), trace } };
  return { ...base, source: 'db-1', severity: 'FATAL', message: 'connection to replica lost: server closed the connection unexpectedly\n\tThis probably means the server terminated abnormally\n\tbefore or while processing the request.', fields: { replica: 'db-2', lag_bytes: 18_811_904 } };
}

export async function seedLogs(server, { now = Date.now(), count = 1800, span = 3_500_000 } = {}) {
  const random = randomizer(5);
  const records = [];
  for (let index = 0; index < count; index += 1) {
    const burst = random() < 0.18 ? span * 0.24 + random() * span * 0.05 : random() * span;
    records.push(logRecord(random, now - burst - 1000));
  }
  records.sort((left, right) => left.timestamp.localeCompare(right.timestamp));
  await postAll(server, '/api/v1/logs', records);
}

export async function seedEverything(server) {
  await seedMetrics(server);
  await seedLogs(server);
}
