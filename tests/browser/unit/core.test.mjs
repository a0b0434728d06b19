import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addTerm, checkQuery, fieldTerm, highlightTerms, removeTerm, tokenize, toggleRange } from '../../../web/js/core/query_text.js';
import { skewOf } from '../../../web/js/core/clock.js';
import { parseExact, writeExact } from '../../../web/js/core/exact_json.js';
import { createEventParser } from '../../../web/js/core/sse.js';
import { defaultState, formatHash, liveRange, logParams, metricParams, parseHash } from '../../../web/js/core/state.js';
import { fieldText, highlightRanges, visibleText } from '../../../web/js/core/text.js';
import { moveRange, spanText, zoomRange } from '../../../web/js/core/range.js';
import { readTime } from '../../../web/js/core/time_text.js';
import * as time from '../../../web/js/core/time.js';
import * as units from '../../../web/js/core/units.js';

const NOW = Date.parse('2026-11-20T14:00:00Z');

test('times are read in every form of the API', () => {
  assert.equal(time.parseTime('now-15m', NOW), NOW - 900_000);
  assert.equal(time.parseTime('now-1h30m', NOW), NOW - 5_400_000);
  assert.equal(time.parseTime('2026-11-20T13:33:00.123456789Z'), Date.parse('2026-11-20T13:33:00.123Z'));
  assert.equal(time.parseTime('2026-11-20T14:33:00+01:00'), Date.parse('2026-11-20T13:33:00Z'));
  for (const epoch of ['1795181580', '1795181580000', '1795181580000000', '1795181580000000000']) assert.equal(time.parseTime(epoch), 1_795_181_580_000);
  for (const wrong of ['', 'yesterday', 'now-', 'now-5x', '2026-13-40T99:00:00Z', '20261120']) assert.ok(time.parseTime(wrong, NOW) === null || wrong === '20261120', wrong);
  assert.deepEqual(time.parseRfc3339('2026-11-20T13:33:00.000000007Z'), { ms: Date.parse('2026-11-20T13:33:00Z'), nanos: 7 });
});

test('steps from now are read as the server reads them', () => {
  const at = (text, now = NOW) => new Date(time.parseTime(text, now)).toISOString().replace('.000Z', '');
  for (const [text, moment] of [['now/d', '2026-11-20T00:00:00'], ['now-1d/d', '2026-11-19T00:00:00'], ['now/w', '2026-11-16T00:00:00'], ['now/M', '2026-11-01T00:00:00'], ['now/y', '2026-01-01T00:00:00'],
    ['now-1M', '2026-10-20T14:00:00'], ['now-1y', '2025-11-20T14:00:00'], ['now-1.5h', '2026-11-20T12:30:00'], ['now/h+90', '2026-11-20T14:01:30'], ['now-1M/M-1d', '2026-09-30T00:00:00']]) assert.equal(at(text), moment, text);
  assert.equal(at('now-1M', Date.UTC(2026, 2, 31, 8)), '2026-02-28T08:00:00', 'a day that the month before does not have is its last');
  assert.equal(at('now+3M', Date.UTC(2026, 10, 30)), '2027-02-28T00:00:00');
  for (const wrong of ['now/', 'now-0M', 'now-1.5M', 'now-1M2d', 'now*2', 'now-1x', 'now-99999M', 'nowadays']) assert.equal(time.parseTime(wrong, NOW), null, wrong);
});

test('ranges are described, shifted and never inverted', () => {
  assert.equal(time.describeRange({ from: 'now-1h', to: 'now' }, 'utc', NOW), 'Last hour');
  assert.equal(time.describeRange({ from: 'now-90m', to: 'now' }, 'utc', NOW), 'Last 1.5 h');
  assert.match(time.describeRange({ from: '2026-11-20T10:00:00Z', to: '2026-11-20T12:30:00Z' }, 'utc', NOW), /10:00 – 12:30$/);
  const range = time.resolveRange({ from: '2026-11-20T12:00:00Z', to: '2026-11-20T11:00:00Z' }, NOW);
  assert.ok(range.from < range.to);
});

