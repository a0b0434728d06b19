"""Users, tokens, rights, sessions and the audit log, on a real server with a real Postgres."""

import contextlib
import http.client
import os
import random
import re
import signal
import subprocess
import threading

import pytest
from harness import PROGRAM, TOKEN, Server, psql, server_socket_dir, wait_until

PASSWORD = "correct horse battery"
COOKIE = "__Host-penstock"


def make_token(server, **wish):
    answer = server.request("POST", "/api/v1/tokens", {"name": "test", **wish})
    assert answer.status == 201, answer
    return answer.json()


def add_user(server, name, **wish):
    answer = server.request("POST", "/api/v1/users", {"name": name, "password": PASSWORD, **wish})
    assert answer.status == 201, answer
    return answer.json()


def cookie_of(answer):
    return answer.headers["set-cookie"].split(";")[0]


def log_in(server, name, password=PASSWORD, **headers):
    answer = server.request("POST", "/api/v1/session", {"name": name, "password": password}, headers=headers, token=None)
    assert answer.status == 200, answer
    return cookie_of(answer)


def as_user(server, cookie, method, path, body=None, **headers):
    headers = {k.replace("_", "-"): v for k, v in headers.items()}
    if method != "GET":
        headers.setdefault("Sec-Fetch-Site", "same-origin")
    return server.request(method, path, body, headers={"Cookie": cookie, **headers}, token=None)


def verify(server):
    answer = server.get("/api/v1/audit/verify")
    assert answer.status == 200, answer
    return answer.json()


def entries(server, **filters):
    answer = server.get("/api/v1/audit", **filters)
    assert answer.status == 200, answer
    return answer.json()["entries"]


# --- tokens -----------------------------------------------------------------------------------------------------------


def test_the_life_of_a_token(server):
    made = make_token(server, deployment="till", rights=["ingest"])
    secret = made["token"]
    assert secret.startswith("pst_") and secret.startswith(made["prefix"]) and made["default_deployment"] == "till"

    sent = server.request("POST", "/api/v1/logs", {"message": "from the till"}, token=secret)
    assert sent.status == 200, sent
    assert [r["deployment"] for r in server.logs(q='"from the till"')] == ["till"], "a token's deployment is its records' default"
    assert server.request("GET", "/api/v1/logs", token=secret).status == 403, "it may only send"
    elsewhere = server.request("POST", "/api/v1/logs", {"message": "x", "deployment": "shop"}, token=secret)
    assert elsewhere.status in (403, 422), elsewhere
    assert server.logs(deployment="shop", q="x") == []

    listed = server.get("/api/v1/tokens").json()["tokens"]
    mine = next(t for t in listed if t["id"] == made["id"])
    assert mine["state"] == "valid" and mine["last_used"] and "token" not in mine
    assert secret not in server.get("/api/v1/tokens").text + server.get("/api/v1/audit").text, "a secret is shown once"

    connection = server.connect()
    assert server.request("POST", "/api/v1/logs", {"message": "a"}, token=secret, connection=connection).status == 200
    assert server.request("DELETE", f"/api/v1/tokens/{made['id']}").status == 204
    refused = server.request("POST", "/api/v1/logs", {"message": "b"}, token=secret, connection=connection)
    assert refused.status == 401, "the very next request, on a connection that was open already"
    assert server.get(f"/api/v1/tokens/{made['id']}").json()["state"] == "revoked"
    actions = [(e["action"], e["object"]) for e in entries(server, object=f"token:{made['id']}")]
    assert actions == [("token.revoke", f"token:{made['id']}"), ("token.create", f"token:{made['id']}")]


def test_a_token_reads_what_it_was_given_and_nothing_else(server):
    server.send([{"message": "one", "deployment": "read-a"}, {"message": "two", "deployment": "read-b"}])
    narrow = make_token(server, deployment="read-a", rights=["logs:read"])["token"]
    answer = server.request("GET", "/api/v1/logs?from=now-1h&to=now%2B1h", token=narrow)
    assert answer.status == 200, answer
    assert [r["message"] for r in answer.json()["records"]] == ["one"]
    assert server.request("GET", "/api/v1/logs?deployment=read-b", token=narrow).status == 403
    assert server.request("POST", "/api/v1/logs", {"message": "x", "deployment": "read-a"}, token=narrow).status == 403
    assert server.request("DELETE", "/api/v1/logs?deployment=read-a", token=narrow).status == 403
    for path in ("/api/v1/users", "/api/v1/grants", "/api/v1/roles", "/api/v1/settings", "/api/v1/audit", "/api/v1/audit/verify"):
        assert server.request("GET", path, token=narrow).status == 403, path
    assert server.request("GET", "/api/v1/tokens", token=narrow).json() == {"tokens": []}
    assert server.request("POST", "/api/v1/tokens", {"name": "more", "deployment": "*", "rights": ["admin"]}, token=narrow).status == 403
    whoami = server.request("GET", "/api/v1/session", token=narrow).json()
    assert whoami["kind"] == "token" and whoami["grants"] == [{"deployment": "read-a", "rights": ["logs:read"]}]


