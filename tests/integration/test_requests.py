"""What single requests of api.md promise, asked of a running server."""

import time
import uuid

import pytest

from harness import Server, wait_until


@pytest.fixture
def deployment():
    return "d" + uuid.uuid4().hex[:12]


def put(server, deployment, *messages, path="/api/v1/logs", headers=None):
    return server.send([{"deployment": deployment, "message": message} for message in messages], path, headers=headers)


def messages_of(server, deployment):
    return sorted(record["message"] for record in server.all_logs(deployment=deployment))


def test_plain_lines_come_oldest_first_and_204_when_there_are_none(server, deployment):
    assert server.get(f"/logs/{deployment}").status == 204
    for message in ("first", "second\nline", "third"):
        assert put(server, deployment, message).status == 200
    answer = server.get(f"/logs/{deployment}", log_lines=2)
    assert answer.status == 200
    assert [line.split(": ", 1)[1] for line in answer.text.splitlines()] == ["second line", "third"]
    for usual in ("abc", "", "-5", "0", "2.5", "99999999999999999999"):
        assert len(server.get(f"/logs/{deployment}/", log_lines=usual).text.splitlines()) == 3, usual
    assert server.request("DELETE", f"/logs/{deployment}/").json()["deleted"] == 3
    assert server.request("DELETE", f"/logs/{deployment}").status == 200, "there was nothing to delete"
    assert server.get(f"/logs/{deployment}").status == 204


@pytest.mark.parametrize("parameter", ["limit=1", "order=asc", "cursor=x"])
def test_deleting_a_page_is_refused_and_deletes_nothing(server, deployment, parameter):
    put(server, deployment, "a", "b")
    answer = server.request("DELETE", f"/api/v1/logs?deployment={deployment}&{parameter}")
    assert (answer.status, answer.json()["error"]["field"]) == (400, parameter.split("=")[0])
    assert messages_of(server, deployment) == ["a", "b"]
    assert server.request("DELETE", f"/api/v1/logs?deployment={deployment}").json()["deleted"] == 2


def test_a_queued_request_with_a_key_is_stored_once_however_soon_it_comes_again(server, deployment):
    for _ in range(20):
        key = {"Idempotency-Key": uuid.uuid4().hex}
        answers = [put(server, deployment, "once", path="/api/v1/logs?ack=queued", headers=key).status for _ in range(4)]
        # 503: it came again before the first was on disk, and is asked to wait.
        assert answers[0] == 202 and set(answers) <= {200, 202, 503}, answers
    put(server, deployment, "the last")  # durable, and all before it with it
    assert messages_of(server, deployment) == ["once"] * 20 + ["the last"]


@pytest.mark.parametrize("other", [{"headers": {"X-Penstock-Deployment": "elsewhere"}}, {"path": "/api/v1/logs?message_field=text"}])
def test_a_key_that_comes_again_with_another_meaning_is_a_conflict(server, deployment, other):
    key = {"Idempotency-Key": uuid.uuid4().hex, "X-Penstock-Deployment": deployment}
    body = {"message": "m", "text": "t"}
    assert server.request("POST", "/api/v1/logs", body, key).status == 200
    again = server.request("POST", "/api/v1/logs", body, key)
    assert (again.status, again.json()["accepted"]) == (200, 1)
    changed = server.request("POST", other.get("path", "/api/v1/logs"), body, {**key, **other.get("headers", {})})
    assert (changed.status, changed.json()["error"]["code"]) == (409, "conflict")
    assert messages_of(server, deployment) == ["m"]


def test_a_message_takes_no_parameters_and_names_what_it_refuses(server, deployment):
    good = {"message": "m", "deployment": deployment}
    for parameter in ("debug=1", "ack=queued", "bogus=1"):
        assert server.request("POST", f"/message/send?{parameter}", good).status == 400
    assert messages_of(server, deployment) == []
    assert server.request("POST", "/message/send", good).json() == {"status": "stored"}
    partly = server.request("POST", "/message/send", [good, {}])
    assert partly.status == 200
    assert (partly.json()["status"], partly.json()["rejected"], partly.json()["errors"][0]["index"]) == ("stored", 1, 1)


