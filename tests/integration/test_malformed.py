"""At least 150 malformed requests: each gets its exact status and error code, and the next good request is answered."""

import gzip
import json
import re
import time
import zlib

import pytest

from harness import TOKEN

NOW_MS = int(time.time() * 1000)
AUTH = f"Authorization: Bearer {TOKEN}\r\n"


def http(head, body=b"", method="POST", path="/api/v1/logs", length=True):
    """A request as bytes; `head` are further header lines."""
    if isinstance(body, str):
        body = body.encode()
    text = f"{method} {path} HTTP/1.1\r\nHost: test\r\n{AUTH}{head}"
    if length:
        text += f"Content-Length: {len(body)}\r\n"
    return text.encode("latin-1") + b"\r\n" + body


def start(line, headers="Host: test\r\n"):
    return (line + "\r\n" + headers + "\r\n").encode("latin-1")


def chunked(parts, head=""):
    return http(head + "Transfer-Encoding: chunked\r\n", b"".join(parts), length=False)


GOOD = json.dumps({"message": "good"}).encode()
GZIP = "Content-Encoding: gzip\r\n"
SMUGGLED = b"GET /smuggled HTTP/1.1\r\nHost: test\r\n\r\n"

# name: (bytes, status, code). A code of None: only the status is asked for.
FRAMING = {
    "transfer-encoding gzip": (http("Transfer-Encoding: gzip\r\n", length=False), (400, 501), None),
    "transfer-encoding identity": (http("Transfer-Encoding: identity\r\n", length=False), (400, 501), None),
    "transfer-encoding chunked twice": (http("Transfer-Encoding: chunked, chunked\r\n", b"0\r\n\r\n", length=False), (400, 501), None),
    "transfer-encoding gzip, chunked": (http("Transfer-Encoding: gzip, chunked\r\n", b"0\r\n\r\n", length=False), (400, 501), None),
    "two transfer-encoding headers": (http("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", b"0\r\n\r\n", length=False), (400, 501), None),
    "transfer-encoding with tab": (http("Transfer-Encoding: \x0bchunked\r\n", b"0\r\n\r\n", length=False), (400, 501), None),
    "transfer-encoding xchunked": (http("Transfer-Encoding: xchunked\r\n", b"0\r\n\r\n", length=False), (400, 501), None),
    "chunked and content-length": (http("Transfer-Encoding: chunked\r\n", b"0\r\n\r\n" + SMUGGLED), 400, "malformed_request"),
    "content-length and chunked": (http("Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", b"0\r\n\r\n", length=False), 400, "malformed_request"),
    "content-length twice, equal": (http("Content-Length: 18\r\n", GOOD), 400, "malformed_request"),
    "content-length twice, unequal": (http("Content-Length: 3\r\n", GOOD), 400, "malformed_request"),
    "content-length list": (http("Content-Length: 18, 18\r\n", GOOD, length=False), 400, "malformed_request"),
    "content-length negative": (http("Content-Length: -1\r\n", GOOD, length=False), 400, "malformed_request"),
    "content-length plus": (http("Content-Length: +18\r\n", GOOD, length=False), 400, "malformed_request"),
    "content-length hex": (http("Content-Length: 0x12\r\n", GOOD, length=False), 400, "malformed_request"),
    "content-length blank": (http("Content-Length: \r\n", GOOD, length=False), 400, "malformed_request"),
    "content-length words": (http("Content-Length: ten\r\n", GOOD, length=False), 400, "malformed_request"),
    "content-length overflow": (http("Content-Length: 99999999999999999999999\r\n", b"", length=False), (400, 413), None),
    "content-length past the limit": (http("Content-Length: 99999999999\r\n", b"", length=False), 413, "too_large"),
    "no host": (start("GET /health HTTP/1.1", ""), 400, "malformed_request"),
    "two hosts": (start("GET /health HTTP/1.1", "Host: a\r\nHost: b\r\n"), 400, "malformed_request"),
    "two equal hosts": (start("GET /health HTTP/1.1", "Host: a\r\nHost: a\r\n"), 400, "malformed_request"),
    "folded header": (start("GET /health HTTP/1.1", "Host: test\r\nX-A: b\r\n c\r\n"), 400, "malformed_request"),
    "folded header with tab": (start("GET /health HTTP/1.1", "Host: test\r\nX-A: b\r\n\tc\r\n"), 400, "malformed_request"),
    "space before the colon": (start("GET /health HTTP/1.1", "Host: test\r\nX-A : b\r\n"), 400, "malformed_request"),
    "header without colon": (start("GET /health HTTP/1.1", "Host: test\r\nnonsense\r\n"), 400, "malformed_request"),
    "header with empty name": (start("GET /health HTTP/1.1", "Host: test\r\n: b\r\n"), 400, "malformed_request"),
    "header name with bracket": (start("GET /health HTTP/1.1", "Host: test\r\nX[A]: b\r\n"), 400, "malformed_request"),
    "header value with NUL": (start("GET /health HTTP/1.1", "Host: test\r\nX-A: b\0c\r\n"), 400, "malformed_request"),
    "header value with bare CR": (start("GET /health HTTP/1.1", "Host: test\r\nX-A: b\rc\r\n"), 400, "malformed_request"),
    "bare LF lines": (b"GET /health HTTP/1.1\nHost: test\n\n", 400, "malformed_request"),
    "request line without version": (start("GET /health"), 400, "malformed_request"),
    "request line with two spaces": (start("GET  /health HTTP/1.1"), 400, "malformed_request"),
    "version 1.2": (start("GET /health HTTP/1.2"), (400, 505), None),
    "version 2.0": (start("GET /health HTTP/2.0"), (400, 505), None),
    "http 2 preface": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", (400, 505), None),
    "version garbage": (start("GET /health HTTQ/1.1"), 400, "malformed_request"),
    "tls hello on a plain port": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 64 + b"\r\n\r\n", 400, "malformed_request"),
    "method with a bracket": (start("G{T /health HTTP/1.1"), 400, "malformed_request"),
    "two content types": (http("Content-Type: application/json\r\nContent-Type: text/csv\r\n", GOOD), 400, "malformed_request"),
    "two idempotency keys": (http("Idempotency-Key: a\r\nIdempotency-Key: b\r\n", GOOD), 400, "malformed_request"),
    "two deployments": (http("X-Penstock-Deployment: a\r\nX-Penstock-Deployment: b\r\n", GOOD), 400, "malformed_request"),
    "post without a length": (http("", b"", length=False), 411, "length_required"),
    "chunked in HTTP/1.0": (b"POST /api/v1/logs HTTP/1.0\r\nHost: a\r\n" + AUTH.encode() + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", (400, 501), None),
    "chunk extension": (chunked([b"12;a=b\r\n", GOOD, b"\r\n0\r\n\r\n"]), 400, "malformed_request"),
    "chunk trailer": (chunked([b"12\r\n", GOOD, b"\r\n0\r\nX-Admin: yes\r\n\r\n"]), 400, "malformed_request"),
    "chunk size not hex": (chunked([b"zz\r\n", GOOD, b"\r\n0\r\n\r\n"]), 400, "malformed_request"),
    "chunk size negative": (chunked([b"-1\r\n", GOOD, b"\r\n0\r\n\r\n"]), 400, "malformed_request"),
    "chunk size overflow": (chunked([b"FFFFFFFFFFFFFFFFF\r\n", GOOD]), 400, "malformed_request"),
    "chunk too short": (chunked([b"5\r\n", GOOD, b"\r\n0\r\n\r\n"]), 400, "malformed_request"),
    "chunk header without end": (chunked([b"0" * 20000]), 400, "malformed_request"),
    "header past 16 KiB": (start("GET /health HTTP/1.1", "Host: test\r\nX-A: " + "a" * 20000 + "\r\n"), 431, "header_too_large"),
    "target past 16 KiB": (start("GET /" + "a" * 20000 + " HTTP/1.1"), (414, 431), None),
    "65 fields": (start("GET /health HTTP/1.1", "Host: test\r\n" + "".join(f"X-{i}: 1\r\n" for i in range(65))), 431, "header_too_large"),
    "bad percent escape": (start("GET /api/v1/logs?q=%zz HTTP/1.1", "Host: test\r\n" + AUTH), 400, None),
    "cut percent escape": (start("GET /api/v1/logs?q=%4 HTTP/1.1", "Host: test\r\n" + AUTH), 400, None),
}

