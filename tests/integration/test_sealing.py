"""Sealing at rest: what was sent stands in no file, comes back with its key and not without, and keys are replaced without a gap."""

import hashlib
import os
import pathlib
import resource
import shutil
import socket
import subprocess

import pytest

from harness import PROGRAM, Server, make_data_dir, psql, server_socket_dir, wait_until
from ledger import Ledger, Load, verify
from postgres_server import BINARIES, Postgres

FAILPOINTS = PROGRAM.with_name("penstock-failpoints")
QUICK = ["--store.flush_interval", "100ms"]
CANARY = "kanarienvogel-5f2b91"


def run(*arguments, data=None, program=PROGRAM, timeout=60, **environment):
    command = [str(program), *[str(a) for a in arguments]] + (["--data-dir", str(data)] if data else [])
    return subprocess.run(command, capture_output=True, text=True, timeout=timeout, check=False, env={**os.environ, **environment})


def files_with(folder, text):
    """Files below `folder` that hold the text, whatever comes and goes meanwhile."""
    found = []
    for file in sorted(pathlib.Path(folder).rglob("*")):
        try:
            if file.is_file() and text.encode() in file.read_bytes():
                found.append(str(file.relative_to(folder)))
        except OSError:
            continue
    return found


def records(count=50, text=CANARY):
    return [{"deployment": "shop", "source": f"{text}-source", "severity": "WARN", "message": f"{text} message {i}",
             "fields": {f"{text}-name": f"{text} value {i}", "n": i}} for i in range(count)]


def fill(server, text=CANARY):
    assert server.send(records(text=text)).status == 200
    bad = [{"deployment": "shop", "source": "pi", "metrics": {"cpu.usage": 1.25}}]
    assert server.send(bad, path="/api/v1/metrics").status == 200
    server.wait_stored()
    gone = server.request("DELETE", f"/api/v1/logs?deployment=shop&from=now-1d&to=now%2B1h&q=%22{text}+message+7%22")
    assert gone.status in (200, 202), gone


def dump(server):
    host, port, user, database = server_socket_dir(server)
    done = subprocess.run([str(BINARIES / "pg_dump"), "-h", str(host), "-p", str(port), "-U", user, database], capture_output=True, check=True)
    return done.stdout.decode()


@pytest.mark.parametrize("cipher", ["auto", "chacha20-poly1305", "none"])
def test_what_was_sent_stands_in_no_file(tmp_path, cipher):
    with Server(options=[*QUICK, "--seal.cipher", cipher, "--journal.compress", "off", "--http.event_origins", "*"]) as server:
        fill(server)
        before = files_with(server.data_dir, CANARY)
        text = dump(server)
        limits = pathlib.Path(f"/proc/{server.process.pid}/limits").read_text().splitlines()
        core = next(line.split()[4:6] for line in limits if line.startswith("Max core file size"))
        if cipher != "none":
            assert core == ["0", "0"], core
        elif resource.getrlimit(resource.RLIMIT_CORE)[1] != 0:
            assert core != ["0", "0"], core
        saved = tmp_path / "saved"
        assert run("backup", "--out", saved, "--without-key", data=server.data_dir, timeout=120).returncode == 0
        assert bool(files_with(saved, CANARY)) == (cipher == "none"), files_with(saved, CANARY)
        server.stop()
        found = sorted(set(before + files_with(server.data_dir, CANARY)))
        if cipher == "none":  # else this test could not fail
            assert any(f.startswith("journal/") for f in found) and any(f.startswith("postgres/") for f in found), found
            assert CANARY in text
        else:
            assert not found and CANARY not in text, found
            assert (server.data_dir / "seal.key").stat().st_mode & 0o777 == 0o400
            assert "Keep a copy of that file" in server.output()
        server.start()
        assert len(server.logs(deployment="shop", q=f'"{CANARY}"', limit=1000)) == 49


