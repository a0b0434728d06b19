"""Retention that is set while the server runs: what counts, what goes, what stays."""

import contextlib
import os
import signal
import subprocess
import time

from harness import Server, wait_until

OPTIONS = ["--store.flush_interval", "60ms", "--retention.check_interval", "100ms", "--retention.logs", "30d", "--retention.metrics", "90d",
           "--retention.rules", "ruled/*=60d; brief/logs=1s"]
DAY = 86_400


def old(days, **record):
    return {"timestamp": time.time() - days * DAY, **record}


def put(server, deployment, kind, query="", **body):
    return server.request("PUT", f"/api/v1/retention/{deployment}/{kind}{query}", body)


def in_force(server, deployment, kind):
    answer = server.get(f"/api/v1/retention/{deployment}/{kind}")
    assert answer.status == 200, answer
    return answer.json()


def kept(server, deployment):
    return len(server.logs(deployment=deployment, **{"from": "now-400d"}, limit=1000))


def retention_works(server):
    """Once what is kept for a second is gone, retention has been at work since."""
    assert server.send([{"deployment": "brief", "message": "soon gone"}]).status == 200
    wait_until(lambda: kept(server, "brief") == 0, 30, "retention to take what is older than a second", every=0.1)


def test_the_rule_that_counts_is_told_and_follows_one_order():
    with Server(options=OPTIONS) as server:
        def by(deployment, kind="logs"):
            told = in_force(server, deployment, kind)
            return told["keep_s"] // DAY, told["keep_by"]["deployment"], told["keep_by"]["from"]

        assert by("shop") == (30, "*", "configuration")
        assert by("ruled") == (60, "ruled", "configuration")
        assert put(server, "*", "logs", keep="10d").json()["keep_by"] == {"deployment": "*", "kind": "logs", "from": "set"}
        assert by("shop") == (10, "*", "set") and by("ruled") == (60, "ruled", "configuration") and by("shop", "metrics") == (90, "*", "configuration")
        assert put(server, "ruled", "logs", keep="1w", keep_bytes=1 << 30).status == 200
        assert by("ruled") == (7, "ruled", "set") and by("ruled", "metrics") == (60, "ruled", "configuration")
        listed = server.get("/api/v1/retention").json()["rules"]
        assert [(rule["deployment"], rule["kind"], rule["from"]) for rule in listed[:2]] == [("*", "logs", "set"), ("ruled", "logs", "set")]
        assert listed[1]["keep_bytes"] == 1 << 30 and listed[1]["changed_by"] == "admin", listed
        assert {rule["from"] for rule in listed[2:]} == {"configuration"}
        ruled = next(one for one in server.get("/api/v1/deployments").json()["deployments"] if one["name"] == "ruled")
        assert ruled["logs"]["keep_by"]["from"] == "set" and ruled["logs"]["keep_s"] == 7 * DAY, "shown before anything was sent there"
        assert server.request("DELETE", "/api/v1/retention/ruled/logs").json()["keep_s"] == 60 * DAY
        assert server.request("DELETE", "/api/v1/retention/ruled/logs").status == 404
        assert put(server, "shop", "logs", keep="forever").json()["keep_s"] == 0
        told = [entry["object"] for entry in server.get("/api/v1/audit", action="retention.change").json()["entries"]]
        assert told == ["deployment:shop", "deployment:ruled", "deployment:ruled", "deployment:*"]
        for path, body, field in (("shop/traces", {"keep": "1d"}, "kind"), ("a%20b/logs", {"keep": "1d"}, "deployment"), ("shop/logs", {}, "keep"), ("shop/logs", {"keep": "7"}, "keep"),
                                  ("shop/logs", {"keep": 7}, "keep"), ("shop/logs", {"keep": "soon"}, "keep"), ("shop/logs", {"keep": "-1d"}, "keep"), ("shop/logs", {"keep": "1m"}, "keep"),
                                  ("shop/logs", {"keep": "1d", "keep_bytes": -1}, "keep_bytes"), ("shop/logs", {"keep": "1d", "keep_bytes": 1.5}, "keep_bytes"),
                                  ("shop/logs", {"keep": "1d", "size": 1}, "size")):
            answer = server.request("PUT", f"/api/v1/retention/{path}", body)
            assert answer.status == 400 and answer.json()["error"]["field"] == field, (path, body, answer)


