"""The operator's tools: what they say of real data, and that what they give back is what was taken."""

import json
import os
import random
import shutil
import subprocess

import pytest

from harness import PROGRAM, TOKEN, Server, make_data_dir, psql, server_socket_dir, wait_until
from ledger import Ledger, Load

AGENT_TOKEN = "pst_agent-token-for-tests-0123456789abcdef"


@pytest.fixture(scope="module")
def server():
    with Server(options=["--auth.agent_token", AGENT_TOKEN]) as running:
        yield running


@pytest.fixture
def quick():
    """A server of the test's own that stores soon."""
    with Server(options=["--store.flush_interval", "200ms"]) as running:
        yield running


def run(*arguments, data=None, text=None, timeout=60, **environment):
    command = [str(PROGRAM), *[str(a) for a in arguments]]
    if data:
        command += ["--data-dir", str(data)]
    return subprocess.run(command, input=text, capture_output=True, text=True, timeout=timeout, check=False,
                          env={**os.environ, **environment})


# --- journal ----------------------------------------------------------------------------------------------------------

LOGS = [{"timestamp": "2026-11-20T13:33:00.123456789Z", "deployment": "shop", "source": "checkout-1", "severity": "WARN",
         "message": "card \"declined\"\n", "fields": {"order.id": 8841, "gift": True, "ratio": 0.1, "none": None, "tags": [1, "a"]}},
        {"timestamp": "2026-11-20T13:33:01Z", "deployment": "shop", "source": "checkout-2", "severity": "INFO", "message": "größer 😀"}]
POINTS = [{"timestamp": "2026-11-20T13:33:00Z", "deployment": "shop", "source": "pi-3", "labels": {"room": "attic"},
           "metrics": {"cpu.usage": 12.5, "ram.used": 412311552}}]


def lines(done):
    return [json.loads(line) for line in done.stdout.splitlines()]


def fill(server):
    options = ["--retention.logs", "36500d", "--retention.metrics", "36500d"]
    server.options += options
    server.start()
    assert server.send(LOGS).status == 200
    assert server.send(POINTS, path="/api/v1/metrics").status == 200
    return server


def test_the_journal_is_read_beside_a_running_server_and_after_it():
    with fill(Server()) as server:
        server.wait_stored()
        beside = run("journal", "ls", data=server.data_dir)
        assert beside.returncode == 0, beside
        assert "3 records in" in beside.stdout and " open " in beside.stdout, beside.stdout
        assert "store: has all below 4, lags by 0 records" in beside.stdout, beside.stdout
        assert run("journal", "verify", data=server.data_dir).returncode == 0
        assert lines(run("journal", "export", "--kind", "logs", data=server.data_dir)) == LOGS
        assert server.stop() == 0
        after = run("journal", "ls", data=server.data_dir)
        assert after.returncode == 0 and " closed " in after.stdout, after
        assert "does not run" in after.stdout, "a Postgres that is away is said to be"
        assert run("journal", "verify", data=server.data_dir).returncode == 0
        dump = run("journal", "dump", "--from", "2", "--limit", "1", data=server.data_dir)
        assert dump.returncode == 0 and "    2 log {" in dump.stdout and "    1 log" not in dump.stdout, dump
        assert "    3 point" not in dump.stdout
        server.start()  # none of that was in the way


def test_what_was_exported_can_be_sent_again():
    with fill(Server()) as first:
        assert first.stop() == 0
        logs = run("journal", "export", "--kind", "logs", data=first.data_dir)
        points = run("journal", "export", "--kind", "metrics", data=first.data_dir)
        assert lines(logs) == LOGS and lines(points) == POINTS
        assert lines(run("journal", "export", "--kind", "logs", "--from", "2", "--to", "2", data=first.data_dir)) == LOGS[1:]
        with Server(options=first.options) as second:
            for flags, done in (["--json"], logs), (["--json", "--metrics"], points):
                sent = run("send", *flags, "--url", f"http://127.0.0.1:{second.port}", text=done.stdout, PENSTOCK_TOKEN=TOKEN)
                assert sent.returncode == 0 and f"{len(done.stdout.splitlines())} accepted, 0 rejected" in sent.stdout, sent
            assert second.stop() == 0
            for kind, done in (("logs", logs), ("metrics", points)):
                assert run("journal", "export", "--kind", kind, data=second.data_dir).stdout == done.stdout


