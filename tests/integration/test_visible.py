"""What was answered 200 is in the next query's answer, whatever Postgres does."""

import hashlib
import json
import os
import pathlib
import signal
import time

from harness import Server, wait_until


def ingest_and_find(server, deployment, count):
    for i in range(count):
        sent = server.send([{"deployment": deployment, "message": f"order {i} shipped", "fields": {"n": i}}])
        assert sent.status == 200, sent
        assert sent.json()["accepted"] == 1
        found = server.logs(deployment=deployment, **{"field.n": i})
        assert [r["fields"]["n"] for r in found] == [i], (i, found)


def test_a_record_answered_200_is_in_the_next_answer_always(fresh):
    ingest_and_find(fresh, "visible", 1000)
    fresh.wait_stored()
    assert len(fresh.all_logs(deployment="visible")) == 1000


def test_and_with_postgres_stopped(fresh):
    ingest_and_find(fresh, "before", 5)
    fresh.wait_stored()
    pid = fresh.postgres_pid()
    os.kill(pid, signal.SIGSTOP)  # its children keep their sockets open and answer nobody
    children = [int(p) for p in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    for child in children:
        os.kill(child, signal.SIGSTOP)
    try:
        ingest_and_find(fresh, "visible", 200)
    finally:
        for process in [*children, pid]:
            os.kill(process, signal.SIGCONT)
    fresh.wait_stored()
    assert len(fresh.all_logs(deployment="visible")) == 200
    assert len(fresh.all_logs(deployment="before")) == 5


def test_with_postgres_killed_answers_are_partial_and_ingest_goes_on(fresh):
    fresh.send([{"deployment": "old", "message": "before the fall"}])
    fresh.wait_stored()
    pid = fresh.postgres_pid()
    os.kill(pid, signal.SIGKILL)
    for i in range(50):
        started = time.monotonic()
        answer = fresh.send([{"deployment": "new", "message": f"during {i}"}])
        assert answer.status == 200, answer
        assert time.monotonic() - started < 5
        assert any(r["message"] == f"during {i}" for r in fresh.logs(deployment="new", limit=1000))
    wait_until(lambda: fresh.get("/api/v1/logs", deployment="old").json()["stats"]["partial"] is False, 60,
               "the private Postgres to be back")
    fresh.wait_stored()
    assert len(fresh.all_logs(deployment="new")) == 50
    assert len(fresh.all_logs(deployment="old")) == 1


def test_samples_are_visible_at_once(server):
    for i in range(100):
        sent = server.send([{"deployment": "m", "source": "pi", "metrics": {"room.temperature": i}}], path="/api/v1/metrics")
        assert sent.status == 200, sent
        latest = server.get("/api/v1/metrics/latest", names="room.temperature", n=1, deployment="m").json()
        assert latest["metrics"]["room.temperature"][0]["points"][-1][1] == i


def test_samples_of_one_time_keep_the_order_they_came_in_before_and_after_they_are_stored(fresh):
    at = int(time.time()) - 5
    for value in (10, 30, 20):
        assert fresh.send([{"deployment": "m", "source": "pi", "timestamp": at, "metrics": {"t": value}}], path="/api/v1/metrics").status == 200

    def values(n):
        answer = fresh.get("/api/v1/metrics/latest", names="t,t", n=n).json()
        return [value for _, value in answer["metrics"]["t"][0]["points"]]

    def last():
        answer = fresh.get("/api/v1/metrics/query", name="t", agg="last", step="1h").json()
        return [value for _, value in answer["series"][0]["points"] if value is not None]

    for _ in range(2):
        assert values(25) == [10, 30, 20]
        assert values(1) == last() == [20]
        fresh.wait_stored()


def test_samples_from_a_clock_ahead_and_of_days_ago_can_be_asked_for(server):
    now = int(time.time())
    points = [{"deployment": "ahead", "source": "pi", "timestamp": now + 300, "metrics": {"early": 7}},
              {"deployment": "ahead", "source": "pi", "timestamp": now - 3 * 86400, "metrics": {"late": 8}}]
    assert server.send(points, path="/api/v1/metrics").status == 200
    series = server.get("/api/v1/metrics/query", name="early", deployment="ahead").json()["series"]
    assert series[0]["points"][-1][1] == 7
    assert sum(value is not None for _, value in series[0]["points"]) == 1
    assert server.get("/api/v1/metrics/latest", names="late", deployment="ahead").json()["metrics"]["late"] == []
    found = server.get("/api/v1/metrics/latest", names="late", deployment="ahead", **{"from": "now-7d"}).json()
    assert found["metrics"]["late"][0]["points"][0][1] == 8
    assert found["from"].endswith("Z")


def test_a_field_called_like_a_part_of_the_record_is_told_apart(fresh):
    fresh.send([{"deployment": "inner", "source": "outer", "message": "m", "fields": {"source": "inner", "severity": "inner-sev"}}])
    for _ in range(2):
        assert len(fresh.logs(deployment="inner", **{"field.source": "inner", "field.severity": "inner-sev"})) == 1
        assert len(fresh.logs(deployment="inner", **{"field.source": "outer"})) == 0
        assert len(fresh.logs(deployment="inner", q="fields.source:inner source:outer")) == 1
        names = [f["name"] for f in fresh.get("/api/v1/logs/fields", deployment="inner").json()["fields"]]
        assert names == ["source", "severity", "deployment", "fields.severity", "fields.source"]
        facet = fresh.get("/api/v1/logs/facets", deployment="inner", field="fields.source").json()
        assert [(v["value"], v["count"]) for v in facet["values"]] == [("inner", 1)]
        fresh.wait_stored()


def test_times_with_a_bare_plus_and_streams_of_any_limit_are_taken(server):
    server.send([{"deployment": "plus", "message": "m"}])
    head = {"Authorization": f"Bearer {server.token}"}
    for target in ("from=now-1h&to=now+5m", "from=2026-01-01T06:16:09+01:00", "limit=20000&format=ndjson", "limit=20000&format=csv"):
        connection = server.connect()
        connection.request("GET", f"/api/v1/logs?deployment=plus&{target}", headers=head)
        response = connection.getresponse()
        assert response.status == 200, (target, response.read())
        connection.close()
    assert server.get("/api/v1/logs", limit=20000).status == 400


def test_order_cursor_and_streams_agree(server):
    now = int(time.time() * 1000)
    records = [{"deployment": "paged", "timestamp": now - i * 7,
                "message": f"line {i}", "severity": ["INFO", "WARN", "ERROR"][i % 3]} for i in range(2500)]
    assert server.send(records).json()["accepted"] == 2500
    seen, cursor = [], None
    while True:
        page = server.get("/api/v1/logs", deployment="paged", limit=400, cursor=cursor, **{"from": "now-1d"}).json()
        seen += [r["message"] for r in page["records"]]
        cursor = page["cursor"]
        if cursor is None:
            break
    assert seen == [f"line {i}" for i in range(2500)]
    streamed = [r["message"] for r in server.all_logs(deployment="paged", order="asc")]
    assert streamed == seen[::-1]
    csv = server.get("/api/v1/logs", deployment="paged", format="csv", severity="ERROR", **{"from": "now-1d"}).text.splitlines()
    assert len(csv) == 1 + 833
    histogram = server.get("/api/v1/logs/histogram", deployment="paged", step="1m", **{"from": "now-1d"}).json()
    assert sum(bucket["total"] for bucket in histogram["buckets"]) == 2500


def test_the_q_language_selects(server):
    lines = ["card declined for order 8841", "card accepted for order 8842", "timeout talking to bank"]
    server.send([{"deployment": "q", "source": "till", "message": m, "fields": {"ms": 10 * i}} for i, m in enumerate(lines)])

    def find(q):
        return sorted(lines.index(r["message"]) for r in server.logs(deployment="q", q=q))

    assert find("card") == [0, 1]
    assert find("card -declined") == [1]
    assert find('"order 8841"') == [0]
    assert find("declined OR timeout") == [0, 2]
    assert find("/order 88\\d2/") == [1]
    assert find("source:till (bank OR accepted)") == [1, 2]
    assert find("ms:>5") == [1, 2]
    assert find("ms:(>5 <20)") == [1]
    assert find("severity:(>=info)") == [0, 1, 2]
    bad = server.get("/api/v1/logs", q="(card")
    assert bad.status == 400 and bad.json()["error"]["code"] == "invalid_query"


def test_live_tail_shows_what_matches(server):
    connection = server.connect()
    connection.request("GET", "/api/v1/logs/tail?deployment=tail&q=boiling", headers={"Authorization": f"Bearer {server.token}"})
    response = connection.getresponse()
    assert response.status == 200 and response.getheader("content-type").startswith("text/event-stream")
    server.send([{"deployment": "tail", "message": "kettle cold"}, {"deployment": "tail", "message": "kettle boiling"},
                 {"deployment": "other", "message": "also boiling"}])
    event = b""
    while b"data:" not in event:
        event = response.readline()
    assert json.loads(event.split(b":", 1)[1])["message"] == "kettle boiling"
    connection.close()


def test_deleted_logs_are_gone_from_answers_at_once_and_stay_gone(fresh):
    fresh.send([{"deployment": "d", "message": "keep me"}, {"deployment": "d", "message": "secret 1"}])
    fresh.wait_stored()
    fresh.send([{"deployment": "d", "message": "secret 2"}])
    deleted = fresh.request("DELETE", "/api/v1/logs?deployment=d&q=secret&from=now-1h&to=now%2B1h")
    assert deleted.status == 200 and deleted.json()["deleted"] == 2, deleted
    assert [r["message"] for r in fresh.logs(deployment="d")] == ["keep me"]
    fresh.send([{"deployment": "d", "message": "secret 3"}])
    assert sorted(r["message"] for r in fresh.logs(deployment="d")) == ["keep me", "secret 3"]
    fresh.stop()
    fresh.start()
    fresh.wait_stored()
    assert sorted(r["message"] for r in fresh.logs(deployment="d")) == ["keep me", "secret 3"]


def test_of_a_backlog_only_what_the_question_asks_for_is_read():
    """Postgres was never there: everything is in the journal, of this run and of an earlier one."""
    options = ["--database.url", "postgresql://127.0.0.1:1/nowhere", "--journal.segment", "2MiB"]
    with Server(options=options).start(wait_ready=False) as server:
        begin = time.time() - 3600
        for minute in range(50):
            records = [{"deployment": "backlog", "timestamp": begin + minute * 60 + i / 100, "message": f"order {i}",
                        "fields": {"minute": minute, "digest": hashlib.sha256(f"{minute} {i}".encode()).hexdigest()}} for i in range(1000)]
            assert server.send(records).status == 200

        def look():
            answer = server.get("/api/v1/logs", deployment="backlog", limit=100).json()
            assert [r["fields"]["minute"] for r in answer["records"]] == [49] * 100
            assert answer["stats"]["partial"] and answer["stats"]["records_scanned"] <= 5000, answer["stats"]
            answer = server.get("/api/v1/logs/histogram", deployment="backlog", step="1m",
                                **{"from": begin + 20 * 60, "to": begin + 22 * 60}).json()
            assert answer["stats"]["records_scanned"] <= 5000, answer["stats"]
            assert len(server.all_logs(deployment="backlog")) == 50_000

        look()
        server.kill()
        server.start(wait_ready=False)
        look()