@pytest.mark.parametrize("cipher", ["auto", "none"])
def test_what_an_agent_keeps_for_a_server_that_is_away_stands_in_no_file(tmp_path, cipher):
    log, state = tmp_path / "app.log", tmp_path / "state"
    log.write_text("".join(f"{CANARY} line {i}\n" for i in range(200)))
    with socket.socket() as nobody:  # bound, but it does not listen: connections are refused
        nobody.bind(("127.0.0.1", 0))
        agent = subprocess.Popen([str(PROGRAM), "agent", "--url", f"http://127.0.0.1:{nobody.getsockname()[1]}", "--no-metrics", "--from-start", "--file", str(log),
                                  "--state-dir", str(state), "--seal-cipher", cipher], env={**os.environ, "PENSTOCK_TOKEN": "x" * 20}, stderr=subprocess.DEVNULL)
        try:
            # 200 lines of JSON, packed or not, take more than what an empty buffer has in its files.
            wait_until(lambda: sum(f.stat().st_size for f in state.glob("spool*/**/*") if f.is_file()) + sum(
                f.stat().st_size for f in state.glob("*") if f.is_file() and f.name not in ("state", "seal.key")) > 1000, 30)
            found = files_with(state, f"{CANARY} line")
        finally:
            agent.kill()
            agent.wait()
    assert bool(found) == (cipher == "none"), found


def tree(folder):
    return {str(f.relative_to(folder)): hashlib.sha256(f.read_bytes()).hexdigest()
            for f in sorted(pathlib.Path(folder).rglob("*")) if f.is_file() and f.name != "lock"}


def refused(server, *says):
    """Starts in vain, and leaves the journal as it is."""
    before = tree(server.data_dir / "journal")
    offset = len(server.output())
    server.launch()
    assert server.process.wait(60) == 1, server.output()[offset:]
    said = server.output()[offset:]
    for text in says:
        assert text in said, said
    assert tree(server.data_dir / "journal") == before
    server.end_postgres()
    return said


def test_a_missing_or_wrong_key_is_named_and_nothing_is_changed(tmp_path):
    with Server(options=QUICK) as server:
        fill(server)
        assert server.send(records(5, "unstored")).status == 200
        server.kill()
        server.end_postgres()
        key, ring = server.data_dir / "seal.key", server.data_dir / "keyring"
        shutil.move(key, tmp_path / "kept")
        refused(server, str(key), "put it back")
        assert not key.exists()
        key.write_text("nonsense\n")
        refused(server, str(key), "no key")
        new = run("key", "new").stdout.strip()
        key.write_text(new + "\n")
        refused(server, "is sealed with the outer key", str(ring))
        for command in (["journal", "verify"], ["journal", "dump"], ["key", "status"]):
            done = run(*command, data=server.data_dir)
            assert done.returncode == 2 and "is sealed with the outer key" in done.stderr, done
        key.unlink()
        shutil.move(ring, tmp_path / "ring")
        shutil.move(str(ring) + ".copy", tmp_path / "ring.copy")
        refused(server, str(ring), "bring it back")
        assert not ring.exists() and not key.exists()
        shutil.move(tmp_path / "ring", ring)
        shutil.move(tmp_path / "kept", key)
        server.start()
        assert len(server.logs(deployment="shop", limit=1000)) == 54
        assert not (server.data_dir / "journal" / "quarantine").exists() or not list((server.data_dir / "journal" / "quarantine").iterdir())
        assert os.path.exists(str(ring) + ".copy")


def test_a_database_sealed_with_another_key_is_refused():
    with Postgres() as postgres:
        url = ["--database.url", postgres.url(postgres.new_database())]
        with Server(options=[*QUICK, *url]) as server:
            fill(server)
            key = (server.data_dir / "seal.key").read_bytes()
            stranger = Server(options=[*QUICK, *url])
            stranger.launch()
            assert stranger.process.wait(60) == 1
            assert "The data in the database is sealed with the outer key" in stranger.output()
            shutil.rmtree(stranger.data_dir)
            stranger.log_path.unlink()
            with_other = Server(options=[*QUICK, *url])
            (with_other.data_dir / "seal.key").write_bytes(key)
            with with_other:
                wait_until(lambda: len(with_other.logs(deployment="shop", limit=1000)) == 49, 20, "the other's records with its key")


def test_data_of_earlier_builds_stays_readable_and_new_data_is_sealed():
    with Server(options=[*QUICK, "--seal.cipher", "none"]) as server:
        fill(server)
        assert server.send(records(3, "unstored")).status == 200
        server.kill()
        server.options = QUICK
        server.start()
        assert server.send(records(20, "only-sealed")).status == 200
        server.wait_stored()
        assert len(server.logs(deployment="shop", limit=1000)) == 72
        server.stop()
        assert not files_with(server.data_dir, "only-sealed")
        assert run("journal", "verify", data=server.data_dir).returncode == 0
        server.options = [*QUICK, "--seal.cipher", "none"]
        server.start()
        assert len(server.logs(deployment="shop", limit=1000)) == 72


