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