def test_verify_names_the_damage_and_export_gives_the_rest():
    # Not sealed: the test looks for a record in its file.
    with Server(options=["--seal.cipher", "none"]) as fresh:
        for i in range(3):
            assert fresh.send([{"message": f"frame {i}"}]).status == 200
        assert fresh.stop() == 0
        segment = next(p for p in sorted((fresh.data_dir / "journal").glob("*.segment")) if b"frame 1" in p.read_bytes())
        data = bytearray(segment.read_bytes())
        place = data.index(b"frame 1")
        data[place] ^= 1
        segment.write_bytes(data)
        verified = run("journal", "verify", data=fresh.data_dir)
        assert verified.returncode == 1, verified
        damage = verified.stdout.splitlines()[0]
        assert damage.startswith(f"{segment}: damaged at ") and "1 records lost: 2..2" in damage, damage
        offset, size = int(damage.split("damaged at ")[1].split(",")[0]), int(damage.split(", ")[1].split(" bytes")[0])
        assert offset < place < offset + size
        exported = run("journal", "export", "--kind", "logs", data=fresh.data_dir)
        assert exported.returncode == 1 and "records 2..2 are damaged" in exported.stderr
        assert [r["message"] for r in lines(exported)] == ["frame 0", "frame 2"]


def test_the_journal_commands_say_what_is_wrong_with_their_arguments(tmp_path):
    absent = run("journal", "ls", data=tmp_path)
    assert absent.returncode == 2 and "--data-dir" in absent.stderr
    assert not list(tmp_path.iterdir()), "nothing was made"
    assert run("journal", "export", "--kind", "cheese", data=tmp_path).returncode == 2
    assert run("journal", "export", data=tmp_path).returncode == 2


# --- selftest ---------------------------------------------------------------------------------------------------------

def test_selftest_measures_and_leaves_nothing(tmp_path):
    folder = tmp_path / "data"
    done = run("selftest", data=folder)
    assert done.returncode == 0, done
    for part in ("disk", "fdatasync", "CRC-32C", "AES-256-GCM", "ChaCha20-Poly1305", "zstd", "open files"):
        assert any(line.split(None, 1)[1].startswith(part) for line in done.stdout.splitlines()[:-1]), (part, done.stdout)
    assert "a lone client gets at most" in done.stdout and "can run here" in done.stdout
    assert not folder.exists()


def test_selftest_says_what_keeps_a_server_from_its_work(tmp_path):
    small = run("selftest", "--journal.free_reserve", "16TiB", data=tmp_path)
    assert small.returncode == 1 and "BAD" in small.stdout and "ingest would be refused" in small.stdout, small
    full = run("selftest", "--journal.disk_budget", "1TiB", data=tmp_path)
    assert full.returncode == 0 and "lower journal.disk_budget" in full.stdout, full
    file = tmp_path / "file"
    file.write_text("")
    absent = run("selftest", data=file / "below")
    assert absent.returncode == 1 and "--data-dir" in absent.stdout, absent


# --- dead letters -----------------------------------------------------------------------------------------------------

def dead_letter(server, *arguments, token=TOKEN):
    return run("dead-letter", *arguments, "--url", f"http://127.0.0.1:{server.port}", PENSTOCK_TOKEN=token)


def ids_of(server):
    listed = dead_letter(server, "ls")
    assert listed.returncode == 0, listed
    return [line.split()[0] for line in listed.stdout.splitlines()]


def poison(server):
    """Makes the store refuse whatever belongs to the deployment `poison`."""
    server.wait_stored()
    psql(server, "ALTER TABLE chunk ADD CONSTRAINT no_poison CHECK (deployment <> 'poison')")