ROUTES = {
    "no such route": (http("", b"", "GET", "/nothing"), 404, "not_found"),
    "no such api": (http("", b"", "GET", "/api/v1/nothing"), 404, "not_found"),
    "path traversal": (http("", b"", "GET", "/../../etc/passwd"), (400, 404), None),
    "path traversal, escaped": (http("", b"", "GET", "/%2e%2e/%2e%2e/etc/passwd"), (400, 404), None),
    "path with NUL": (http("", b"", "GET", "/a%00b"), (400, 404), None),
    "PUT on logs": (http("", GOOD, "PUT"), 405, "method_not_allowed"),
    "PATCH on metrics": (http("", GOOD, "PATCH", "/api/v1/metrics"), 405, "method_not_allowed"),
    "POST on health": (http("", GOOD, "POST", "/health"), 405, "method_not_allowed"),
    "DELETE on stats": (http("", b"", "DELETE", "/api/v1/stats"), 405, "method_not_allowed"),
    "TRACE": (http("", b"", "TRACE", "/api/v1/logs"), 405, "method_not_allowed"),
    "no token": (start("GET /api/v1/logs HTTP/1.1"), 401, "unauthorized"),
    "wrong token": (start("GET /api/v1/logs HTTP/1.1", "Host: test\r\nAuthorization: Bearer pst_wrong\r\n"), 401, "unauthorized"),
    "empty bearer": (start("GET /api/v1/logs HTTP/1.1", "Host: test\r\nAuthorization: Bearer \r\n"), 401, "unauthorized"),
    "unknown scheme": (start("GET /api/v1/logs HTTP/1.1", "Host: test\r\nAuthorization: Digest abc\r\n"), 401, "unauthorized"),
    "bad basic": (start("GET /api/v1/logs HTTP/1.1", "Host: test\r\nAuthorization: Basic !!!\r\n"), 401, "unauthorized"),
    "no token on ingest": (b"POST /api/v1/logs HTTP/1.1\r\nHost: test\r\nContent-Length: 18\r\n\r\n" + GOOD, 401, "unauthorized"),
    "no token on metrics page": (start("GET /metrics HTTP/1.1"), 401, "unauthorized"),
    "no token on stats": (start("GET /api/v1/stats HTTP/1.1"), 401, "unauthorized"),
    "no token on an unknown api": (start("GET /api/v1/nothing HTTP/1.1"), (401, 404), None),
}