test('earlier and then later leads back to what is live, and zooming out doubles exactly', () => {
  const back = moveRange({ from: 'now-1h', to: 'now' }, -0.5, NOW);
  assert.deepEqual(back, { from: '2026-11-20T12:30:00.000Z', to: '2026-11-20T13:30:00.000Z' });
  assert.deepEqual(moveRange(back, 0.5, NOW + 20_000), { from: 'now-1h', to: 'now' });
  const twice = moveRange(back, -0.5, NOW + 1000);
  assert.deepEqual(moveRange(twice, 0.5, NOW + 2000), back, 'not before it is there');
  assert.deepEqual(moveRange(moveRange({ from: 'now-90m', to: 'now' }, -0.5, NOW), 0.5, NOW + 60_000), { from: 'now-90m', to: 'now' });
  assert.deepEqual(zoomRange({ from: 'now-1h', to: 'now' }, 2, NOW), { from: 'now-2h', to: 'now' });
  assert.deepEqual(zoomRange({ from: 'now-15m', to: 'now' }, 2, NOW), { from: 'now-30m', to: 'now' });
  for (const [from, to] of [['2026-11-20T10:00:00Z', '2026-11-20T11:00:00Z'], ['2026-11-20T12:59:00Z', '2026-11-20T13:59:00Z'], ['2026-11-20T10:00:00Z', '2026-11-20T10:00:00.501Z'], ['now-90m', 'now-30m']]) {
    const [before, after] = [time.resolveRange({ from, to }, NOW), time.resolveRange(zoomRange({ from, to }, 2, NOW), NOW)];
    assert.equal(after.to - after.from, Math.max(1000, 2 * (before.to - before.from)), `${from} to ${to}`);
    assert.ok(after.to <= NOW && after.from <= before.from && after.to >= before.to);
  }
  assert.deepEqual([5_400_000, 7_200_000, 90_000, 500, 86_400_000].map(spanText), ['90m', '2h', '90s', '', '1d']);
});

test('times are read as people write them', () => {
  const at = (text, now = NOW) => readTime(text, { zone: 'utc', now });
  const iso = (text, now) => at(text, now)?.text.replace(':00.000Z', '');
  const day = new Date(NOW).toISOString().slice(0, 8);
  assert.equal(iso('08:30'), `${day}20T08:30`);
  assert.equal(iso('18:30'), `${day}19T18:30`, 'a time that is still to come today was yesterday');
  assert.equal(iso('8:30 pm'), `${day}19T20:30`);
  assert.equal(iso('9am'), `${day}20T09:00`);
  assert.equal(iso('yesterday'), `${day}19T00:00`);
  assert.equal(iso('Yesterday at 8:30'), `${day}19T08:30`);
  assert.equal(iso('today'), `${day}20T00:00`);
  assert.equal(iso('mon 08:30'), `${day}16T08:30`);
  assert.equal(iso('27 Nov 08:30'), '2025-11-27T08:30', 'without a year it lies in the past');
  for (const text of ['18 Nov 08:30', '18. November 08:30', 'Nov 18 08:30', 'Nov 18, 2026 08:30', '18 Nov 2026, 08:30', '18.11. 08:30', '18.11.2026 08:30', '2026/11/18 08:30', '2026-11-18 08:30', '2026-11-18T08:30:00Z', 'Wed, 18 Nov 2026 08:30:00 GMT', 'Wed Nov 18 08:30:00 UTC 2026']) assert.equal(iso(text), `${day}18T08:30`, text);
  for (const [text, relative] of [['-90m', 'now-90m'], ['1h ago', 'now-1h'], ['2 hours ago', 'now-2h'], ['an hour ago', 'now-1h'], ['1h 30 min ago', 'now-1h30m'], ['now-90m', 'now-90m'], ['now - 2d', 'now-2d'], ['now', 'now'], ['Now', 'now'],
    ['now-1M', 'now-1M'], ['-1M', 'now-1M'], ['-1m', 'now-1m'], ['1 month ago', 'now-1M'], ['2 Months ago', 'now-2M'], ['a year ago', 'now-1y'], ['now/d', 'now/d'], ['now - 1d / d', 'now-1d/d'], ['2H ago', 'now-2h'], ['-90', 'now-90']]) assert.equal(at(text)?.text, relative, text);
  assert.equal(at('-90m').ms, NOW - 5_400_000);
  for (const wrong of ['', 'yesterday-ish', '31 Feb', '25:00', '13pm', '1 fortnight ago', 'now-1.5M', 'now/x', 'now-', 'xx 08:30', '32.1.', 'today or so', '-']) assert.equal(at(wrong), null, wrong);
  assert.equal(new Date(readTime('08:30', { zone: 'local', now: NOW }).ms).getHours(), 8);
});