def test_dead_letters_are_listed_shown_replayed_and_discarded(quick):
    assert quick.send([{"message": "before", "deployment": "shop"}]).status == 200
    poison(quick)
    records = [{"message": f"record {i}", "deployment": "poison" if i % 10 == 3 else "shop", "fields": {"i": i}} for i in range(40)]
    assert quick.send(records).status == 200
    point = {"deployment": "poison", "source": "pi", "metrics": {"cpu.usage": 7}}
    assert quick.send([point], path="/api/v1/metrics").status == 200
    wait_until(lambda: len(ids_of(quick)) == 5, 60, "the dead letters")
    quick.wait_stored()
    assert len(quick.logs(deployment="shop", limit=1000)) == 37, "only the poison is left out"

    listed = dead_letter(quick, "ls").stdout.splitlines()
    assert all("invalid_value  poison" in line and "no_poison" in line for line in listed), listed
    assert [line.split("  ")[4] for line in listed] == ["log"] * 4 + ["metric"]
    ids = ids_of(quick)
    shown = dead_letter(quick, "show", ids[0])
    assert shown.returncode == 0, shown
    letter = json.loads(shown.stdout)
    assert letter["id"] == ids[0] and letter["record"]["message"] == "record 3" and letter["record"]["fields"] == {"i": 3}
    sample = json.loads(dead_letter(quick, "show", ids[4]).stdout)["record"]
    assert sample["metrics"] == {"cpu.usage": 7} and sample["source"] == "pi"

    # While the poison is poison, a replay brings it back as a letter of a new name.
    again = dead_letter(quick, "replay", ids[0])
    assert again.returncode == 0 and "1 replayed, 0 failed" in again.stdout, again
    wait_until(lambda: len(ids_of(quick)) == 5 and ids[0] not in ids_of(quick), 60, "the letter that came back")
    assert dead_letter(quick, "show", ids[0]).returncode == 2

    psql(quick, "ALTER TABLE chunk DROP CONSTRAINT no_poison")
    assert dead_letter(quick, "discard", ids[1]).returncode == 0
    replayed = dead_letter(quick, "replay", "--all")
    assert replayed.returncode == 0 and "4 replayed, 0 failed" in replayed.stdout, replayed
    assert ids_of(quick) == []
    quick.wait_stored()
    assert sorted(r["message"] for r in quick.logs(deployment="poison")) == ["record 23", "record 3", "record 33"]
    latest = quick.get("/api/v1/metrics/latest", names="cpu.usage", n=5).json()
    assert str(latest).count("7") >= 1 and "pi" in str(latest), latest
    assert dead_letter(quick, "ls").stdout == ""


def test_a_replay_is_the_same_after_a_crash_and_harmless_when_repeated(quick):
    poison(quick)
    assert quick.send([{"message": "once", "deployment": "poison"}]).status == 200
    wait_until(lambda: len(ids_of(quick)) == 1, 60, "the dead letter")
    psql(quick, "ALTER TABLE chunk DROP CONSTRAINT no_poison")
    row = psql(quick, "SELECT journal_id, sequence, reason, detail, encode(batch, 'hex') FROM dead_letter")[0]
    assert dead_letter(quick, "replay", "--all").returncode == 0
    quick.wait_stored()
    quick.kill()
    quick.end_postgres()
    quick.start()
    # As if the crash had come after the journal had it, and before the letter was removed.
    psql(quick, "INSERT INTO dead_letter VALUES (%d, %d, '%s', 'again', decode('%s', 'hex'))" % (row[0], row[1], row[2], row[4]))
    assert dead_letter(quick, "replay", "--all").stdout.startswith("1 replayed")
    assert ids_of(quick) == []
    quick.wait_stored()
    assert [r["message"] for r in quick.logs(deployment="poison")] == ["once"]