def test_a_key_comes_from_the_environment_or_a_credential(tmp_path):
    key = run("key", "new").stdout.strip()
    with Server(options=QUICK, environment={"PENSTOCK_SEAL_KEY": key}) as server:
        fill(server)
        server.stop()
        assert not (server.data_dir / "seal.key").exists()
        server.environment = {}
        refused(server, "put it back")
        (tmp_path / "penstock-seal-key").write_text(key)
        server.environment = {"CREDENTIALS_DIRECTORY": str(tmp_path)}
        server.start()
        assert len(server.logs(deployment="shop", limit=1000)) == 49


def test_rotation_beside_a_running_server_and_after_kill():
    ledger = Ledger()
    with Server(options=[*QUICK, "--journal.segment", "64KiB"]) as server:
        load = Load(server, ledger, "load", 7)
        load.start()
        wait_until(lambda: len(ledger.acked) > 300, 30, "load")
        wait_until(lambda: psql(server, "SELECT count(*) FROM data_key WHERE NOT retired")[0][0] > 0, 60, "keys to replace")
        old = (server.data_dir / "seal.key").read_bytes()
        done = run("key", "rotate", "--data-keys", data=server.data_dir)
        assert done.returncode == 0 and "->" in done.stdout, done
        assert (server.data_dir / "seal.key").read_bytes() != old
        goal = len(ledger.acked) + 500
        wait_until(lambda: len(ledger.acked) > goal, 30, "load after the rotation")
        load.stop()
        server.wait_stored()
        assert psql(server, "SELECT count(*) FROM data_key WHERE retired")[0][0] > 0
        status = run("key", "status", data=server.data_dir)
        assert status.returncode == 0 and "replaced for new data" in status.stdout, status
        server.kill()
        server.start()
        verify(server, ledger)
        # At the start maintenance looks: chunks under the retired keys are sealed anew, and the keys go.
        wait_until(lambda: psql(server, "SELECT count(*) FROM data_key WHERE retired AND use LIKE 'chunk/%'")[0][0] == 0, 90, "the chunks to be sealed anew")
        verify(server, ledger)
        checked = run("key", "verify", data=server.data_dir)
        assert checked.returncode == 0, checked
        server.stop()
        server.end_postgres()
        (server.data_dir / "seal.key").chmod(0o600)
        (server.data_dir / "seal.key").write_bytes(old)
        refused(server, "is sealed with the outer key")


@pytest.mark.parametrize("point", ["seal.rotate.both_keys", "seal.ring.written", "seal.rotate.ring", "seal.rotate.store", "seal.rotate.store_done"])
def test_killed_in_the_middle_of_a_rotation(point):
    with Postgres() as postgres:
        options = [*QUICK, "--database.url", postgres.url(postgres.new_database())]
        with Server(options=options) as server:
            fill(server)
            killed = run("key", "rotate", *options, data=server.data_dir, program=FAILPOINTS, FAILPOINT=f"{point}:1:kill")
            assert killed.returncode == -9, killed
            assert server.send(records(10, "between")).status == 200
            server.kill()
            server.start()
            server.wait_stored()
            assert len(server.logs(deployment="shop", limit=1000)) == 59
            again = run("key", "rotate", *options, data=server.data_dir)
            assert again.returncode == 0, again
            assert server.send(records(10, "after")).status == 200
            server.kill()
            server.start()
            server.wait_stored()
            assert len(server.logs(deployment="shop", limit=1000)) == 69
            checked = run("key", "verify", *options, data=server.data_dir)
            assert checked.returncode == 0, checked


def test_a_backup_carries_the_key_or_leaves_it_out(tmp_path):
    target = make_data_dir() / "restored"
    with Server(options=QUICK) as server:
        fill(server)
        key = (server.data_dir / "seal.key").read_bytes()
        assert run("backup", "--out", tmp_path / "with", data=server.data_dir, timeout=120).returncode == 0
        bare = run("backup", "--out", tmp_path / "without", "--without-key", data=server.data_dir, timeout=120)
        assert bare.returncode == 0, bare
    assert key in [f.read_bytes() for f in (tmp_path / "with").rglob("*") if f.is_file()]
    assert not files_with(tmp_path / "without", key.decode().splitlines()[-1]) and not files_with(tmp_path, CANARY)
    try:
        assert run("restore", "--from", tmp_path / "without", data=target, timeout=120).returncode == 0
        refused(Server(data_dir=target, options=QUICK), "put it back")
        (target / "seal.key").write_bytes(key)
        with Server(data_dir=target, options=QUICK) as with_key:
            assert len(with_key.logs(deployment="shop", limit=1000)) == 49
    finally:
        shutil.rmtree(target.parent)