test('a month is weeks from Monday to Sunday', () => {
  const weeks = time.weeksOf(2026, 10);
  assert.deepEqual([weeks.length, new Date(weeks[0][0]).toISOString().slice(0, 10), new Date(weeks.at(-1)[6]).toISOString().slice(0, 10)], [6, '2026-10-26', '2026-12-06']);
  assert.equal(time.weeksOf(2027, 1).length, 4);
});

test('steps are round and keep to the number of points', () => {
  assert.equal(time.niceStep(3_600_000, 120), '30s');
  assert.equal(time.niceStep(86_400_000, 300), '5m');
  assert.equal(time.niceStep(500, 100), '1s');
  for (const span of [60_000, 3_600_000, 86_400_000 * 30]) assert.ok(span / time.parseDuration(time.niceStep(span, 100)) <= 100);
});

test('a time written in a zone is read back in it', () => {
  const at = Date.parse('2026-11-20T13:33:07.250Z');
  for (const zone of ['utc', 'local']) assert.equal(time.parseIn(time.formatIsoLike(at, zone), zone), at);
});

test('the URL holds the state and gives it back', () => {
  const state = { ...defaultState(), view: 'logs', deployment: ['shop', 'lab'], from: 'now-6h', q: 'a & b | "c=d"', severity: 'WARN', source: ['web 1'], fields: [['a.b', 'x&y'], ['<k>', '']], live: true, wrap: true, record: 'id/1' };
  assert.deepEqual(parseHash(formatHash(state)), { ...state });
  const charts = [{ name: 'cpu.usage', agg: 'p95', by: ['source', 'a,b'], labels: { 'mo|unt': '/a=b|c', source: 'x y' } }, { name: 'odd|name', agg: 'avg', by: ['*'], labels: {} }, { name: 'n', agg: 'avg', by: [], labels: {} }];
  const metrics = { ...defaultState(), view: 'metrics', charts };
  const back = parseHash(formatHash(metrics));
  assert.deepEqual(back.charts, charts);
});

test('how many lines a chart draws, and by what, is in its link where it differs from the usual', () => {
  const chart = (text) => parseHash(`#/metrics?chart=${encodeURIComponent(text)}`).charts[0];
  const asked = (text) => { const params = metricParams(defaultState(), chart(text), '30s'); return [params.get('top'), params.get('rank')]; };
  assert.deepEqual(asked('m|avg|'), ['20', 'avg']);
  assert.deepEqual(asked('m|avg||mount=/|:50,max'), ['50', 'max']);
  for (const wrong of ['m|avg||:0,max', 'm|avg||:1000000,avg', 'm|avg||:20,', 'm|avg||:20,sideways']) assert.deepEqual(asked(wrong), ['20', 'avg'], wrong);
  const state = { ...defaultState(), view: 'metrics', charts: [{ name: 'm', agg: 'avg', by: [], labels: { ':5,max': 'x' }, lines: 10, rank: 'last' }] };
  assert.deepEqual(parseHash(formatHash(state)).charts, state.charts);
  assert.doesNotMatch(formatHash({ ...state, charts: [{ name: 'm', agg: 'avg', by: [], labels: {}, lines: 20, rank: 'avg' }] }), /20/);
});