def test_a_token_ends_at_its_time_and_no_later_than_the_settings_say(server):
    assert server.request("PATCH", "/api/v1/settings", {"token.ttl_max": "30d"}).status == 200
    refused = server.request("POST", "/api/v1/tokens", {"name": "long", "deployment": "a", "rights": ["ingest"], "ttl": "90d"})
    assert refused.status == 400 and refused.json()["error"]["field"] == "ttl" and "30d" in refused.text
    assert server.request("POST", "/api/v1/tokens", {"name": "long", "deployment": "a", "rights": ["ingest"], "ttl": "never"}).status == 400
    assert make_token(server, deployment="a", rights=["ingest"])["expires_at"] is not None
    changed = server.request("PATCH", "/api/v1/settings", {"token.ttl_max": None})
    assert next(s for s in changed.json()["settings"] if s["key"] == "token.ttl_max")["set"] is False
    assert make_token(server, deployment="a", rights=["ingest"], ttl="never")["expires_at"] is None
    short = make_token(server, deployment="a", rights=["ingest"], ttl="1s")["token"]
    wait_until(lambda: server.request("POST", "/api/v1/logs", {"message": "x"}, token=short).status == 401, 10, "the token to end")
    for key, value in (("token.no_such", "1d"), ("token.ttl_max", "soon"), ("token.ttl_max", ""), ("token.ttl_max", 7)):
        assert server.request("PATCH", "/api/v1/settings", {key: value}).status == 400, (key, value)


@pytest.mark.parametrize("body, field", [
    ({}, "name"), ({"name": "x"}, "deployment"), ({"name": "x", "deployment": "a"}, "rights"),
    ({"name": "x", "deployment": "a", "rights": ["everything"]}, "rights"), ({"name": "x", "deployment": "a b", "rights": ["ingest"]}, "deployment"),
    ({"name": "x", "deployment": "a", "rights": ["admin"]}, "rights"), ({"name": "x", "deployment": "a", "rights": ["ingest"], "typo": 1}, "typo"),
    ({"name": "x", "grants": [{"deployment": "a", "rights": []}]}, "grants[0].rights"),
    ({"name": "x", "grants": [{"deployment": "a", "rights": ["ingest"]}], "rights": ["ingest"]}, "rights"),
    ({"name": "x", "deployment": "a", "rights": ["ingest"], "owner": "nobody-of-this-name"}, "owner"),
    ({"name": "x", "deployment": "a", "rights": ["ingest"], "ttl": "soon"}, "ttl"),
    ({"name": "x", "deployment": "a", "rights": ["ingest"], "expires_at": "2001-01-01T00:00:00Z"}, "expires_at"),
])
def test_a_wish_that_makes_no_sense_is_refused_by_name(server, body, field):
    answer = server.request("POST", "/api/v1/tokens", body)
    assert answer.status == 400, answer
    assert answer.json()["error"]["field"] == field, answer


def test_known_tokens_work_while_postgres_is_away():
    with Server() as server:
        made = make_token(server, deployment="till", rights=["ingest", "logs:read"])
        pid = server.postgres_pid()
        server_socket_dir(server)
        children = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True, check=False).stdout.split()
        stopped = [pid, *map(int, children)]
        for one in stopped:
            os.kill(one, signal.SIGSTOP)
        try:
            wait_until(lambda: "away" in server.get("/ready").text, 30, "the server to see that the database is away")
            assert "identity" in server.get("/ready").text
            for i in range(20):
                assert server.request("POST", "/api/v1/logs", {"message": f"m{i}"}, token=made["token"]).status == 200
            unknown = server.request("POST", "/api/v1/logs", {"message": "x"}, token="pst_unknown-unknown-unknown")
            assert unknown.status == 503 and unknown.headers["retry-after"], "401 would have an agent give up for good"
            assert server.request("POST", "/api/v1/tokens", {"name": "x", "deployment": "a", "rights": ["ingest"]}).status == 503
            assert server.get("/api/v1/session").status == 200, "the first administrator's token needs no database"
        finally:
            for one in stopped:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(one, signal.SIGCONT)
        wait_until(lambda: server.request("POST", "/api/v1/logs", {"message": "x"}, token="pst_unknown-unknown-unknown").status == 401, 30,
                   "the database to be back")
        assert server.request("POST", "/api/v1/logs", {"message": "x"}, token=made["token"]).status == 200