def the_receipt(server):
    """Of the one deployment that was deleted."""
    found = [one for one in server.get("/api/v1/deletions").json()["deletions"] if one["whole"]]
    assert len(found) == 1, found
    return found[0]


def exported(server):
    """All that the journal's files hold, read with the keys of the data folder."""
    done = run("journal", "export", "--kind", "logs", data=server.data_dir)
    assert done.returncode == 0, done
    return done.stdout


def bring_back(server):
    """As somebody could who kept a copy of the sealed rows."""
    assert psql(server, "WITH back AS (INSERT INTO chunk SELECT * FROM saved RETURNING 1) SELECT count(*) FROM back")[0][0] > 0


@pytest.mark.parametrize("running", [True, False])
def test_nothing_of_a_destroyed_deployment_can_be_opened(running):
    with Server(options=QUICK) as server:
        fill(server)
        assert server.send([{"deployment": "kept", "message": f"stays {i}"} for i in range(10)]).status == 200
        server.wait_stored()
        psql(server, "CREATE TABLE saved AS SELECT * FROM chunk WHERE deployment = 'shop'")
        assert CANARY in exported(server)
        if not running:
            assert server.send(records(7, CANARY)).status == 200
            server.kill()
            server.end_postgres()
        done = run("key", "destroy", "--deployment", "shop", data=server.data_dir)
        assert done.returncode == 0 and "keys of shop are destroyed" in done.stdout, done
        if not running:
            server.start()
        wait_until(lambda: the_receipt(server)["gone"], 60, "the journal to let go of the deployment")
        assert the_receipt(server)["keys_destroyed"] > 0
        assert not server.logs(deployment="shop", limit=1000)
        assert CANARY not in exported(server)
        bring_back(server)
        answer = server.get("/api/v1/logs", deployment="shop", limit=1000, **{"from": "now-1d", "to": "now+1h"})
        assert CANARY not in answer.text, answer
        checked = run("key", "verify", data=server.data_dir)
        assert checked.returncode == 1 and " 0 chunks have no key" not in checked.stdout, checked
        assert len(server.logs(deployment="kept", limit=100)) == 10
        psql(server, "DELETE FROM chunk USING saved WHERE chunk.id = saved.id")
        assert server.send(records(4, "again")).status == 200, "the name can be used again"
        assert server.send([{"deployment": "shop", "source": "pi", "metrics": {"cpu.usage": 2.5}}], path="/api/v1/metrics").status == 200
        server.wait_stored()
        assert len(server.logs(deployment="shop", limit=100)) == 4
        assert psql(server, "SELECT count(*) FROM series WHERE deployment = 'shop'")[0][0] == 1, "the series is known again"
        server.kill()
        server.start()
        assert len(server.logs(deployment="shop", limit=100)) == 4
        assert run("audit", "verify", data=server.data_dir).returncode == 0


def delete_deployment(server, name="shop"):
    answer = server.request("DELETE", f"/api/v1/deployments/{name}")
    assert answer.status == 202, answer
    return answer.json()["receipt"]


def gone(server, receipt):
    answer = server.get(receipt)
    return answer.status == 200 and answer.json()["gone"]