BIG_GZIP = gzip.compress(b"{" + b" " * (80 << 20) + b"}", 9)
ENCODINGS = {
    "encoding unknown": (http("Content-Encoding: br\r\n", GOOD), 415, "unsupported_encoding"),
    "encoding list": (http("Content-Encoding: gzip, gzip\r\n", gzip.compress(gzip.compress(GOOD))), 415, "unsupported_encoding"),
    "gzip that is not": (http(GZIP, GOOD), 400, "bad_encoding"),
    "gzip cut short": (http(GZIP, gzip.compress(GOOD)[:-9]), 400, "bad_encoding"),
    "gzip with a flipped bit": (http(GZIP, gzip.compress(GOOD)[:-5] + b"\xff" + gzip.compress(GOOD)[-4:]), 400, "bad_encoding"),
    "gzip empty": (http(GZIP, b""), 422, "nothing_accepted"),
    "gzip with rubbish behind": (http(GZIP, gzip.compress(GOOD) + b"rubbish"), 400, "bad_encoding"),
    "deflate that is not": (http("Content-Encoding: deflate\r\n", GOOD), 400, "bad_encoding"),
    "deflate cut short": (http("Content-Encoding: deflate\r\n", zlib.compress(GOOD)[:-3]), 400, "bad_encoding"),
    "zstd that is not": (http("Content-Encoding: zstd\r\n", GOOD), 400, "bad_encoding"),
    "zstd magic only": (http("Content-Encoding: zstd\r\n", b"\x28\xb5\x2f\xfd"), 400, "bad_encoding"),
    "gzip bomb": (http(GZIP, BIG_GZIP), 413, "too_large"),
    "media type xml": (http("Content-Type: text/xml\r\n", b"<a/>"), 415, "unsupported_media_type"),
    "media type image": (http("Content-Type: image/png\r\n", GOOD), 415, "unsupported_media_type"),
    "media type multipart": (http("Content-Type: multipart/form-data; boundary=x\r\n", GOOD), 415, "unsupported_media_type"),
}


