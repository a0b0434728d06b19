"""What popular senders send is taken as it comes: asked of a running server."""

import json
import uuid

import pytest

A, B = '{"message": "a"}', '{"message": "b"}'


@pytest.fixture
def deployment():
    return "d" + uuid.uuid4().hex[:12]


def post(server, deployment, body, content_type="application/json", path="/api/v1/logs", **headers):
    return server.request("POST", path, body, {"X-Penstock-Deployment": deployment, "Content-Type": content_type, **headers})


def messages_of(server, deployment):
    return sorted(record["message"] for record in server.all_logs(deployment=deployment))


BODIES = {
    "line ends stripped by curl -d": (A + B).encode(),
    "commas": (A + ",\n" + B + ",").encode(),
    "RS": ("\x1e" + A + "\n\x1e" + B + "\n").encode(),
    "NUL": (A + "\0" + B + "\0").encode(),
    "marks of two files": ("\ufeff" + A + "\n\ufeff" + B).encode(),
    "UTF-16 of PowerShell": ("\ufeff" + A + "\r\n" + B).encode("utf-16-le"),
    "UTF-16, big end first": ("\ufeff[" + A + "," + B + "]").encode("utf-16-be"),
    "an array": f"[{A},{B}]".encode(),
}


@pytest.mark.parametrize("name", BODIES)
def test_a_body_tells_its_form_itself(server, deployment, name):
    answer = post(server, deployment, BODIES[name], "application/octet-stream")
    assert (answer.status, answer.json()["accepted"], answer.json()["rejected"]) == (200, 2, 0), answer
    assert messages_of(server, deployment) == ["a", "b"]


@pytest.mark.parametrize("content_type", ["application/json", "application/vnd.kafka.json.v2+json", "application/cloudevents+json; charset=utf-8", "text/json",
                                          "application/jsonlines", "application/x-jsonlines", "application/jsonl", "application/x-ndjson", "application/json-seq",
                                          "application/json-lines", "text/plain", "*/*", "application/octet-stream", "binary/octet-stream", ""])
def test_content_types_of_json_are_taken(server, deployment, content_type):
    assert post(server, deployment, A + "\n" + B, content_type).status == 200
    assert messages_of(server, deployment) == ["a", "b"]


def test_a_charset_that_is_told_is_honoured(server, deployment):
    assert post(server, deployment, '{"message": "café €"}'.encode("cp1252"), "text/plain; charset=ISO-8859-1").status == 200
    assert messages_of(server, deployment) == ["café €"]


def test_a_line_break_in_the_text_of_a_single_object_is_kept(server, deployment):
    assert post(server, deployment, '{"message": "first\nsecond"}').status == 200
    assert messages_of(server, deployment) == ["first\nsecond"]


def test_bytes_that_are_no_text_are_repaired_wherever_they_come_from(server, deployment):
    assert server.request("GET", f"/e?deployment={deployment}&a=%ff&%c3=1&message=m%e2").status == 204
    assert server.request("POST", "/e", b"a=%ff&message=n%e2", {"X-Penstock-Deployment": deployment}).status == 204
    sent = b'{"message": "o\xff", "source": "\xfe"}'
    assert server.request("POST", "/message/send", sent, {"X-Penstock-Deployment": deployment}).status == 200
    answer = server.get("/api/v1/logs", deployment=deployment)
    records = json.loads(answer.body.decode("utf-8"))["records"]
    assert sorted(record["message"] for record in records) == ["m\ufffd", "n\ufffd", "o\ufffd"]
    assert {record["fields"].get("a") for record in records} == {"\ufffd", None}


def test_a_deployment_that_no_path_can_name_is_refused_or_set_aside(server, deployment):
    for name in (".", ".."):
        refused = post(server, name, A)
        assert (refused.status, refused.json()["errors"][0]["code"]) == (422, "invalid_name"), refused
        taken = post(server, deployment, json.dumps({"message": name, "deployment": name}))
        assert [warning["field"] for warning in taken.json()["warnings"]] == ["deployment"], taken
    assert messages_of(server, deployment) == [".", ".."]


def test_a_request_that_only_asks_what_would_be_stored_counts_nothing(server, deployment):
    def counted():
        return [line for line in server.request("GET", "/metrics").text.splitlines() if line.startswith("penstock_ingest_")]

    body = json.dumps([{"message": "a", "timestamp": "noon"}, {}, 7, {"message": "old", "timestamp": "1999-01-01T00:00:00Z"}])
    post(server, deployment, body)  # so that the counters are there
    before = counted()
    shown = post(server, deployment, body, path="/api/v1/logs?debug=1").json()
    assert (shown["accepted"], shown["rejected"], len(shown["warnings"])) == (1, 3, 1), shown
    points = json.dumps({"metrics": {"a": 1, "b": "x"}})
    assert post(server, deployment, points, path="/api/v1/metrics?debug=1").json()["warnings"]
    assert counted() == before


def test_the_answer_to_a_message_tells_what_was_set_aside(server, deployment):
    answer = post(server, deployment, json.dumps({"message": "a", "severity": "loud"}), path="/message/send").json()
    assert (answer["status"], answer["warnings"][0]["field"]) == ("stored", "severity")
    assert server.logs(deployment=deployment)[0]["fields"] == {"severity": "loud"}


def test_a_key_gives_the_first_answer_again_with_its_warnings(server, deployment):
    key = {"Idempotency-Key": uuid.uuid4().hex}
    first = post(server, deployment, json.dumps({"message": "a", "severity": "loud"}), **key)
    again = post(server, deployment, json.dumps({"message": "a", "severity": "loud"}), **key)
    assert first.json()["warnings"] and again.json() == first.json()
    assert messages_of(server, deployment) == ["a"]