def test_a_shorter_time_tells_what_goes_and_takes_it_without_a_restart():
    with Server(options=OPTIONS) as server:
        assert put(server, "*", "logs", keep="300d").status == 200
        server.send([old(100, deployment="shop", message=f"old {i}") for i in range(50)] + [{"deployment": "shop", "message": "new"}])
        server.send([old(100, deployment="bank", message=f"old {i}") for i in range(7)])
        server.wait_stored()
        assert (kept(server, "shop"), kept(server, "bank")) == (51, 7)
        dry = put(server, "shop", "logs", query="?dry_run=1", keep="50d").json()
        assert dry["would_delete"]["records"] == 50 and dry["would_delete"]["bytes"] > 0 and dry["keep_s"] == 50 * DAY
        assert in_force(server, "shop", "logs")["keep_s"] == 300 * DAY, "nothing was changed"
        retention_works(server)
        assert kept(server, "shop") == 51
        assert put(server, "shop", "logs", query="?dry_run=1", keep="200d").json()["would_delete"]["records"] == 0
        assert put(server, "shop", "logs", keep="50d").json()["deletes"]["records"] == 50
        wait_until(lambda: kept(server, "shop") == 1, 30, "what is no longer kept to go", every=0.1)
        assert kept(server, "bank") == 7
        refused = server.send([old(100, deployment="shop", message="again")])
        assert refused.status == 422 and refused.json()["errors"][0]["code"] == "timestamp_too_old", "what would go at once is not taken"
        # All that have no rule of their own, by taking the rule back.
        assert server.request("DELETE", "/api/v1/retention/*/logs?dry_run=1").json()["would_delete"]["records"] == 7
        assert kept(server, "bank") == 7


def test_a_size_takes_the_oldest_and_tells_about_how_much():
    with Server(options=OPTIONS) as server:
        assert put(server, "shop", "logs", keep="forever").status == 200
        for day in range(6):
            server.send([old(10 - day, deployment="shop", message=f"{day} {os.urandom(200).hex()}") for _ in range(200)])
            server.wait_stored()
        stored = next(one for one in wait_until(lambda: [one for one in server.get("/api/v1/deployments").json()["deployments"] if one["name"] == "shop" and one["logs"]["records"] == 1200], 30, "the counts"))
        half = stored["logs"]["bytes"] // 2
        told = put(server, "shop", "logs", query="?dry_run=1", keep="forever", keep_bytes=half).json()["would_delete"]
        assert 400 <= told["records"] <= 800, told
        assert put(server, "shop", "logs", keep="forever", keep_bytes=half).status == 200
        wait_until(lambda: kept(server, "shop") < 1000, 30, "the oldest to go", every=0.1)
        left = server.logs(deployment="shop", **{"from": "now-400d"}, limit=1000)
        assert {record["message"][0] for record in left} >= {"4", "5"} and "0" not in {record["message"][0] for record in left}


def test_what_was_set_to_be_kept_longer_survives_kill_9_and_the_start():
    """A start that went by the configuration until it has read what was set would delete it."""
    with Server(options=OPTIONS) as server:
        assert put(server, "shop", "logs", keep="365d").status == 200
        server.send([old(100, deployment="shop", message=f"old {i}") for i in range(20)])
        server.wait_stored()
        for forget in (False, True):
            server.kill()
            if forget:
                (server.data_dir / "known-identities").unlink()
            server.start()
            retention_works(server)
            assert kept(server, "shop") == 20
            assert server.send([old(200, deployment="other", message="too old")]).status == 422
        assert server.send([old(200, deployment="shop", message="taken")]).status == 200


@contextlib.contextmanager
def frozen(server):
    pid = server.postgres_pid()
    children = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True, check=False).stdout.split()
    processes = [pid, *map(int, children)]
    for one in processes:
        os.kill(one, signal.SIGSTOP)
    try:
        yield
    finally:
        for one in processes:
            with contextlib.suppress(ProcessLookupError):
                os.kill(one, signal.SIGCONT)


def test_while_postgres_is_away_nothing_is_changed_and_what_was_set_counts():
    with Server(options=OPTIONS) as server:
        assert put(server, "shop", "logs", keep="365d").status == 200
        with frozen(server):
            wait_until(lambda: "away" in server.get("/ready").text, 30, "the server to see that the database is away")
            assert put(server, "shop", "logs", keep="1d").status == 503
            assert put(server, "shop", "logs", query="?dry_run=1", keep="1d").status == 503
            assert server.send([old(100, deployment="shop", message="taken")]).status == 200
            assert server.send([old(100, deployment="bank", message="too old")]).status == 422
        wait_until(lambda: server.get("/api/v1/retention").status == 200, 30, "the database to be back")
        assert in_force(server, "shop", "logs")["keep_s"] == 365 * DAY
        wait_until(lambda: put(server, "shop", "logs", keep="400d").status == 200, 30, "changes to go on")
        assert server.get("/api/v1/audit/verify").json()["intact"]