# --- users and sessions -----------------------------------------------------------------------------------------------


def test_a_user_logs_in_sees_what_is_allowed_and_logs_out(server):
    server.send([{"message": "seen", "deployment": "ann-a"}, {"message": "unseen", "deployment": "ann-b"}])
    add_user(server, "Ann@Example.com", full_name="Ann", roles=[{"role": "viewer", "deployment": "ann-a"}])
    answer = server.request("POST", "/api/v1/session", {"name": "ann@example.com", "password": PASSWORD}, token=None)
    assert answer.status == 200, answer
    assert re.fullmatch(COOKIE + r"=[\w-]{43}; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=\d+", answer.headers["set-cookie"])
    assert answer.json()["name"] == "ann@example.com" and not answer.json()["administrator"]
    cookie = cookie_of(answer)
    assert as_user(server, cookie, "GET", "/api/v1/session").json()["grants"][0]["deployment"] == "ann-a"
    records = as_user(server, cookie, "GET", "/api/v1/logs?from=now-1h&to=now%2B1h").json()["records"]
    assert [r["message"] for r in records] == ["seen"]
    assert as_user(server, cookie, "GET", "/api/v1/users").status == 403
    out = as_user(server, cookie, "DELETE", "/api/v1/session")
    assert out.status == 204 and "Max-Age=0" in out.headers["set-cookie"]
    assert as_user(server, cookie, "GET", "/api/v1/session").status == 401
    assert [e["action"] for e in entries(server, actor="user:ann@example.com")] == ["session.logout", "session.login"]


def test_log_out_everywhere_and_a_new_password_end_the_other_sessions(server):
    add_user(server, "bea")
    first, second = log_in(server, "bea"), log_in(server, "bea")
    assert as_user(server, first, "DELETE", "/api/v1/session?everywhere=1").status == 204
    assert as_user(server, second, "GET", "/api/v1/session").status == 401
    first, second = log_in(server, "bea"), log_in(server, "bea")
    wrong = as_user(server, first, "POST", "/api/v1/session/password", {"old": "no", "new": "another long password"})
    assert wrong.status == 401, wrong
    changed = as_user(server, first, "POST", "/api/v1/session/password", {"old": PASSWORD, "new": "another long password"})
    assert changed.status == 200, changed
    assert as_user(server, second, "GET", "/api/v1/session").status == 401
    assert as_user(server, first, "GET", "/api/v1/session").status == 401, "the session has a new id"
    assert as_user(server, cookie_of(changed), "GET", "/api/v1/session").status == 200
    log_in(server, "bea", "another long password")
    assert server.request("PATCH", "/api/v1/users/bea", {"disabled": True}).status == 200
    assert as_user(server, cookie_of(changed), "GET", "/api/v1/session").status == 401
    refused = server.request("POST", "/api/v1/session", {"name": "bea", "password": "another long password"}, token=None)
    assert refused.status == 401


def test_a_log_in_ends_the_session_that_was_there_before(server):
    add_user(server, "cat")
    before = log_in(server, "cat")
    after = log_in(server, "cat", **{"Cookie": before, "Sec-Fetch-Site": "same-origin"})
    assert after != before
    assert as_user(server, before, "GET", "/api/v1/session").status == 401
    assert as_user(server, after, "GET", "/api/v1/session").status == 200