def test_a_deployment_is_deleted_for_good_by_the_api_while_it_is_sent_to(tmp_path):
    ledger = Ledger()
    with Server(options=[*QUICK, "--journal.segment", "64KiB"]) as server:
        fill(server)
        assert run("backup", "--out", tmp_path / "before", data=server.data_dir, timeout=120).returncode == 0
        load = Load(server, ledger, "load", 7)
        load.start()
        wait_until(lambda: len(ledger.acked) > 200, 30, "load")
        assert server.request("DELETE", "/api/v1/deployments/..%2f").status in (400, 404)
        receipt = delete_deployment(server)
        # What is sent after the answer is new, whether or not the deed is done by now.
        assert server.send(records(5, "afterwards")).status == 200

        def answered_and_gone():
            answer = server.get("/api/v1/logs", deployment="shop")
            assert answer.status == 200, ("questions are answered while it goes on", answer)
            return gone(server, receipt)

        wait_until(answered_and_gone, 60, "the receipt")
        load.stop()
        server.wait_stored()
        told = server.get(receipt).json()
        assert told["whole"] and told["keys_destroyed"] > 0 and told["deleted"] >= 49 and told["from"] is None, told
        assert [b["place"] for b in told["backups"]] == [str(tmp_path / "before")], told
        assert len(server.logs(deployment="shop", limit=1000)) == 5
        assert CANARY not in exported(server)
        verify(server, ledger)
        actions = [e["action"] for e in server.get("/api/v1/audit", object="deployment:shop").json()["entries"]]
        assert actions == ["key.destroy", "deployment.delete", "logs.delete"], actions
        server.kill()
        server.start()
        assert len(server.logs(deployment="shop", limit=1000)) == 5
        verify(server, ledger)


@pytest.mark.parametrize("point", ["asked", "noted", "portions", "rows", "done"])
def test_killed_while_a_deployment_is_deleted_it_is_done_after_the_next_start_or_was_never_asked(point):
    with Postgres() as postgres:
        options = [*QUICK, "--database.url", postgres.url(postgres.new_database())]
        with Server(options=options) as server:
            fill(server)
            server.stop()
            server.program, server.environment = FAILPOINTS, {"FAILPOINT": f"postgres.removal.{point}:1:kill"}
            server.start()
            answered = None
            try:
                answered = server.request("DELETE", "/api/v1/deployments/shop")
            except OSError:
                pass
            server.process.wait(30)
            server.environment = {}
            server.start()
            assert server.send(records(4, "afterwards")).status == 200
            server.wait_stored()
            found = [one for one in server.get("/api/v1/deletions").json()["deletions"] if one["whole"]]
            assert len(found) == (0 if point == "asked" else 1), (point, found)
            assert answered is None or found
            if found:
                wait_until(lambda: gone(server, f"/api/v1/deletions/{found[0]['id']}"), 60, "the deed")
            assert len(server.logs(deployment="shop", limit=1000)) == (4 if found else 53)
            assert (CANARY in exported(server)) != bool(found)
            assert server.get("/api/v1/audit/verify").json()["intact"]


def test_a_deployment_is_deleted_though_the_database_goes_away_in_between():
    with Postgres() as postgres:
        options = [*QUICK, "--database.url", postgres.url(postgres.new_database())]
        with Server(options=options) as server:
            fill(server)
            postgres.kill()
            assert server.request("DELETE", "/api/v1/deployments/shop").status == 503, "nothing is noted"
            postgres.start()
            wait_until(lambda: server.request("GET", "/api/v1/keys").json()["store"], 60, "the database")
            receipt = delete_deployment(server)
            postgres.kill()
            assert server.send(records(4, "afterwards")).status == 200
            postgres.start()
            wait_until(lambda: gone(server, receipt), 90, "the deed")
            server.wait_stored()
            assert len(server.logs(deployment="shop", limit=1000)) == 4
            assert CANARY not in exported(server)


def test_two_servers_on_one_database_both_let_go_of_a_deployment():
    with Postgres() as postgres:
        url = ["--database.url", postgres.url(postgres.new_database())]
        with Server(options=[*QUICK, *url]) as server:
            fill(server)
            other = Server(options=[*QUICK, *url])
            (other.data_dir / "seal.key").write_bytes((server.data_dir / "seal.key").read_bytes())
            with other:
                fill(other)
                receipt = delete_deployment(server)
                wait_until(lambda: gone(server, receipt), 90, "both journals")
                assert CANARY not in exported(server) and CANARY not in exported(other)
                assert not other.logs(deployment="shop", limit=1000)
                assert other.send(records(3, "again")).status == 200
                other.wait_stored()
                assert len(server.logs(deployment="shop", limit=1000)) == 3


def status(server):
    answer = server.get("/api/v1/keys")
    assert answer.status == 200, answer
    return answer.json()


