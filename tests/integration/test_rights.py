"""Rights on the running server: every route it serves, for those who may, those who may not, and strangers. (Every kind of principal: tests/unit/api/access_test.cpp.)"""

import http.client
import re
import time

import pytest

from harness import Server

AGENT_TOKEN = "an-agents-token-for-the-tests"


@pytest.fixture(scope="module")
def guarded():
    with Server(options=["--auth.agent_token", AGENT_TOKEN]) as running:
        running.send([{"deployment": "shop", "source": "web-1", "message": "seen"}])
        yield running


def requests_of(server):
    """Each route as a request, which does no harm and ends."""
    routes = server.get("/api/v1/routes").json()["routes"]
    assert len(routes) > 25
    for route in routes:
        yield route, re.sub(r"\{[^}]+\}", "shop", route["path"])


def status(server, route, path, token):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    connection.request(route["method"], path, body="" if route["method"] in ("POST", "PUT", "PATCH") else None, headers=headers)
    answer = connection.getresponse()  # of a stream only the head is waited for
    connection.close()
    return answer.status


def test_strangers_are_told_to_give_a_token_on_every_route_that_is_not_open(guarded):
    for route, path in requests_of(guarded):
        for token in (None, "nobodys-token-at-all"):
            told = status(guarded, route, path, token)
            assert (told == 401) == (route["right"] != "open"), (route, told)


def test_an_agents_token_sends_and_does_nothing_else(guarded):
    for route, path in requests_of(guarded):
        allowed = route["right"] in ("open", "known", "ingest:logs", "ingest:metrics")
        told = status(guarded, route, path, AGENT_TOKEN)
        assert (told == 403) == (not allowed) and told != 401, (route, told)


def test_the_bootstrap_token_may_do_everything(guarded):
    for route, path in requests_of(guarded):
        if route["method"] == "DELETE":
            continue
        told = status(guarded, route, path, guarded.token)
        assert told not in (401, 403), (route, told)


def test_a_refusal_names_the_right_and_not_what_is_there(guarded):
    there = guarded.request("GET", "/api/v1/logs?deployment=shop", token=AGENT_TOKEN)
    not_there = guarded.request("GET", "/api/v1/logs?deployment=none", token=AGENT_TOKEN)
    assert (there.status, not_there.status) == (403, 403)
    assert "logs:read" in there.json()["error"]["message"]
    assert there.json() == not_there.json()


def test_a_live_tail_ends_within_moments_of_its_tokens_end():
    with Server(token=None) as server:
        token = next(word for line in server.output().splitlines() if line.startswith("  pst_") for word in line.split())
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
        connection.request("GET", "/api/v1/logs/tail", headers={"Authorization": f"Bearer {token}"})
        answer = connection.getresponse()
        assert answer.status == 200 and answer.readline()
        (server.data_dir / "admin-token.sha256").unlink()
        revoked = time.monotonic()
        try:
            answer.read()
        except http.client.IncompleteRead:
            pass
        assert time.monotonic() - revoked < 10, "a second for it, the rest for a slow machine"
        assert server.request("GET", "/api/v1/logs", token=token).status == 401
        connection.close()


# --- tokens that somebody made, over the API --------------------------------------------------------------------------

RIGHTS = ["deployment:read", "metrics:read", "logs:read", "logs:delete", "custom_metrics:read", "ingest:logs", "ingest:metrics", "admin", "audit:read"]


def made(server, **wish):
    answer = server.request("POST", "/api/v1/tokens", {"name": "of a test", **wish})
    assert answer.status == 201, answer
    return answer.json()["token"]


@pytest.mark.parametrize("right", RIGHTS)
def test_a_token_with_one_right_in_one_deployment_may_do_that_there_and_nothing_else(guarded, right):
    of_instance = right in ("admin", "audit:read")
    token = made(guarded, deployment="*" if of_instance else "shop", rights=[right])
    for route, path in requests_of(guarded):
        if right == "admin" and route["method"] != "GET":
            continue  # it may, and would change the server that the other tests use
        needed = set(route["right"].split(" or "))
        held = bool(needed & {right, "open", "known"})
        if route["deployment"] == "path":
            path_there, path_elsewhere = path, path.replace("shop", "other")
        else:
            path_there, path_elsewhere = path + "?deployment=shop", path + "?deployment=other"
        assert (status(guarded, route, path_there, token) == 403) == (not held), (route, "there")
        if route["deployment"] in ("path", "query"):
            assert status(guarded, route, path_elsewhere, token) == 403, (route, "elsewhere")


def test_a_token_for_some_sources_sees_their_records_alone_in_every_answer(guarded):
    guarded.send([{"deployment": "narrow", "source": source, "message": f"m {source} {i}", "fields": {"of": source}} for source in ("pi-1", "pi-2", "web-1") for i in range(3)])
    guarded.send([{"deployment": "narrow", "source": source, "metrics": {"temp.attic" if source == "pi-1" else "temp.cellar": 1.0}} for source in ("pi-1", "web-1")],
                 path="/api/v1/metrics")
    token = made(guarded, deployment="narrow", rights=["logs:read", "metrics:read"], sources=["pi-*"])
    ask = lambda path: guarded.request("GET", path, token=token)  # noqa: E731
    for stored in (False, True):
        if stored:
            guarded.wait_stored()
        logs = ask("/api/v1/logs?deployment=narrow&limit=1000").json()["records"]
        assert sorted({record["source"] for record in logs}) == ["pi-1", "pi-2"] and len(logs) == 6
        assert ask("/api/v1/logs?source=web-1").json()["records"] == []
        assert "web-1" not in ask("/api/v1/logs?format=ndjson").text
        assert sum(bucket["total"] for bucket in ask("/api/v1/logs/histogram").json()["buckets"]) == 6
        assert sorted(value["value"] for value in ask("/api/v1/logs/facets?field=of").json()["values"]) == ["pi-1", "pi-2"]
        assert "web-1" not in ask("/logs/narrow").text
        seen = next(record["id"] for record in guarded.logs(deployment="narrow", limit=1000) if record["source"] == "web-1")
        assert ask(f"/api/v1/logs/context?id={seen}").status == 404
        assert [metric["name"] for metric in ask("/api/v1/metrics").json()["metrics"]] == ["temp.attic"]
        assert "web-1" not in ask("/api/v1/metrics/series?name=temp.cellar").text
        assert "web-1" not in ask("/api/v1/overview?from=now-1h").text
    sender = made(guarded, deployment="narrow", rights=["ingest"], sources=["pi-*"])
    sent = guarded.request("POST", "/api/v1/logs", [{"source": "pi-3", "message": "mine"}, {"source": "web-9", "message": "not mine"}], token=sender).json()
    assert (sent["accepted"], sent["rejected"]) == (1, 1) and sent["errors"][0]["code"] == "forbidden", sent