def test_another_sites_page_cannot_use_a_session(server):
    add_user(server, "dan", roles=["administrator"])
    cookie = log_in(server, "dan")
    host = f"127.0.0.1:{server.port}"
    body = {"name": "forged", "deployment": "*", "rights": ["admin"]}

    def forge(**headers):
        return server.request("POST", "/api/v1/tokens", body, headers={"Cookie": cookie, **headers}, token=None).status

    for headers in ({}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Sec-Fetch-Site": "none"},
                    {"Origin": "https://evil.example"}, {"Origin": "null"}, {"Origin": f"http://{host}.evil.example"},
                    {"Origin": f"http://{host}", "Sec-Fetch-Site": "cross-site"}):
        assert forge(**headers) == 403, headers
    assert forge(**{"Sec-Fetch-Site": "same-origin"}) == 201
    assert forge(Origin=f"http://{host}") == 201
    both = server.request("GET", "/api/v1/session", headers={"Cookie": cookie})
    assert both.status == 400, "a cookie and a token together"
    log_in_for_others = server.request("POST", "/api/v1/session", {"name": "dan", "password": PASSWORD}, headers={"Origin": "https://evil.example"}, token=None)
    assert log_in_for_others.status == 403
    assert server.request("GET", "/api/v1/session", headers={"Cookie": "other=1; theme=dark"}).status == 200, "other cookies are nobody's business"


def test_no_other_page_sends_events_with_a_session_though_they_come_by_get(server):
    add_user(server, "evan", roles=["operator"])
    cookie = log_in(server, "evan")
    for headers in ({"Sec_Fetch_Site": "same-site"}, {"Sec_Fetch_Site": "cross-site"}, {"Origin": "http://evil.example"}, {}):
        answer = as_user(server, cookie, "GET", "/e?word=forged&deployment=evan", **headers)
        assert answer.status == 403, (headers, answer)
    assert as_user(server, cookie, "GET", "/e?word=own&deployment=evan", Sec_Fetch_Site="same-origin").status == 204
    assert server.request("GET", "/e?word=token&deployment=evan").status == 204, "a token says by itself that it is meant"
    assert len(server.logs(deployment="evan", limit=10)) == 2


def test_guessing_is_slowed_down_and_told(server):
    add_user(server, "eve")
    statuses = [server.request("POST", "/api/v1/session", {"name": "eve", "password": f"guess {i}"}, token=None).status for i in range(12)]
    assert statuses == [401] * 10 + [429] * 2
    blocked = server.request("POST", "/api/v1/session", {"name": "eve", "password": PASSWORD}, token=None)
    assert blocked.status == 429 and blocked.headers["retry-after"] and "wait" in blocked.text
    nobody = server.request("POST", "/api/v1/session", {"name": "nobody", "password": "guess"}, token=None)
    assert nobody.status == 401
    wait_until(lambda: len(entries(server, actor="user:eve", outcome="refused")) == 10, 10, "the failures in the audit log")


def test_passwords_that_are_tried_first_are_refused_wherever_one_is_set(server):
    add_user(server, "paula")
    cookie = log_in(server, "paula")
    for password in ("Password123!", "paula-2026!", "1q2w3e4r5t6y"):
        assert server.request("POST", "/api/v1/users", {"name": "other", "password": password.replace("paula", "other")}).json()["error"]["field"] == "password"
        assert server.request("PATCH", "/api/v1/users/paula", {"password": password}).json()["error"]["field"] == "password"
        changed = as_user(server, cookie, "POST", "/api/v1/session/password", {"old": PASSWORD, "new": password})
        assert changed.status == 400 and changed.json()["error"]["field"] == "password"
    assert log_in(server, "paula")


def test_what_was_refused_for_who_asked_is_told_in_the_log_without_its_secret():
    with Server() as server:  # few such lines are written in a minute
        reader = make_token(server, deployment="refused", rights=["logs:read"])
        secret = "pst_no-such-token-0123456789abcdef"
        assert server.request("GET", "/api/v1/users?name=private", token=secret).status == 401
        assert server.request("GET", "/api/v1/users?name=private", token=reader["token"]).status == 403
        assert server.request("GET", "/api/v1/users", token=None).status == 401
        wait_until(lambda: "do not cover it" in server.output(), what="the line")
        lines = [line for line in server.output().splitlines() if "A request was refused" in line and "/api/v1/users" in line]
        assert any("not valid" in line and "address=127.0.0.1" in line for line in lines), lines
        assert any(f"by=token:{reader['id']}" in line for line in lines), lines
        assert not any(secret in line or reader["token"] in line or "private" in line for line in lines), lines


