"""What is told in the audit log: every kind of act, by the real server, though the database goes away or the server is killed."""

import json
import subprocess

import pytest
from harness import PROGRAM, Server, psql, wait_until
from postgres_server import Postgres

FAILPOINTS = PROGRAM.with_name("penstock-failpoints")
QUICK = ["--store.flush_interval", "100ms"]


def entries(server, **filters):
    answer = server.get("/api/v1/audit", **filters)
    assert answer.status == 200, answer
    return answer.json()["entries"]


def one(server, **filters):
    """The only entry there is of these, once it is there."""
    wait_until(lambda: entries(server, **filters), 30, f"an entry {filters}")
    found = entries(server, **filters)
    assert len(found) == 1, found
    return found[0]


def whole(server):
    verdict = server.get("/api/v1/audit/verify").json()
    return verdict["intact"] and not verdict["problem"]


def fill(server, count=20, deployment="shop"):
    assert server.send([{"deployment": deployment, "message": f"line {i}", "severity": "INFO"} for i in range(count)]).status == 200
    server.wait_stored()


def test_deletions_of_logs_are_told_with_who_what_and_how_many_but_not_with_what_was_sought():
    with Server(options=QUICK) as server:
        fill(server)
        gone = server.request("DELETE", "/api/v1/logs?deployment=shop&from=now-1d&to=now%2B1h&q=%22line+7%22")
        assert gone.status == 200 and gone.json()["deleted"] == 1, gone
        entry = one(server, action="logs.delete")
        assert (entry["actor"], entry["object"], entry["outcome"]) == ("admin", "deployment:shop", "done") and entry["address"], entry
        assert entry["detail"]["records"] == 1 and entry["detail"]["filtered"] is True and entry["detail"]["from"] < entry["detail"]["to"], entry
        assert "line 7" not in json.dumps(entries(server))
        assert server.request("DELETE", "/logs/shop").status == 200
        assert entries(server, action="logs.delete")[0]["detail"] | {"from": 0, "to": 0} == {"records": 19, "filtered": False, "from": 0, "to": 0}
        assert whole(server)


@pytest.mark.parametrize("point", ["postgres.deletion.noted", "postgres.deletion.committed"])
def test_a_deletion_and_its_entry_are_there_both_or_neither_after_kill(point):
    with Postgres() as postgres:
        url = postgres.url(postgres.new_database())
        with Server(options=[*QUICK, "--database.url", url]) as server:
            fill(server)
            server.stop()
            server.program, server.environment = FAILPOINTS, {"FAILPOINT": f"{point}:1:kill"}
            server.start()
            with pytest.raises(OSError):
                server.request("DELETE", "/logs/shop")
            server.process.wait(10)
            server.environment = {}
            server.start()
            deletions = server.get("/api/v1/deletions").json()["deletions"]
            assert len(deletions) == len(entries(server, action="logs.delete"))
            assert len(server.logs(deployment="shop", limit=100)) == (0 if deletions else 20)
            assert whole(server)


def test_what_is_done_to_dead_letters_is_told_for_each():
    with Server(options=QUICK) as server:
        fill(server)
        psql(server, "INSERT INTO dead_letter (journal_id, sequence, reason, detail, batch) SELECT 7, n, 'invalid_value', 'x', '' FROM generate_series(1, 3) AS n")
        ids = [letter["id"] for letter in server.get("/api/v1/dead-letter").json()["letters"]]
        done = server.request("POST", "/api/v1/dead-letter/discard", {"ids": ids[:2]})
        assert done.json()["done"] == 2, done
        assert sorted(e["object"] for e in entries(server, action="dead_letter.discard")) == sorted(f"dead-letter:{i}" for i in ids[:2])
        refused = server.request("POST", "/api/v1/dead-letter/replay", {"ids": ids[2:]})
        assert refused.json()["done"] == 0, "it holds no record"
        assert not entries(server, action="dead_letter.replay"), "nothing was done"
        assert whole(server)


@pytest.mark.parametrize("options, told", [(["--audit.export_records", "50"], True), (["--audit.export_bytes", "10000"], True),
                                           (["--audit.export_records", "0", "--audit.export_bytes", "0"], False), ([], False)])
def test_downloads_above_a_size_are_told(options, told):
    with Server(options=[*QUICK, *options]) as server:
        fill(server, 100)
        assert server.get("/api/v1/logs", deployment="shop", format="ndjson", limit=10).status == 200
        assert not entries(server, action="logs.export"), "a small one"
        assert server.get("/api/v1/logs", deployment="shop", format="csv").status == 200
        # Told in order: once the later entry is there, one of the download would be.
        server.request("POST", "/api/v1/session", {"name": "nobody", "password": "wrong password"}, token=None)
        one(server, action="session.login")
        found = entries(server, action="logs.export")
        assert len(found) == (1 if told else 0), found
        if told:
            assert found[0]["detail"]["deployments"] == ["shop"] and found[0]["detail"]["more_than_records"] > 0, found