test('a broken or hostile URL still gives a state', () => {
  for (const hash of ['', '#', '#/nope?x=1', '#/logs?severity=<script>&order=sideways', '#/metrics?chart=&chart=%E0%A4%A|avg', '#/logs?%']) {
    const state = parseHash(hash);
    assert.ok(['overview', 'logs', 'metrics', 'system'].includes(state.view));
    assert.equal(state.severity, '');
    assert.ok(['asc', 'desc'].includes(state.order));
  }
});

test('only what differs from the default is in the link', () => assert.equal(formatHash({ ...defaultState(), view: 'logs' }), '#/logs'));

test('state becomes request parameters; grouping into one is an empty by', () => {
  const state = parseHash('#/logs?deployment=a&deployment=b&q=x&severity=WARN&source=s&field.k=v');
  assert.equal(logParams(state, { without: ['severity'] }).toString(), 'deployment=a&deployment=b&from=now-1h&to=now&source=s&field.k=v&q=x');
  const params = metricParams(state, { name: 'm', agg: 'avg', by: ['*'], labels: { mount: '/' } }, '30s');
  assert.deepEqual([params.getAll('by'), params.get('label.mount'), params.get('step')], [[''], '/', '30s']);
});

test('mistakes in a query are found and said', () => {
  for (const good of ['', 'a b', '"a b" -c', '-"x y"', 'a OR b', 'NOT a AND (b OR c)', 'status:>=500', 'f:(a OR b)', '"my field":5', '/a\\/b/i', 'at 12:30:45', 'https://example.org/x', 'f:*', 'f:="a (b"', '"AND"', '-(a b)']) assert.equal(checkQuery(good), '', good);
  for (const bad of ['"open', '/open', '(a', 'a)', '()', 'OR a', 'a OR', 'a AND', 'NOT', 'f:', '-f:=']) assert.match(checkQuery(bad), /\.$/, bad);
});

test('tokens know field, comparison and negation', () => {
  const [token] = tokenize('-"my \\"field":>="a b"').tokens;
  assert.deepEqual([token.kind, token.field, token.compare, token.negated, token.text], ['phrase', 'my "field', '>=', true, 'a b']);
  assert.equal(tokenize('12:30:45').tokens[0].field, undefined);
});

test('filters are added once, and take back their opposite', () => {
  assert.equal(addTerm('', 'user', 'ada'), 'user:=ada');
  assert.equal(addTerm('user:=ada', 'user', 'ada'), 'user:=ada');
  assert.equal(addTerm('a user:=ada', 'user', 'ada', true), 'a -user:=ada');
  assert.equal(addTerm('a OR b', 'user', 'a "b"', true), '(a OR b) -user:="a \\"b\\""');
  assert.equal(addTerm('(a OR b) c', 'x', 1), '(a OR b) c x:=1');
  assert.equal(addTerm('(a) OR (b)', 'x', 1), '((a) OR (b)) x:=1');
  assert.equal(fieldTerm('severity', 'WARN', true), '-severity:warn');
  assert.equal(fieldTerm('odd name', ''), '"odd name":=""');
  assert.equal(removeTerm('a b:=1 c', 'b:=1'), 'a c');
  for (const value of ['', 'OR', 'a b', '(x)', '"', '\\', '-x', 'é', '10.0.0.7', '/re/']) assert.equal(checkQuery(fieldTerm('f', value, true)), '', value);
});

test('only wanted words are highlighted', () => {
  assert.deepEqual(highlightTerms('time* -bad NOT worse user:ada message:"x y" "a b"'), ['time', 'x y', 'a b']);
  assert.deepEqual(highlightTerms('*clin* de*ed "2*3"'), ['clin', 'de', 'ed', '2*3']);
  assert.deepEqual(highlightRanges('Timeout timeout', ['timeout', 'out']), [[0, 7], [8, 15]]);
  assert.deepEqual(highlightRanges('aaaa', ['aa', 'a']), [[0, 4]]);
});