def log(**fields):
    return json.dumps(fields)


# Native bodies of which nothing can be accepted: 422, and the code of the first error.
LOGS = {
    "empty body": (b"", "nothing_accepted"),
    "blank body": (b" \n\t\n", "nothing_accepted"),
    "empty array": (b"[]", "nothing_accepted"),
    "cut object": (b'{"message": "a"', "invalid_json"),
    "cut string": (b'{"message": "a', "invalid_json"),
    "cut array": (b'[{"message"', "invalid_json"),
    "missing colon": (b'{"message" "a"}', "invalid_json"),
    "single quotes": (b"{'message': 'a'}", "invalid_json"),
    "unquoted key": (b'{message: "a"}', "invalid_json"),
    "comment": (b'{"message": /* hi */ "a"}', "invalid_json"),
    "nan literal": (b'{"message": "a", "x": nan}', "invalid_json"),
    "leading zero": (b'{"message": "a", "x": 012}', "invalid_json"),
    "bad escape": (b'{"message": "a\\q"}', "invalid_json"),
    "cut unicode escape": (b'{"message": "\\u12"}', "invalid_json"),
    "control character outside of strings": (b'{"message": "a"\x01}', "invalid_json"),
    "binary": (bytes(range(128, 160)) * 4, "invalid_json"),
    "text": (b"hello world", "invalid_json"),
    "number": (b"5", "invalid_type"),
    "string": (b'"hello"', "invalid_type"),
    "null": (b"null", "invalid_type"),
    "true": (b"true", "invalid_type"),
    "array of numbers": (b"[1]", "invalid_type"),
    "array of arrays": (b'[[{"message": "a"}]]', "invalid_type"),
    "no message": (log(severity="INFO"), "missing_field"),
    "empty object": (b"{}", "missing_field"),
    "timestamp far ahead": (log(message="a", timestamp=NOW_MS + 86_400_000), "timestamp_too_new"),
    "timestamp 20 minutes ahead": (log(message="a", timestamp=NOW_MS + 1_200_000), "timestamp_too_new"),
    "timestamp past retention": (log(message="a", timestamp="1999-01-01T00:00:00Z"), "timestamp_too_old"),
    "timestamp negative": (log(message="a", timestamp=-5), None),
    "1,001 fields": (log(message="a", fields={f"f{i}": i for i in range(1001)}), "too_many_fields"),
    "1,001 fields, nested": (log(message="a", fields={"a": {f"f{i}": i for i in range(1001)}}), "too_many_fields"),
    "nesting of 65": ('{"message": "a", "fields": ' + '{"a": ' * 65 + "1" + "}" * 65 + "}", "too_deep"),
    "nesting of 2,000": ('{"message": "a", "fields": ' + '{"a": ' * 2000 + "1" + "}" * 2000 + "}", "too_deep"),
    "nesting of 100,000 arrays": ('{"message": "a", "x": ' + "[" * 100000 + "]" * 100000 + "}", "too_deep"),
    "open brackets without end": ("[" * 50000, None),
    "open braces without end": ('{"a":' * 50000, None),
    "record past 1 MiB": (log(message="a" * (1 << 20)), "record_too_large"),
}
METRICS = {
    "no metrics": (log(source="a"), "missing_field"),
    "metrics empty": (log(metrics={}), "missing_field"),
    "metrics array": (log(metrics=[1]), "invalid_type"),
    "metrics text": (log(metrics="cpu"), "invalid_type"),
    "value object": (log(metrics={"a": {}}), "missing_field"),
    "value array": (log(metrics={"a": [1]}), "invalid_value"),
    "value past double": (b'{"metrics": {"a": 1e999}}', None),
    "value NaN text": (log(metrics={"a": "NaN"}), "invalid_value"),
    "value NaN": (b'{"metrics": {"a": NaN}}', "invalid_value"),
    "name empty": (log(metrics={"": 1}), "invalid_name"),
    "name with newline": (log(metrics={"a\nb": 1}), "invalid_name"),
    "name too long": (log(metrics={"n" * 300: 1}), "invalid_name"),
    "label name empty": (log(metrics={"a": 1}, labels={"": "x"}), "invalid_name"),
    "name without value": (log(name="a"), "missing_field"),
    "value without name": (log(value=1), "missing_field"),
    "point too new": (log(metrics={"a": 1}, timestamp=NOW_MS + 86_400_000), "timestamp_too_new"),
    "point empty body": (b"", "nothing_accepted"),
    "point a number": (b"5", "invalid_type"),
    "point cut": (b'{"metrics": {"a": 1', "invalid_json"),
    "1,001 samples": (log(metrics={f"m{i}": i for i in range(1001)}), "too_many_fields"),
}