def test_keys_are_shown_replaced_and_tried_by_the_api_without_telling_any():
    with Server(options=QUICK) as server:
        fill(server)
        before = status(server)
        assert before["cipher"] != "none" and len(before["outer_keys"]) == 1 and before["replaceable"] and before["store"]["keys"] > 0, before
        old = (server.data_dir / "seal.key").read_text().split()[-1]
        done = server.request("POST", "/api/v1/keys/rotate", {"data_keys": True})
        assert done.status == 200 and done.json()["to"] != before["outer_keys"][0], done
        assert status(server)["outer_keys"] == [done.json()["to"]]
        assert server.send(records(5, "new")).status == 200
        server.wait_stored()
        assert server.request("POST", "/api/v1/keys/verify", {}).status == 202
        wait_until(lambda: status(server)["check"]["state"] == "passed", 30, "the trial")
        new = (server.data_dir / "seal.key").read_text().split()[-1]
        texts = [server.get("/api/v1/keys").text, done.text, server.get("/api/v1/audit").text, server.output()]
        assert not any(key in text for key in (old, new, old[5:], new[5:]) for text in texts)
        server.kill()
        server.start()
        wait_until(lambda: status(server)["store"]["chunks_to_reseal"] == 0, 90, "the chunks to be sealed anew")
        assert len(server.logs(deployment="shop", limit=1000)) == 54
        reader = server.request("POST", "/api/v1/tokens", {"name": "r", "rights": ["logs:read"], "deployment": "shop"}).json()["token"]
        for method, path in [("GET", "/api/v1/keys"), ("POST", "/api/v1/keys/rotate"), ("POST", "/api/v1/keys/verify"), ("DELETE", "/api/v1/deployments/shop")]:
            assert server.request(method, path, {} if method == "POST" else None, token=reader).status == 403


def test_a_key_that_is_in_no_file_of_the_server_is_not_replaced_by_it():
    key = run("key", "new").stdout.strip()
    with Server(options=QUICK, environment={"PENSTOCK_SEAL_KEY": key}) as server:
        fill(server)
        answer = server.request("POST", "/api/v1/keys/rotate", {})
        assert answer.status == 409 and "penstock key new" in answer.text and key not in answer.text, answer
        assert not status(server)["replaceable"]


@pytest.mark.parametrize("point", ["seal.rotate.both_keys", "seal.rotate.ring", "seal.rotate.store", "seal.rotate.store_done", "postgres.job.taken", "postgres.job.stored"])
def test_killed_in_the_middle_of_a_rotation_or_of_resealing_by_the_server(point):
    with Postgres() as postgres:
        options = [*QUICK, "--database.url", postgres.url(postgres.new_database()), "--store.compaction", "off"]
        with Server(options=options) as server:
            fill(server)
            server.stop()
            server.program, server.environment = FAILPOINTS, {"FAILPOINT": f"{point}:1:kill"}
            server.start()
            try:
                server.request("POST", "/api/v1/keys/rotate", {"data_keys": True})
            except OSError:
                pass
            server.process.wait(60)
            server.environment = {}
            server.start()
            assert server.request("POST", "/api/v1/keys/rotate", {"data_keys": True}).status == 200
            assert server.send(records(10, "after")).status == 200
            server.wait_stored()
            server.kill()
            server.start()
            wait_until(lambda: status(server)["store"]["chunks_to_reseal"] == 0, 90, "the chunks to be sealed anew")
            assert len(server.logs(deployment="shop", limit=1000)) == 59
            assert server.request("POST", "/api/v1/keys/verify", {}).status == 202
            wait_until(lambda: status(server)["check"]["state"] not in ("running", "never"), 30, "the trial")
            assert status(server)["check"]["state"] == "passed", status(server)


def test_the_database_goes_away_in_the_middle_of_a_rotation():
    with Postgres() as postgres:
        options = [*QUICK, "--database.url", postgres.url(postgres.new_database())]
        with Server(options=options) as server:
            fill(server)
            postgres.kill()
            assert server.request("POST", "/api/v1/keys/rotate", {"data_keys": True}).status == 503
            postgres.start()
            wait_until(lambda: server.request("POST", "/api/v1/keys/rotate", {"data_keys": True}).status == 200, 60, "the rotation")
            postgres.kill()
            assert server.send(records(10, "between")).status == 200
            postgres.start()
            server.kill()
            server.start()
            server.wait_stored()
            wait_until(lambda: status(server)["store"]["chunks_to_reseal"] == 0, 90, "the chunks to be sealed anew")
            assert len(server.logs(deployment="shop", limit=1000)) == 59
            assert status(server)["rotation_unfinished"] is False