test('text that could deceive is made visible', () => {
  assert.equal(visibleText('a\u001b[31mb\u001b[0m\u0000c\u202Ed\te\nf'), 'ab␀c‹U+202E›d\te\nf');
});

test('events come out of any cut of the stream', () => {
  const stream = ': hello\nid: 0\n\nid: 7-a\nevent: record\ndata: {"a":\ndata: 1}\n\nevent: gap\r\ndata: {"skipped":2}\r\n\r\ndata:plain\n\n';
  for (let size = 1; size <= stream.length; size += 1) {
    const found = [];
    const ids = [];
    const feed = createEventParser((event) => found.push(event), { onId: (id) => ids.push(id) });
    for (let at = 0; at < stream.length; at += size) feed(stream.slice(at, at + size));
    assert.deepEqual(found, [{ event: 'record', data: '{"a":\n1}' }, { event: 'gap', data: '{"skipped":2}' }, { event: 'message', data: 'plain' }], `cut at ${size}`);
    assert.deepEqual(ids, ['0', '7-a'], 'an event without data has an id too');
  }
});

test('numbers read well in their unit', () => {
  assert.equal(units.formatValue(12.345, '%'), '12.3 %');
  assert.equal(units.formatValue(1536, 'B'), '1.5 KiB');
  assert.equal(units.formatValue(1023 * 1024, 'B/s'), '1 MiB/s');
  assert.equal(units.formatValue(0.0032, 's'), '3.2 ms');
  assert.equal(units.formatValue(86_400 * 12 + 3600, 's'), '12 d 1 h');
  assert.equal(units.formatValue(1_234_567), '1.23M');
  assert.equal(units.formatValue(null), '–');
  assert.equal(units.groups(1234567), '1,234,567');
  assert.deepEqual(['cpu.usage', 'net.in', 'ram.used', 'gpu.memory.used', 'uptime.seconds', 'x'].map((name) => units.unitOf(name)), ['%', 'B/s', 'B', 'B', 's', '']);
  assert.deepEqual(['bytes', 'bytes/s', 'percent', 'lux'].map((unit) => units.unitOf('x', unit)), ['B', 'B/s', '%', 'lux']);
  assert.equal(units.aggregatedUnit('B', 'rate'), 'B/s');
  assert.equal(units.aggregatedUnit('B', 'count'), '');
});

test('ticks are round and inside the range', () => {
  assert.deepEqual(units.ticks(0, 100, '%'), [0, 20, 40, 60, 80, 100]);
  assert.deepEqual(units.ticks(0, 4 * 2 ** 20, 'B'), [0, 2 ** 20, 2 * 2 ** 20, 3 * 2 ** 20, 4 * 2 ** 20]);
  for (const tick of units.ticks(3, 17.5, '')) assert.ok(tick >= 3 && tick <= 17.6);
});

test('numbers keep the digits they were sent with, also in text that is copied', () => {
  const text = '{"a":12345678901234567890,"b":0.12345678901234567890123,"c":1e400,"d":[9007199254740993,1],"e":"x:\\"12345678901234567890","f":1.5,"g":-3}';
  const value = parseExact(text);
  assert.deepEqual([String(value.a), String(value.b), String(value.c), String(value.d[0]), value.d[1], value.e, value.f, value.g],
    ['12345678901234567890', '0.12345678901234567890123', '1e400', '9007199254740993', 1, 'x:"12345678901234567890', 1.5, -3]);
  assert.equal(writeExact(value), text);
  assert.equal(fieldText(value.d), '[9007199254740993,1]');
  assert.equal(fieldText(value.a), '12345678901234567890');
  const plain = '{"records":[{"id":"12345678901234567890","n":1.25,"m":42}]}';
  assert.deepEqual(parseExact(plain), JSON.parse(plain));
  assert.throws(() => parseExact('{"a":123456789012345678901234567890'), SyntaxError);
});

