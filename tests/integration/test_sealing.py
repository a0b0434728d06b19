"""Sealing at rest: what was sent stands in no file, comes back with its key and not without, and keys are replaced without a gap."""

import hashlib
import os
import pathlib
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
def test_what_was_sent_stands_in_no_file(cipher):
    with Server(options=[*QUICK, "--seal.cipher", cipher, "--journal.compress", "off", "--http.event_origins", "*"]) as server:
        fill(server)
        before = files_with(server.data_dir, CANARY)
        text = dump(server)
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