# What an object holds is never a reason to refuse it: taken with a warning of that code, or none; refused with that code where ?strict=1 asks for it.
TAKEN_LOGS = {
    "timestamp words": (log(message="a", timestamp="yesterday"), "invalid_timestamp"),
    "timestamp month 13": (log(message="a", timestamp="2026-13-01T00:00:00Z"), "invalid_timestamp"),
    "timestamp day 32": (log(message="a", timestamp="2026-01-32T00:00:00Z"), "invalid_timestamp"),
    "timestamp 30 February": (log(message="a", timestamp="2026-02-30T00:00:00Z"), "invalid_timestamp"),
    "timestamp hour 25": (log(message="a", timestamp="2026-01-01T25:00:00Z"), "invalid_timestamp"),
    "timestamp rubbish behind": (log(message="a", timestamp="2026-01-01T00:00:00Zx"), "invalid_timestamp"),
    "timestamp bad offset": (log(message="a", timestamp="2026-01-01T00:00:00+99:00"), "invalid_timestamp"),
    "timestamp object": (log(message="a", timestamp={}), "invalid_type"),
    "timestamp array": (log(message="a", timestamp=[1]), "invalid_type"),
    "timestamp true": (log(message="a", timestamp=True), "invalid_type"),
    "timestamp huge": (b'{"message": "a", "timestamp": 1e300}', "invalid_timestamp"),
    "severity unknown": (log(message="a", severity="LOUD"), "invalid_severity"),
    "severity 9": (log(message="a", severity=9), "invalid_severity"),
    "severity object": (log(message="a", severity={}), "invalid_type"),
    "deployment with slash": (log(message="a", deployment="a/b"), "invalid_name"),
    "deployment with blank": (log(message="a", deployment="a b"), "invalid_name"),
    "deployment too long": (log(message="a", deployment="d" * 65), "invalid_name"),
    "deployment object": (log(message="a", deployment={"a": 1}), "invalid_type"),
    "deployment with dots and slash": (log(message="a", deployment="../etc"), "invalid_name"),
    "source too long": (log(message="a", source="s" * 300), "invalid_name"),
    "source with control character": (log(message="a", source="a\nb"), "invalid_name"),
    "source object": (log(message="a", source={"a": 1}), "invalid_type"),
    "fields not an object": (log(message="a", fields=[1]), "invalid_type"),
    "fields text": (log(message="a", fields="x"), "invalid_type"),
    "raw newline in a string, one object": (b'{"message": "a\nb"}', None),
    "timestamp empty": (log(message="a", timestamp=""), None),
    "NaN in a field": (b'{"message": "a", "x": NaN}', None),
    "timestamp in 2999 as text": (log(message="a", timestamp="2999-01-01T00:00:00Z"), "invalid_timestamp"),
    "no message but fields": (log(order=7), None),
    "deployment of two dots": (log(message="a", deployment=".."), "invalid_name"),
}
TAKEN_METRICS = {
    "labels text": (log(metrics={"a": 1}, labels="x"), "invalid_type"),
    "point timestamp words": (log(metrics={"a": 1}, timestamp="noon"), "invalid_timestamp"),
    "value text": (log(metrics={"a": "12"}), None),
    "value bool": (log(metrics={"a": True}), None),
    "labels array": (log(metrics={"a": 1}, labels=["x"]), None),
    "label value object": (log(metrics={"a": 1}, labels={"l": {}}), None),
    "NaN beside a number": (b'{"metrics": {"a": NaN, "b": 1}}', "invalid_value"),
    "one value of two": (log(metrics={"a": "high", "b": 1}), "invalid_value"),
    "name too long beside another": (log(metrics={"n" * 300: 1, "b": 1}), "invalid_name"),
    "label source beside a source": (log(metrics={"a": 1}, source="s", labels={"source": "t"}), "invalid_name"),
}