test('a clock that is off is noticed by the server’s, one that agrees is kept', () => {
  const at = Date.parse('2026-11-20T14:00:00Z');
  assert.equal(skewOf('Fri, 20 Nov 2026 14:00:00 GMT', at + 100, at + 300), 0);
  assert.equal(skewOf('Fri, 20 Nov 2026 14:10:00 GMT', at, at), 600_500);
  assert.equal(skewOf('Fri, 20 Nov 2026 14:00:08 GMT', at, at + 16_000), 0, 'a slow answer tells less');
  assert.equal(skewOf(null, at, at), null);
});

test('small, large and nearly full values stay readable', () => {
  assert.deepEqual([0.0001, 1e-9, 1e18, 999e12, -0.0001, 0].map((value) => units.formatValue(value)), ['0.0001', '1e-9', '1e18', '999T', '-0.0001', '0']);
  assert.deepEqual([99.95, 99.99999, 100, 99.4, 0.004].map((value) => units.formatValue(value, '%')), ['99.95 %', '99.999 %', '100 %', '99.4 %', '0.004 %']);
  assert.equal(units.formatValue(1e30, 'B'), '1e30 B');
});

test('ticks are told apart, whatever their distance', () => {
  const texts = (from, to, unit = '') => units.tickTexts(units.ticks(from, to, unit), unit);
  assert.deepEqual(texts(999_980, 1_000_020), ['999,980', '999,990', '1,000,000', '1,000,010', '1,000,020']);
  assert.deepEqual(texts(0, 0.0005), ['0', '0.0002', '0.0004']);
  assert.deepEqual(texts(0, 100, '%'), ['0 %', '20 %', '40 %', '60 %', '80 %', '100 %']);
  for (const [from, to, unit] of [[1e9, 1e9 + 100, 'B'], [7200, 7300, 's'], [1e15, 1e15 + 4, ''], [1e18, 1.0001e18, ''], [99.9, 100, '%'], [0, 3000, 'ms'], [120, 600, 's']]) {
    const found = texts(from, to, unit);
    assert.ok(found.length > 2 && new Set(found).size === found.length, `${from} to ${to} ${unit}: ${found}`);
  }
});

test('byte axes of every size are told in KiB, MiB, GiB or TiB, never in long numbers of bytes', () => {
  for (let power = 6; power < 50; power += 1) {
    for (const top of [2 ** power, 1.37 * 2 ** power, 10 ** (power * 0.3)]) {
      for (const unit of ['B', 'B/s']) {
        const texts = units.tickTexts(units.ticks(0, top, unit), unit);
        assert.ok(texts.length > 1 && new Set(texts).size === texts.length, `0 to ${top}: ${texts}`);
        for (const text of texts) assert.match(text, /^(0|[1-9]\d{0,3})(\.\d{1,3})? ([KMGTP]iB|B)(\/s)?$/, `0 to ${top}: ${texts}`);
      }
    }
  }
  assert.deepEqual(units.tickTexts(units.ticks(0, 4.4 * 2 ** 20, 'B/s'), 'B/s'), ['0 B/s', '1 MiB/s', '2 MiB/s', '3 MiB/s', '4 MiB/s']);
  assert.deepEqual(units.tickTexts(units.ticks(0, 3.2 * 2 ** 30, 'B'), 'B'), ['0 B', '1 GiB', '2 GiB', '3 GiB']);
});

test('an empty value is asked for, and a day that does not exist is refused', () => {
  assert.equal(logParams(parseHash('#/logs?field.k=')).get('q'), 'k:=""');
  assert.equal(logParams(parseHash('#/logs?field.source=&q=a+OR+b')).get('q'), '(a OR b) fields.source:=""');
  assert.equal(logParams(parseHash('#/logs?field.k=')).has('field.k'), false);
  assert.equal(time.parseTime('2026-02-31T10:00:00Z'), null);
  assert.equal(time.parseIn('2026-02-30', 'utc'), null);
  assert.equal(time.parseTime('2028-02-29T00:00:00Z'), Date.UTC(2028, 1, 29));
});