def test_dead_letters_are_for_administrators_and_mistakes_are_named(server):
    for method, path, body in (("GET", "", None), ("POST", "/replay", "{}"), ("POST", "/discard", "{}")):
        assert server.request(method, "/api/v1/dead-letter" + path, body=body, token=None).status == 401
        assert server.request(method, "/api/v1/dead-letter" + path, body=body, token=AGENT_TOKEN).status == 403
    for body in ("", "{}", "[]", '{"ids": []}', '{"ids": "a"}', '{"ids": [7]}', '{"ids": ["nonsense"]}',
                 json.dumps({"ids": ["0000000000001-1"] * 1001})):
        assert server.request("POST", "/api/v1/dead-letter/discard", body=body).status == 400, body
    assert server.get("/api/v1/dead-letter", limit=0).status == 400
    assert server.get("/api/v1/dead-letter", after="x").status == 400
    assert server.get("/api/v1/dead-letter/nonsense").status == 400
    assert server.get("/api/v1/dead-letter/0000000000001-1").status == 404
    gone = server.request("POST", "/api/v1/dead-letter/replay", body={"ids": ["0000000000001-1"]}).json()
    assert gone["done"] == 0 and gone["failed"][0]["code"] == "not_found"
    assert dead_letter(server, "ls", token="pst_wrong_wrong_wrong_wrong").returncode == 2
    failed = dead_letter(server, "discard", "0000000000001-1")
    assert failed.returncode == 1 and "0000000000001-1: " in failed.stderr and "0 discarded, 1 failed" in failed.stdout, failed
    assert dead_letter(server, "replay").returncode == 2


# --- backup and restore -----------------------------------------------------------------------------------------------

def create_database(server, name):
    import psycopg2  # CREATE DATABASE wants no transaction around it

    host, port, user, database = server_socket_dir(server)
    connection = psycopg2.connect(host=str(host), port=port, user=user, dbname=database)
    connection.autocommit = True
    connection.cursor().execute(f"CREATE DATABASE {name}")
    connection.close()


def restored_check(ledger, acked_before, server):
    """All that was acknowledged before the backup began is there once, nothing is invented or changed."""
    server.wait_stored()
    stored = server.all_logs(deployment="ledger")
    ids = [record["fields"]["id"] for record in stored]
    assert len(ids) == len(set(ids)), "stored twice"
    assert not acked_before - set(ids), f"{len(acked_before - set(ids))} lost"
    assert set(ids) <= set(ledger.sent), "invented"
    for record in stored:
        assert record["fields"]["digest"] == ledger.digest(record["fields"]["id"], record["message"]), "changed"
    return set(ids)


def test_a_backup_under_load_brings_back_what_was_acknowledged_before_it(tmp_path):
    # Small segments that go as soon as they are stored, so that they vanish while the backup runs.
    options = ["--journal.segment", "64KiB", "--journal.keep_consumed", "0", "--store.flush_interval", "100ms"]
    ledger, out, target = Ledger(), tmp_path / "backup", make_data_dir() / "restored"
    with Server(options=options) as server:
        loads = [Load(server, ledger, f"load{i}", seed=i) for i in range(2)]
        for load in loads:
            load.start()
        wait_until(lambda: len(ledger.acked) > 3000 and server.metric("penstock_store_commits_total") > 3, 60, "some load")
        point = {"deployment": "ledger", "source": "pi", "metrics": {"cpu.usage": 12.5}}
        assert server.send([point], path="/api/v1/metrics").status == 200
        acked_before = set(ledger.acked)
        made = run("backup", "--out", out, data=server.data_dir, timeout=120)
        assert made.returncode == 0 and "beside the running server" in made.stdout, made
        acked_after = len(ledger.acked)
        assert acked_after > len(acked_before), "the load went on"
        wait_until(lambda: len(ledger.acked) > acked_after, 30, "load after the backup")
        for load in loads:
            load.stop()
        token = (server.data_dir / "admin-token.sha256").read_bytes()
        assert not (server.data_dir / "journal" / "hold-for-backup").exists()
        server.kill()
    assert not server.data_dir.exists()

    try:
        restored = run("restore", "--from", out, data=target, timeout=120)
        assert restored.returncode == 0, restored
        assert (target / "admin-token.sha256").read_bytes() == token
        assert run("journal", "verify", data=target).returncode == 0
        with Server(data_dir=target, options=options) as again:
            found = restored_check(ledger, acked_before, again)
            latest = again.get("/api/v1/metrics/latest", names="cpu.usage", n=5, deployment="ledger").json()
            assert "12.5" in str(latest), latest
            fresh = {"deployment": "ledger", "message": "after", "fields": {"id": "after", "digest": ledger.digest("after", "after")}}
            ledger.note_sent([fresh])
            assert again.send([fresh]).status == 200
            assert restored_check(ledger, acked_before | {"after"}, again) == found | {"after"}
            refused = run("restore", "--from", out, data=target)
            assert refused.returncode == 1 and "not empty" in refused.stderr, refused
    finally:
        shutil.rmtree(target.parent)