def test_losses_are_told():
    with Server(options=[*QUICK, "--retention.check_interval", "100ms", "--retention.logs_max_bytes", "4KiB"]) as server:
        for _ in range(6):
            fill(server, 200)
        wait_until(lambda: any(e["object"] == "store" for e in entries(server, action="data.loss")), 60, "what was cut early")
        entry = entries(server, action="data.loss")[-1]
        assert entry["actor"] == "server" and entry["detail"]["count"] > 0 and "before their age" in entry["detail"]["what"], entry


def test_damage_of_the_journal_is_told():
    with Postgres() as postgres:
        with Server(options=[*QUICK, "--database.url", postgres.url(postgres.new_database())]) as server:
            fill(server)
            postgres.stop()
            for _ in range(9):
                assert server.send([{"deployment": "shop", "message": f"unstored {i}"} for i in range(20)]).status == 200
            server.kill()
            segment = sorted((server.data_dir / "journal").glob("*.segment"))[0]
            data = bytearray(segment.read_bytes())
            middle = len(data.rstrip(b"\0")) // 2
            data[middle:middle + 64] = bytes(byte ^ 0x5A for byte in data[middle:middle + 64])
            segment.write_bytes(data)
            postgres.start()
            server.start()
            wait_until(lambda: any("quarantine" in e["detail"]["what"] for e in entries(server, action="data.loss", object="journal")), 30, "the loss")


def test_what_could_not_be_told_while_the_database_was_away_is_told_after_a_restart():
    with Postgres() as postgres:
        with Server(options=[*QUICK, "--database.url", postgres.url(postgres.new_database())]) as server:
            fill(server)
            postgres.stop()
            server.options += ["--audit.export_records", "5"]
            server.kill()
            server.start(wait_ready=False)
            wait_until(lambda: server.get("/api/v1/logs", deployment="shop", format="ndjson").status == 200, 30, "an answer of the journal alone")
            kept = server.data_dir / "audit-waiting"
            wait_until(kept.exists, 30, "the entry on disk")
            assert kept.stat().st_mode & 0o077 == 0
            server.kill()
            postgres.start()
            server.start()
            assert one(server, action="logs.export")["actor"] == "admin"
            wait_until(lambda: kept.read_text() == "", 30, "the file to be done with")
            assert whole(server)


def test_changes_of_keys_are_told():
    with Server(options=QUICK) as server:
        fill(server)
        rotated = server.request("POST", "/api/v1/keys/rotate", {"data_keys": True})
        assert rotated.status == 200, rotated
        assert [e["outcome"] for e in entries(server, action="key.rotate")] == ["done", "asked"]
        assert entries(server, action="key.rotate")[0]["detail"]["to"] == rotated.json()["to"]
        done = subprocess.run([PROGRAM, "key", "rotate", "--data-dir", server.data_dir], capture_output=True, text=True, check=True, timeout=60)
        assert done.returncode == 0
        assert entries(server, action="key.rotate")[0]["actor"] == "command-line"
        psql(server, "DELETE FROM data_key WHERE use LIKE 'chunk/%'")
        assert server.request("POST", "/api/v1/keys/verify", {}).status == 202
        wait_until(lambda: entries(server, action="key.verify", outcome="failed"), 30, "the failure")
        assert whole(server)


@pytest.mark.parametrize("cut", ["kill", "postgres"])
def test_a_grant_its_entry_and_what_the_server_goes_by_agree_after_a_cut_in_mid_change(cut):
    with Postgres() as postgres:
        url = postgres.url(postgres.new_database())
        with Server(options=[*QUICK, "--database.url", url]) as server:
            fill(server)
            made = server.request("POST", "/api/v1/tokens", {"name": "reader", "rights": ["ingest"], "deployment": "other"}).json()
            change = {"token": made["id"], "deployment": "shop", "rights": ["logs:read"]}
            for point in ["postgres.identity.applied", "postgres.identity.committed"]:
                if cut == "kill":
                    server.stop()
                    server.program, server.environment = FAILPOINTS, {"FAILPOINT": f"{point}:1:kill"}
                    server.start()
                    with pytest.raises(OSError):
                        server.request("POST", "/api/v1/grants", change)
                    server.process.wait(10)
                    server.environment = {}
                    server.start()
                else:
                    postgres.kill()
                    assert server.request("POST", "/api/v1/grants", change).status == 503
                    postgres.start()
                    for path in ("/api/v1/grants", "/api/v1/audit"):
                        wait_until(lambda path=path: server.request("GET", path).status == 200, 60, "the database")
                stored = [g for g in server.get("/api/v1/grants", token=made["id"]).json()["grants"] if g["deployment"] == "shop"]
                told = [e for e in entries(server, action="grant.create") if made["id"] in json.dumps(e)]
                assert len(stored) == len(told), (point, stored, told)
                may = 200 if stored else 403
                wait_until(lambda: server.request("GET", "/api/v1/logs?deployment=shop", token=made["token"]).status == may, 30, f"{may} for the token")
                assert whole(server)