test('a link cannot make a page that asks all the time', () => {
  for (const wrong of ['1ms', '0s', 'x', '-5s']) assert.equal(parseHash(`#/overview?refresh=${wrong}`).refresh, '', wrong);
  for (const good of ['off', '5s', '45s']) assert.equal(parseHash(`#/overview?refresh=${good}`).refresh, good);
});

test('live shows now, also where an absolute range is chosen', () => {
  const absolute = { ...defaultState(), live: true, from: '2026-01-01T00:00:00Z', to: '2026-01-02T00:00:00Z' };
  assert.deepEqual([liveRange(absolute).from, liveRange(absolute).to], ['now-15m', 'now']);
  assert.equal(liveRange({ ...absolute, live: false }).to, absolute.to);
  assert.equal(liveRange({ ...absolute, from: 'now-6h', to: 'now' }).from, 'now-6h');
});

test('a range of numbers is a condition of a search, instead of another range of the field, and is taken back', () => {
  const first = toggleRange('timeout or refused', 'duration_ms', { from: 0.5, to: 1000 });
  assert.equal(first, toggleRange(first.replace(' duration_ms:>=0.5 duration_ms:<1000', ''), 'duration_ms', { from: 0.5, to: 1000 }));
  assert.match(first, /duration_ms:>=0\.5 duration_ms:<1000$/);
  assert.match(toggleRange(first, 'duration_ms', { from: -200 }), /refused\)? duration_ms:>=-200$/);
  assert.equal(toggleRange('x n:>=5 n:<6', 'n', { from: 5, to: 6 }), 'x');
  assert.equal(toggleRange('(a OR b) n:>=5', 'a b', { from: 1e21 }), '(a OR b) n:>=5 "a b":>=1e21');
});

test('terminal colours, links and titles are not shown, however their escape is written, and what only looks like one is', () => {
  for (const [sent, shown] of [['\u001b[31mred\u001b[0m', 'red'], ['\u001b[38;5;196m\u001b[1mx\u001b[m', 'x'], ['\u001b[38:2::255:0:0mx', 'x'], ['\u009b31mx', 'x'], ['#033[31mred#033[0m', 'red'],
    ['\\x1b[32mok\\x1b[0m \\u001b[1mb \\033[0mc ^[[33md', 'ok b c d'], ['\u001b]8;;https://x\u001b\\link\u001b]8;;\u0007', 'link'], ['\u001b]0;title\u0007text', 'text'], ['\u001b(Bplain\u001b[K', 'plain'], ['a\u001b[2Jb', 'ab'],
    ['rate(x[5m]) [31m] array[0] \\x1b alone', 'rate(x[5m]) [31m] array[0] \\x1b alone']]) assert.equal(visibleText(sent), shown, JSON.stringify(sent));
  assert.equal(visibleText('\u001b'), '␛');
});

test('numbers are written one way: ages in whole seconds and minutes, large percentages with commas, one minus', () => {
  const at = Date.parse('2026-11-20T14:00:00Z');
  assert.deepEqual([5800, 61_400, 200_000, 3_000_000, 6_000_000, 500].map((age) => time.formatAge(at - age, at)), ['6 s ago', '61 s ago', '3 min ago', '50 min ago', '1.7 h ago', 'just now']);
  assert.equal(time.formatAge(at + 65_300, at), 'in 65 s');
  assert.deepEqual([1234.5, 250.4, -1234567].map((value) => units.formatValue(value, '%')), ['1,235 %', '250 %', '-1,234,567 %']);
  assert.deepEqual([7199, 7200, -90_000, 3599].map((value) => units.formatValue(value, 's')), ['2 h', '2 h', '-25 h', '60 min']);
  assert.ok(![-5, -1500, -90_000].some((value) => ['', 'B', 's', '%', 'ms'].some((unit) => units.formatValue(value, unit).includes('−'))));
});