def test_a_filter_given_empty_is_refused_and_deletes_nothing(server):
    """`deployment=$UNSET` must not mean every deployment."""
    for name in ("empty-a", "empty-b"):
        server.send([{"message": "tagx", "deployment": name, "source": name, "fields": {"user": ""}}])
    for parameters in ("deployment=&q=tagx", "q=tagx&source=", "q=&deployment=empty-a", "q=%20&deployment=empty-a", "severity=&q=tagx", "field.user=&q=tagx",
                       "deployment=empty-a&deployment=&q=tagx", "from=&q=tagx", "to=&q=tagx"):
        for method, path in (("DELETE", "/api/v1/logs"), ("GET", "/api/v1/logs"), ("GET", "/api/v1/logs/histogram"), ("GET", "/api/v1/logs/facets"),
                             ("GET", "/api/v1/logs/fields"), ("GET", "/api/v1/logs/tail")):
            if path.endswith("tail") and ("from" in parameters or "to=" in parameters):
                continue  # refused there in any case
            extra = "&field=source" if path.endswith("facets") else ""
            answer = server.request(method, f"{path}?{parameters}{extra}")
            assert answer.status == 400, (method, path, parameters, answer)
            assert "empty" in answer.json()["error"]["message"], (parameters, answer)
    for path in ("/api/v1/logs/context?id=1&deployment=", "/api/v1/metrics?deployment=", "/api/v1/metrics/series?name=",
                 "/api/v1/metrics/query?name=a&deployment=", "/api/v1/metrics/query?name=", "/api/v1/metrics/latest?names=", "/api/v1/metrics/latest?names=a&label.x="):
        assert server.request("GET", path).status == 400, path
    assert server.request("DELETE", "/logs/").status in (404, 405)
    assert [len(server.logs(deployment=name)) for name in ("empty-a", "empty-b")] == [1, 1]
    assert len(server.logs(q='user:=""', deployment="empty-a")) == 1, "an empty value can be asked for"


def test_a_delete_without_a_beginning_reaches_back_to_the_beginning(server, deployment):
    hour = 3600
    server.send([{"deployment": deployment, "message": "old", "timestamp": time.time() - 40 * hour}, {"deployment": deployment, "message": "ahead", "timestamp": time.time() + 500},
                 {"deployment": deployment, "message": "now"}])
    assert server.request("DELETE", f"/api/v1/logs?deployment={deployment}").json()["deleted"] == 3


def test_csv_guards_formulas_but_not_numbers_and_raw_guards_nothing(server, deployment):
    put(server, deployment, "-5", "=1+1")
    cells = lambda **more: sorted(line.split(",")[5] for line in server.get("/api/v1/logs", deployment=deployment, format="csv", **more).text.splitlines()[1:])
    assert cells() == ["\"'=1+1\"", "-5"]
    assert cells(raw=1) == ["-5", "=1+1"]
    assert server.get("/api/v1/logs", deployment=deployment, raw=1).status == 400


def test_ends_of_ranges_are_taken_as_people_write_them(server, deployment):
    put(server, deployment, "here")
    today = time.strftime("%Y-%m-%d", time.gmtime(time.time() - 60))
    for start in ("now-1M", "now-1.5h", "now-1d/d", "0001-01-01", "now-3000y", "-99999999999999999999", today):
        assert len(server.logs(deployment=deployment, **{"from": start, "to": "9999-12-31T23:59:59Z"})) == 1, start


def test_a_page_can_read_why_its_event_was_refused():
    origin = {"Origin": "https://shop.example"}
    with Server(options=["--http.event_origins", "https://shop.example"]) as server:
        answers = {
            204: server.request("GET", "/e?a=1", headers=origin),
            401: server.request("GET", "/e?a=1", headers=origin, token=None),
            413: server.request("POST", "/e", body=b"a=" + b"x" * 300_000, headers=origin),
            415: server.request("POST", "/e", body=b"a=1", headers={**origin, "Content-Encoding": "br"}),
        }
        for status, answer in answers.items():
            assert answer.status == status, answer
            assert answer.headers.get("access-control-allow-origin") == "https://shop.example", (status, answer.headers)
        foreign = server.request("GET", "/e?a=1", headers={"Origin": "https://other.example"}, token=None)
        assert "access-control-allow-origin" not in foreign.headers


def test_days_and_weeks_begin_as_the_callers_clock_shows_it(server, deployment):
    put(server, deployment, "here")
    for path in (f"/api/v1/logs/histogram?deployment={deployment}&from=now-3d&step=1d&tz=%2B02:00",):
        buckets = server.request("GET", path).json()["buckets"]
        assert buckets and all("T22:00:00" in bucket["time"] for bucket in buckets), buckets
    bad = server.request("GET", "/api/v1/logs/histogram?tz=Mars").json()["error"]
    assert (bad["field"], "+02:00" in bad["message"]) == ("tz", True)


def test_deployments_are_listed_at_once_and_with_what_is_stored_of_each(server):
    names = [f"listed-{index:03}" for index in range(500)]
    server.send([{"deployment": name, "message": "here"} for name in names])
    listed = server.get("/api/v1/deployments").json()
    assert listed["all"] and set(names) <= {one["name"] for one in listed["deployments"]}, "before they are stored"
    server.send([{"deployment": "listed-metrics", "source": "a", "metrics": {"cpu.usage": 1}}], path="/api/v1/metrics")
    server.wait_stored()

    def counted():
        found = {one["name"]: one for one in server.get("/api/v1/deployments").json()["deployments"]}
        return found if "listed-metrics" in found and found["listed-metrics"]["metrics"]["records"] == 1 else None

    found = wait_until(counted, what="the store's count")
    assert set(names) <= set(found)
    assert found["listed-499"]["logs"]["records"] == 1
    assert found["listed-000"]["logs"]["bytes"] > 0 and found["listed-000"]["metrics"]["records"] == 0
    assert found["listed-000"]["logs"]["first"] <= found["listed-000"]["logs"]["last"]
    assert found["listed-000"]["logs"]["keep_s"] >= 0