QUERIES = {
    "from words": ("/api/v1/logs?from=yesterday", "from"),
    "to words": ("/api/v1/logs?to=later", "to"),
    "from after to": ("/api/v1/logs?from=now&to=now-1h", None),
    "limit words": ("/api/v1/logs?limit=many", "limit"),
    "limit zero": ("/api/v1/logs?limit=0", "limit"),
    "limit negative": ("/api/v1/logs?limit=-1", "limit"),
    "limit past the most": ("/api/v1/logs?limit=10000000", "limit"),
    "order sideways": ("/api/v1/logs?order=sideways", "order"),
    "severity unknown": ("/api/v1/logs?severity=LOUD", "severity"),
    "cursor made up": ("/api/v1/logs?cursor=abc", "cursor"),
    "format unknown": ("/api/v1/logs?format=xml", "format"),
    "unknown parameter": ("/api/v1/logs?form=now-1h", "form"),
    "q open bracket": ("/api/v1/logs?q=(a", "q"),
    "q open quote": ("/api/v1/logs?q=%22a", "q"),
    "q bad regex": ("/api/v1/logs?q=/(/", "q"),
    "q huge": ("/api/v1/logs?q=" + "a%20" * 3000, "q"),
    "histogram step words": ("/api/v1/logs/histogram?step=often", "step"),
    "histogram step zero": ("/api/v1/logs/histogram?step=0s", "step"),
    "histogram too many steps": ("/api/v1/logs/histogram?from=now-30d&step=1ms", "step"),
    "facets without field": ("/api/v1/logs/facets", "field"),
    "context without id": ("/api/v1/logs/context", "id"),
    "context bad id": ("/api/v1/logs/context?id=zz!", "id"),
    "range without name": ("/api/v1/metrics/query", "name"),
    "range bad aggregate": ("/api/v1/metrics/query?name=a&agg=mode", "agg"),
    "range bad step": ("/api/v1/metrics/query?name=a&step=x", "step"),
    "range too many points": ("/api/v1/metrics/query?name=a&from=now-30d&step=1s", "step"),
    "latest without names": ("/api/v1/metrics/latest", "names"),
    "latest n words": ("/api/v1/metrics/latest?names=a&n=x", "n"),
}