def test_a_user_makes_tokens_that_may_no_more_than_the_user(server):
    server.send([{"message": "mine", "deployment": "fay-a"}, {"message": "not mine", "deployment": "fay-b"}])
    add_user(server, "fay", roles=[{"role": "viewer", "deployment": "fay-a"}])
    cookie = log_in(server, "fay")
    made = as_user(server, cookie, "POST", "/api/v1/tokens", {"name": "laptop", "deployment": "*", "rights": ["logs:read", "admin"]})
    assert made.status == 201 and made.json()["owner"] == "fay", made
    token = made.json()["token"]
    got = server.request("GET", "/api/v1/logs?from=now-1h&to=now%2B1h", token=token).json()["records"]
    assert [r["message"] for r in got] == ["mine"]
    assert server.request("GET", "/api/v1/users", token=token).status == 403
    assert [t["id"] for t in as_user(server, cookie, "GET", "/api/v1/tokens").json()["tokens"]] == [made.json()["id"]]
    theirs = make_token(server, deployment="fay-a", rights=["ingest"])
    assert as_user(server, cookie, "DELETE", f"/api/v1/tokens/{theirs['id']}").status == 404
    assert server.request("PATCH", "/api/v1/users/fay", {"roles": []}).status == 200
    assert server.request("GET", "/api/v1/logs", token=token).status == 403, "what the user lost, the token lost"
    assert server.request("DELETE", "/api/v1/users/fay").status == 204
    assert server.request("GET", "/api/v1/session", token=token).status == 401


def test_grants_and_roles_of_ones_own(server):
    add_user(server, "gus")
    made = server.request("POST", "/api/v1/grants", {"user": "gus", "deployment": "gus-a", "rights": ["logs:read"], "sources": ["pi-*"]})
    assert made.status == 201, made
    grant = made.json()["grants"][0]
    assert grant["user"] == "gus" and grant["rights"] == ["logs:read"]
    assert server.get("/api/v1/grants", user="gus").json() == made.json()
    role = server.request("PUT", "/api/v1/roles/night-shift", {"description": "At night", "grants": [{"deployment": "gus-b", "rights": ["logs:read", "logs:delete"]}]})
    assert role.status == 200, role
    assert server.request("PATCH", "/api/v1/users/gus", {"roles": ["night-shift"]}).status == 200
    cookie = log_in(server, "gus")
    assert {g["deployment"] for g in as_user(server, cookie, "GET", "/api/v1/session").json()["grants"]} == {"gus-a", "gus-b"}
    assert server.request("DELETE", "/api/v1/roles/night-shift").status == 409, "somebody holds it"
    assert server.request("DELETE", f"/api/v1/grants/{grant['id']}").status == 204
    assert server.request("DELETE", f"/api/v1/grants/{grant['id']}").status == 404
    assert {g["deployment"] for g in as_user(server, cookie, "GET", "/api/v1/session").json()["grants"]} == {"gus-b"}
    assert server.request("PUT", "/api/v1/roles/viewer", {"grants": []}).status == 409, "built in"
    assert {r["name"] for r in server.get("/api/v1/roles").json()["roles"]} >= {"viewer", "operator", "administrator", "night-shift"}
    assert server.request("POST", "/api/v1/users", {"name": "GUS"}).status == 409


# --- audit ------------------------------------------------------------------------------------------------------------


def test_a_changed_row_of_the_audit_log_is_found():
    with Server() as server:
        for i in range(5):
            add_user(server, f"user{i}")
        whole = verify(server)
        assert whole["intact"] and whole["rows"] == 5
        assert [e["id"] for e in entries(server, limit=2)] == [5, 4]
        assert [e["id"] for e in entries(server, limit=2, before=4)] == [3, 2]
        with pytest.raises(Exception, match="only appended"):
            psql(server, "UPDATE audit SET actor = 'user:innocent' WHERE id = 3")
        run = [str(PROGRAM), "audit", "verify", "--data-dir", str(server.data_dir)]
        fine = subprocess.run(run, capture_output=True, text=True, timeout=60, check=False)
        assert fine.returncode == 0 and whole["head"] in fine.stdout, fine
        psql(server, "ALTER TABLE audit DISABLE TRIGGER ALL; UPDATE audit SET actor = 'user:innocent' WHERE id = 3; ALTER TABLE audit ENABLE TRIGGER ALL")
        broken = verify(server)
        assert not broken["intact"] and "row 3" in broken["problem"] and broken["rows"] == 2
        found = subprocess.run(run, capture_output=True, text=True, timeout=60, check=False)
        assert found.returncode == 1 and "row 3" in found.stdout, found


