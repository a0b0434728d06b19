"""What a query means, over the whole way: text of every kind, from ingest into the journal and the store to the answers."""

import json
import pathlib
import socket
import urllib.parse

import pytest

from harness import Server, TOKEN, wait_until

TEXTS = {
    "quotes": "“error” was told—twice…",
    "case": "ÄRGER in der STRASSE",
    "composed": "cafe\u0301 closed",
    "han": "データベース接続エラー",
    "hangul": "오류가 발생했습니다",
    "colour": "\x1b[31mFAILURE\x1b[0m: disk full",
    "colon": "panic at UserService.java:42",
    "address": "dial tcp localhost:8080: refused",
    "mail": "sent to bob@example.com",
    "plain": "nothing of note",
}
ASKED = {
    "error": "quotes", "TWICE": "quotes", "ärger": "case", "straße": "case", "CAFÉ": "composed", "接続": "han", "エラー": "han", "류": "hangul",
    "failure": "colour", '"failure: disk"': "colour", "UserService.java:42": "colon", "localhost:8080": "address", "@*.com": "mail", "bob@*.com": "mail",
}


def names_found(server, deployment, q):
    return sorted(r["fields"]["name"] for r in server.logs(deployment=deployment, q=q, limit=100))


@pytest.fixture(scope="module")
def filled(server):
    sent = server.send([{"deployment": "texts", "message": text, "fields": {"name": name, "Id": 1000.0, "tags": ["Red", f"of {name}", [7]]}}
                        for name, text in TEXTS.items()])
    assert sent.status == 200, sent
    return server


@pytest.mark.parametrize("where", ["journal", "store"])
def test_every_text_is_found_by_its_words_in_the_journal_and_in_the_store(filled, where):
    if where == "store":
        filled.wait_stored()
    for q, name in ASKED.items():
        assert names_found(filled, "texts", q) == [name], (where, q)
    for q in ["31mFAILURE", "rger", "UserService.java:4", "refuse"]:
        assert names_found(filled, "texts", q) == [], (where, q)
    everything = sorted(TEXTS)
    for q in ["id:1000", "ID:>999", "1000", "tags:red", "tags:7", "TAGS:>6", '-tags:"blue"']:
        assert names_found(filled, "texts", q) == everything, (where, q)
    assert names_found(filled, "texts", 'tags:"of han"') == ["han"]


def test_facets_count_the_elements_of_arrays(filled):
    facets = filled.get("/api/v1/logs/facets", deployment="texts", field="tags", limit=50).json()
    counts = {value["value"]: value["count"] for value in facets["values"]}
    assert counts["Red"] == counts["7"] == len(TEXTS)
    assert counts["of han"] == 1
    assert facets["missing"] == 0


def test_text_of_another_language_is_refused_with_the_form_that_works(filled):
    for q, hint in {"status!=500": "-status:value", '{app="x"} |= "boom"': "name:value", "error | count": "histogram", "a or b": "OR", "not x": "NOT",
                    "(?i)x": "/i", "status:[500 TO 599]": "status:(>=500 <=599)", "status in (1,2)": "(a OR b)"}.items():
        for path in ["/api/v1/logs", "/api/v1/logs/histogram", "/api/v1/logs/tail", "/api/v1/logs/facets?field=x", "/api/v1/logs?format=ndjson"]:
            answer = filled.request("GET", path + ("&" if "?" in path else "?") + urllib.parse.urlencode({"q": q}))
            assert answer.status == 400, (path, q, answer)
            error = answer.json()["error"]
            assert error["code"] == "invalid_query" and error["field"] == "q" and hint in error["message"], (q, error)


def test_nul_and_invalid_utf8_in_parameters_and_paths_are_400(server):
    for target in ["/api/v1/logs?q=a%00b", "/api/v1/logs?q=%ff", "/api/v1/logs?deployment=%c3%28", "/api/v1/logs?field.%ff=x", "/api/v1/logs/histogram?source=%ed%a0%80",
                   "/api/v1/logs/facets?field=%ff", "/api/v1/logs/context?id=%ff", "/api/v1/metrics/series?name=%ff", "/api/v1/metrics?deployment=a%00", "/logs/%ff", "/logs/a%00b",
                   "/api/v1/logs/tail?q=%fe"]:
        answer = server.request("GET", target)
        assert answer.status == 400, (target, answer)
        answer.body.decode("utf-8")
    for target in ["/api/v1/logs?deployment=%ff&from=0", "/logs/%ff"]:
        assert server.request("DELETE", target).status == 400, target


def test_answers_are_valid_utf8_whatever_was_sent(server):
    sent = server.request("GET", "/e?deployment=bytes&message=x%ff%c3%28y&a%ff=%fe%00z", token=TOKEN)
    assert sent.status in (200, 204), sent
    for path in ["/api/v1/logs?deployment=bytes", "/api/v1/logs?deployment=bytes&format=ndjson", "/api/v1/logs?deployment=bytes&format=csv", "/logs/bytes",
                 "/api/v1/logs/facets?deployment=bytes&field=message", "/api/v1/logs/fields?deployment=bytes"]:
        answer = server.request("GET", path)
        assert answer.status == 200, (path, answer)
        text = answer.body.decode("utf-8")
        if "ndjson" in path:
            assert "x" in json.loads(text.splitlines()[0])["message"]
        elif path.startswith("/api") and "csv" not in path:
            json.loads(text)
        assert "x" in text or "fields" in path


def test_plain_lines_have_no_colours(filled):
    text = filled.request("GET", "/logs/texts?log_lines=100").body.decode()
    assert "FAILURE: disk full" in text and "\x1b" not in text


def heavy_query():
    """Expressions that cost much to compile: each a different one, so that nothing remembers them."""
    heavy = [f"/(?i)\\pL{{1,6}}q{i}/" for i in range(31)]
    return urllib.parse.urlencode({"q": " OR ".join(heavy), "from": "now-1m"})


def cpu_seconds(server, *threads):
    """What the server's threads of these names have used; without names: all of them."""
    used = 0
    for task in pathlib.Path(f"/proc/{server.process.pid}/task").iterdir():
        if not threads or (task / "comm").read_text().strip() in threads:
            used += int((task / "schedstat").read_text().split()[0])
    return used / 1e9


def test_queries_that_are_hard_to_read_are_not_read_where_connections_are_served():
    """Counted in CPU time, so that a busy machine changes nothing: what an io thread reads holds up everybody's requests."""
    with Server(options=["--http.threads", "1"]) as server:
        query = heavy_query()
        targets = [f"/api/v1/logs?{query}", f"/api/v1/logs/histogram?{query}", f"/api/v1/logs/tail?{query}", f"/api/v1/logs?{query}&format=ndjson",
                   f"/api/v1/logs/facets?field=x&{query}"]
        before = cpu_seconds(server)
        assert server.request("GET", targets[0]).status == 200
        cost = cpu_seconds(server) - before
        assert cost > 0.02, f"this query costs too little to tell anything: {cost}"
        before = cpu_seconds(server, "http-0")
        crowd = []
        for target in targets * 3:
            client = socket.create_connection(("127.0.0.1", server.port))
            client.sendall(f"GET {target} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\n\r\n".encode())
            crowd.append(client)
        assert server.request("GET", "/health", token=None).status == 200
        for client in crowd:
            client.settimeout(120)
            assert client.recv(12).startswith(b"HTTP/1.1"), "every one is answered"
        for client in crowd:
            client.close()
        served = cpu_seconds(server, "http-0") - before
        assert served < 2 * cost, f"fifteen queries of {cost} s of CPU each took {served} s of the io thread"