def parse(data):
    """The first response: status, body."""
    head, _, body = data.partition(b"\r\n\r\n")
    match = re.match(rb"HTTP/1\.[01] (\d{3})", head)
    assert match, f"no response: {data[:200]!r}"
    return int(match.group(1)), body


def still_good(server):
    answer = server.request("POST", "/api/v1/logs", body=GOOD)
    assert answer.status == 200, answer


RAW = {**{f"framing: {k}": v for k, v in FRAMING.items()}, **{f"routes: {k}": v for k, v in ROUTES.items()},
       **{f"encodings: {k}": v for k, v in ENCODINGS.items()}}


def test_the_table_is_large_enough():
    assert len(RAW) + len(LOGS) + len(METRICS) + len(QUERIES) >= 150


@pytest.mark.parametrize("name", RAW)
def test_raw_request(server, name):
    data, status, code = RAW[name]
    received = server.raw(data)
    got, body = parse(received)
    assert got in (status if isinstance(status, tuple) else (status,)), received[:600]
    error = json.loads(body)["error"]
    assert error["message"], error
    if code:
        assert error["code"] == code, error
    assert len(re.findall(rb"HTTP/1\.1 \d{3} ", received)) == 1, "a second request was answered"
    still_good(server)


@pytest.mark.parametrize("path,name", [("/api/v1/logs", n) for n in LOGS] + [("/api/v1/metrics", n) for n in METRICS])
def test_native_body(server, path, name):
    body, code = (LOGS if path.endswith("logs") else METRICS)[name]
    answer = server.request("POST", path, body=body)
    assert answer.status == 422, answer
    if answer.json().get("errors"):
        report = answer.json()
        assert report["accepted"] == 0 and report["rejected"] >= 1
        error = report["errors"][0]
        assert error["index"] == 0
    else:
        error = answer.json()["error"]
    assert error["message"], error
    if code:
        assert error["code"] == code, error
    still_good(server)


@pytest.mark.parametrize("path,name", [("/api/v1/logs", n) for n in TAKEN_LOGS] + [("/api/v1/metrics", n) for n in TAKEN_METRICS])
def test_a_value_that_does_not_fit_is_told_and_refuses_only_a_strict_request(server, path, name):
    body, code = (TAKEN_LOGS if path.endswith("logs") else TAKEN_METRICS)[name]
    counted = f'penstock_ingest_warnings_total{{reason="{code}"}}'
    before = server.request("GET", "/metrics").text
    answer = server.request("POST", path, body=body)
    assert (answer.status, answer.json()["accepted"]) == (200, 1), answer
    warnings = answer.json()["warnings"]
    assert [warning["code"] for warning in warnings] == ([code] if code else []), answer
    assert all(warning["index"] == 0 and warning["field"] and warning["message"] for warning in warnings)
    strict = server.request("POST", path + "?strict=1", body=body)
    if code is None:
        assert strict.status == 200, strict
        return
    assert (strict.status, strict.json()["errors"][0]["code"], strict.json()["warnings"]) == (422, code, []), strict
    after = server.request("GET", "/metrics").text
    assert value_of(after, counted) == value_of(before, counted) + 1


def value_of(text, name):
    return next((float(line.rsplit(" ", 1)[1]) for line in text.splitlines() if line.startswith(name + " ")), 0.0)


@pytest.mark.parametrize("name", QUERIES)
def test_query_parameters(server, name):
    path, field = QUERIES[name]
    answer = server.request("GET", path)
    assert answer.status == 400, answer
    error = answer.json()["error"]
    assert error["message"] and error["code"] in ("invalid_request", "invalid_query", "invalid_timestamp", "invalid_severity"), error
    if field:
        assert error.get("field") == field, error
    still_good(server)