def test_kill_9_in_the_middle_of_changes_leaves_whole_ones():
    """What was answered is there, what was not is there whole or not at all, and the audit log tells of each exactly once."""
    with Server() as server:
        for turn in range(3):
            answered, tried = set(), set()
            stop = threading.Event()

            def change(turn=turn, answered=answered, tried=tried, stop=stop):
                connection = server.connect()
                for i in range(10_000):
                    if stop.is_set():
                        return
                    name = f"u{turn}-{i}"
                    tried.add(name)
                    grants = [{"deployment": f"d{k}", "rights": ["logs:read"]} for k in range(5)]
                    try:
                        if server.request("POST", "/api/v1/users", {"name": name, "grants": grants}, connection=connection).status == 201:
                            answered.add(name)
                    except (OSError, http.client.HTTPException):
                        return

            worker = threading.Thread(target=change)
            worker.start()
            wait_until(lambda: len(answered) >= 5 + random.randrange(10), 30, "some changes")
            server.kill()
            stop.set()
            worker.join()
            server.start()
            wait_until(lambda: server.get("/api/v1/users").status == 200, 30, "the users")
            users = {u["name"]: u for u in server.get("/api/v1/users").json()["users"] if u["name"].startswith(f"u{turn}-")}
            assert answered <= set(users) <= tried
            assert all(len(u["grants"]) == 5 for u in users.values())
            created = [e["object"] for e in entries(server, action="user.create", limit=1000) if e["object"].startswith(f"user:u{turn}-")]
            assert sorted(created) == sorted(f"user:{name}" for name in users)
            assert verify(server)["intact"]


# --- commands ---------------------------------------------------------------------------------------------------------


def test_commands_work_with_and_without_a_server():
    with Server(token=None, options=["--auth.bootstrap", "false"]) as server:
        def run(*arguments, text="", environment=None):
            return subprocess.run([str(PROGRAM), *arguments], input=text, capture_output=True, text=True, timeout=120, check=False,
                                  env={**os.environ, **(environment or {})})

        here = ["--data-dir", str(server.data_dir)]
        assert server.get("/api/v1/session").status == 401, "the first administrator's token is switched off"
        assert "administrator's token" not in server.output()
        added = run("user", "add", "hal", "--role", "administrator", *here, text=PASSWORD + "\n")
        assert added.returncode == 0, added
        admin = run("token", "create", "for the test", "--right", "admin", "--right", "audit:read", *here)
        assert admin.returncode == 0 and admin.stdout.startswith("pst_"), admin
        token = admin.stdout.strip()
        assert server.request("GET", "/api/v1/users", token=token).json()["users"][0]["name"] == "hal", "known at once to the server that runs"
        log_in(server, "hal")

        there = ["--url", f"http://127.0.0.1:{server.port}"]
        env = {"PENSTOCK_TOKEN": token}
        made = run("token", "create", "till", "--right", "ingest", "--deployment", "till", "--ttl", "30d", *there, environment=env)
        assert made.returncode == 0, made
        assert server.request("POST", "/api/v1/logs", {"message": "x"}, token=made.stdout.strip()).status == 200
        listed = run("token", "list", *there, environment=env)
        assert "till=ingest" in listed.stdout and made.stdout.strip() not in listed.stdout, listed
        ident = next(line.split()[0] for line in listed.stdout.splitlines() if " till " in line)
        assert run("token", "revoke", ident, *there, environment=env).returncode == 0
        assert server.request("POST", "/api/v1/logs", {"message": "x"}, token=made.stdout.strip()).status == 401
        assert run("user", "passwd", "hal", *there, environment=env, text="another long password\n").returncode == 0
        log_in(server, "hal", "another long password")
        refused = run("user", "passwd", "hal", *there, environment=env, text="short\n")
        assert refused.returncode == 1 and "10 characters" in refused.stderr
        assert run("user", "disable", "nobody", *there, environment=env).returncode == 1
        assert "command-line" in server.request("GET", "/api/v1/audit", token=token).text
        assert run("audit", "verify", *there, environment=env).returncode == 0

        server.stop()
        offline = run("user", "list", *here)
        assert offline.returncode == 0 and "hal" in offline.stdout and "administrator" in offline.stdout, offline
        assert run("user", "remove", "hal", *here).returncode == 0
        assert "hal" not in run("user", "list", *here).stdout
        assert run("audit", "verify", *here).returncode == 0