def test_a_backup_of_a_stopped_server_and_what_is_wrong_with_a_damaged_one(quick, tmp_path):
    out, target = tmp_path / "backup", make_data_dir() / "restored"
    quick.send([{"message": f"record {i}", "deployment": "kept"} for i in range(100)])
    quick.wait_stored()
    key = {"Idempotency-Key": "kept-key"}
    first = quick.send([{"message": "with a key", "deployment": "kept"}], headers=key)
    quick.kill()  # the last record is in the journal alone, or in both
    made = run("backup", "--out", out, data=quick.data_dir, timeout=120)
    assert made.returncode == 0 and "while no server ran" in made.stdout, made
    assert run("backup", "--out", out, data=quick.data_dir).returncode == 1, "a backup is never written over"
    assert run("backup", "--out", quick.data_dir / "b", data=quick.data_dir).returncode == 1
    quick.start()  # nothing is held or changed
    assert len(quick.logs(deployment="kept", limit=1000)) == 101
    for file in sorted(out.rglob("*")):
        if file.is_file() and file.stat().st_size:
            whole = file.read_bytes()
            changed = bytearray(whole)
            changed[len(whole) // 2] ^= 1
            file.write_bytes(changed)
            refused = run("restore", "--from", out, data=target)
            assert refused.returncode == 1 and "use another backup" in refused.stderr, (file, refused)
            file.write_bytes(whole)
    assert not target.exists() and not target.with_name("restored.restoring").exists()
    try:
        restored = run("restore", "--from", out, data=target, timeout=120)
        assert restored.returncode == 0, restored
        with Server(data_dir=target, options=quick.options) as again:
            assert again.send([{"message": "with a key", "deployment": "kept"}], headers=key).body == first.body
            again.wait_stored()
            messages = [r["message"] for r in again.logs(deployment="kept", limit=1000)]
            assert sorted(messages) == sorted([f"record {i}" for i in range(100)] + ["with a key"])
    finally:
        shutil.rmtree(target.parent)


BAD_DISK = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
// BAD_DISK="PART_OF_PATH OFFSET": the byte there cannot be read.
ssize_t pread64(int fd, void* into, size_t count, off64_t offset) {
  static ssize_t (*real)(int, void*, size_t, off64_t);
  if (!real) real = (ssize_t (*)(int, void*, size_t, off64_t))dlsym(RTLD_NEXT, "pread64");
  const char* wish = getenv("BAD_DISK");
  char part[256], link[64], path[4096];
  long long bad;
  if (wish && sscanf(wish, "%255s %lld", part, &bad) == 2 && offset <= bad && bad < offset + (long long)count) {
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t size = readlink(link, path, sizeof path - 1);
    path[size > 0 ? size : 0] = 0;
    if (strstr(path, part)) { errno = EIO; return -1; }
  }
  return real(fd, into, count, offset);
}
ssize_t pread(int fd, void* into, size_t count, off_t offset) { return pread64(fd, into, count, offset); }
"""


def test_a_backup_takes_all_that_can_be_read_and_names_the_rest(tmp_path):
    """An unreadable sector and a damaged frame cost their own records: named in the manifest, on stderr, and by the exit code."""
    (tmp_path / "bad_disk.c").write_text(BAD_DISK)
    subprocess.run(["cc", "-shared", "-fPIC", "-o", tmp_path / "bad_disk.so", tmp_path / "bad_disk.c", "-ldl"], check=True)
    out, target = tmp_path / "backup", make_data_dir() / "restored"
    # Postgres never gets them: all lie in the journal alone.
    with Server(options=["--store.flush_interval", "1h", "--store.flush_bytes", "16MiB"]) as server:
        for i in range(40):
            text = f"record {i} " + random.Random(i).randbytes(3000).hex()
            assert server.send([{"message": text, "deployment": "kept"}]).status == 200
        server.kill()
        server.end_postgres()
        segment = max((server.data_dir / "journal").glob("*.segment"), key=lambda path: path.stat().st_size)
        bytes_ = bytearray(segment.read_bytes())
        bytes_[15_000] ^= 1
        segment.write_bytes(bytes_)
        environment = {**os.environ, "LD_PRELOAD": str(tmp_path / "bad_disk.so"), "BAD_DISK": f".segment {50_000}"}
        made = subprocess.run([PROGRAM, "backup", "--out", out, "--data-dir", server.data_dir], env=environment, timeout=120,
                              capture_output=True, text=True)
        assert made.returncode == 3, made
        manifest = (out / "MANIFEST").read_text()
        assert f"unreadable 49152 4096 journal/{segment.name}" in manifest, manifest
        lost = [line.split() for line in manifest.splitlines() if line.startswith("lost ")]
        count = sum(int(to) - int(first) for _, first, to, _ in lost)
        assert 2 <= count <= 4 and all(path == f"journal/{segment.name}" for *_, path in lost), manifest
        for told in ("not whole", "bytes 49152 to 53247", f"{count} are not in the database either"):
            assert told in made.stderr, made
        try:
            restored = run("restore", "--from", out, data=target, timeout=120)
            assert restored.returncode == 3 and "bytes 49152 to 53247" in restored.stderr, restored
            with Server(data_dir=target) as again:
                again.wait_stored()
                messages = [record["message"].split()[1] for record in again.all_logs(deployment="kept")]
                assert len(messages) == len(set(messages)) == 40 - count
                assert again.send([{"message": "after it", "deployment": "kept"}]).status == 200
                assert len(again.all_logs(deployment="kept", q="after")) == 1
        finally:
            shutil.rmtree(target.parent)


def test_a_restore_into_a_database_of_the_operators(quick, tmp_path):
    out, target = tmp_path / "backup", tmp_path / "restored"
    quick.send([{"message": f"record {i}", "deployment": "kept"} for i in range(10)])
    quick.wait_stored()
    host, port, user, _ = server_socket_dir(quick)
    url = f"host={host} port={port} user={user} dbname=elsewhere"
    create_database(quick, "elsewhere")
    assert run("backup", "--out", out, data=quick.data_dir, timeout=120).returncode == 0
    restored = run("restore", "--from", out, "--database.url", url, data=target, timeout=120)
    assert restored.returncode == 0, restored
    assert not (target / "postgres").exists()
    with Server(data_dir=target, options=["--database.url", url]) as again:
        assert len(again.logs(deployment="kept")) == 10
        second = tmp_path / "second"
        beside = run("backup", "--out", second, "--database.url", url, data=target, timeout=120)
        assert beside.returncode == 0, beside
    refused = run("restore", "--from", out, "--database.url", url, data=tmp_path / "other", timeout=120)
    assert refused.returncode == 1 and "database to restore into is not empty" in refused.stderr, refused
    assert not (tmp_path / "other").exists() and not (tmp_path / "other.restoring").exists()