def test_good_records_of_a_bad_request_are_kept(server):
    lines = [json.dumps({"deployment": "mixed", "message": f"good {i}"}) for i in range(5)]
    lines.insert(2, "{broken")
    lines.insert(4, json.dumps({"deployment": "mixed", "message": "late", "timestamp": "1999-01-01T00:00:00Z"}))
    answer = server.request("POST", "/api/v1/logs", body="\n".join(lines))
    assert answer.status == 200, answer
    report = answer.json()
    assert (report["accepted"], report["rejected"]) == (5, 2)
    assert [(e["index"], e["code"]) for e in report["errors"]] == [(2, "invalid_json"), (4, "timestamp_too_old")]
    assert sorted(r["message"] for r in server.logs(deployment="mixed")) == [f"good {i}" for i in range(5)]


def test_bad_text_is_mended_not_refused(server):
    body = b'{"deployment": "mended", "message": "a\xff\xfeb\\u0000c \\ud800 d"}'
    assert server.request("POST", "/api/v1/logs", body=body).status == 200
    message = server.logs(deployment="mended")[0]["message"]
    assert message.startswith("a\ufffd\ufffdb\ufffdc") and message.endswith(" d")


def test_raw_control_characters_in_text_are_kept(server):
    records = [b'{"deployment": "raw", "message": "a\tb \x1b[1mc"}', b'{"deployment": "raw", "message": "d\te", "list": ["\x1b\t"]}']
    for body in (b"\n".join(records), b"[" + b",".join(records) + b"]", records[1]):
        answer = server.request("POST", "/api/v1/logs", body=body)
        assert answer.status == 200 and answer.json()["rejected"] == 0, answer
    assert server.request("POST", "/api/v1/logs", body=b'[{"deployment": "raw", "message": "f\ng"}]').status == 200
    messages = sorted(r["message"] for r in server.logs(deployment="raw"))
    assert messages == ["a\tb \x1b[1mc"] * 2 + ["d\te"] * 3 + ["f\ng"]


def test_a_bad_record_in_an_array_costs_only_itself(server):
    bodies = {
        b'[{"message":"a"},{"message":"b" "c"},{"message":"c"},{"message":"d"}]': (["a", "c", "d"], [1]),
        b'[{"message":"a"},{"message":Nan},x,{"message":"c","x":[1,2},{"message":"d"}]': (["a", "d"], [1, 2, 3]),
        b'[{"message":"a"},{"message":"b},{"message":"c"}]': (["a"], [1]),
    }
    for i, (body, (messages, rejected)) in enumerate(bodies.items()):
        deployment = f"array-{i}"
        answer = server.request("POST", "/api/v1/logs", body=body, headers={"X-Penstock-Deployment": deployment})
        assert answer.status == 200, answer
        report = answer.json()
        assert (report["accepted"], report["rejected"]) == (len(messages), len(rejected))
        assert [(e["index"], e["code"]) for e in report["errors"]] == [(index, "invalid_json") for index in rejected]
        assert sorted(r["message"] for r in server.logs(deployment=deployment)) == messages
    assert "was not read" in report["errors"][0]["message"]


def test_a_405_names_the_methods_allowed(server):
    answer = server.request("PUT", "/api/v1/logs", body=GOOD)
    assert {m.strip() for m in answer.headers["allow"].split(",")} >= {"GET", "HEAD", "POST", "DELETE"}


def test_a_body_that_repeats_itself_is_no_bomb(server):
    line = b'{"deployment": "repeats", "message": "the same line again and again and again"}\n'
    body = line * (2_000_000 // len(line))
    answer = server.request("POST", "/api/v1/logs", body=gzip.compress(body, 9), headers={"Content-Encoding": "gzip"})
    assert answer.status == 200 and answer.json()["accepted"] == body.count(b"\n"), answer


def test_a_head_request_to_e_stores_nothing(server):
    for method, status in (("HEAD", 204), ("GET", 204), ("POST", 204)):
        assert server.request(method, f"/e?deployment=beacon&by={method}").status == status
    assert sorted(r["fields"]["by"] for r in server.logs(deployment="beacon")) == ["GET", "POST"]
