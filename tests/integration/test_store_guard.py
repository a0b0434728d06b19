"""What guards the way to the store: copies of a data folder, a store that is ahead, one that is away; and who is told what about it."""

import contextlib
import shutil
import signal
import subprocess
import time

import psycopg2
import pytest

from harness import PROGRAM, Server, make_data_dir, wait_until
from postgres_server import Postgres

QUICK = ["--store.flush_interval", "50ms"]


@pytest.fixture(scope="module")
def postgres():
    with Postgres() as running:
        yield running


def send(server, text, deployment="d"):
    answer = server.send([{"deployment": deployment, "message": text}])
    assert answer.status == 200, answer


def messages(server, deployment="d"):
    return sorted(record["message"] for record in server.logs(deployment=deployment, limit=1000))


def rename_database(postgres, name, to):
    """As soon as nobody is connected any more."""
    def renamed():
        with contextlib.suppress(psycopg2.Error):
            postgres.query(f"ALTER DATABASE {name} RENAME TO {to}")
            return True
        return False
    wait_until(renamed, 20, "the sessions to end", every=0.05)


class Store:
    """A database of its own, and the options of servers that store there."""

    def __init__(self, postgres):
        self.postgres, self.name = postgres, postgres.new_database()
        self.place = ["--database.url", postgres.url(self.name)]
        self.options = [*QUICK, *self.place]

    @contextlib.contextmanager
    def away(self):
        rename_database(self.postgres, self.name, self.name + "_away")
        yield
        rename_database(self.postgres, self.name + "_away", self.name)


@pytest.fixture
def store(postgres):
    return Store(postgres)


@contextlib.contextmanager
def copy_of(server, options):
    """A server on a copy of another's data folder."""
    folder = make_data_dir()
    shutil.copytree(server.data_dir, folder / "data", ignore=shutil.ignore_patterns("postgres"))
    copy = Server(data_dir=folder / "data", options=options)
    try:
        yield copy
    finally:
        copy.kill()
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def original_and_copy(store):
    """Both stopped, on the same folder with one record, which is stored."""
    with Server(options=store.options) as original:
        send(original, "before the copy")
        original.wait_stored()
        original.stop()
        with copy_of(original, store.options) as copy:
            yield original, copy


def test_an_older_copy_of_the_folder_stores_what_it_takes(store):
    with original_and_copy(store) as (original, copy):
        original.start()
        for i in range(20):
            send(original, f"original {i}")
        original.wait_stored()
        original.stop()
        copy.start()
        for i in range(5):
            send(copy, f"copy {i}")
        expected = sorted(["before the copy", *(f"original {i}" for i in range(20)), *(f"copy {i}" for i in range(5))])
        copy.wait_stored()
        assert messages(copy) == expected
        assert copy.metric("penstock_sink_steps_total") == 1
        copy.kill()
        copy.start()
        send(copy, "after a restart")
        copy.wait_stored()
        assert messages(copy) == sorted([*expected, "after a restart"])
        assert copy.metric("penstock_sink_dropped_total", reason="journal_gap") == 0
        copy.stop()
        verified = subprocess.run([PROGRAM, "journal", "verify", "--data-dir", copy.data_dir], capture_output=True, text=True)
        assert verified.returncode == 0 and " 0 records lost" in verified.stdout, verified


def test_records_taken_by_the_copy_while_the_store_was_away_are_stored_too(store):
    with original_and_copy(store) as (original, copy):
        original.start()
        for i in range(5):
            send(original, f"original {i}")
        original.wait_stored()
        original.stop()
        with store.away():
            copy.start()
            for i in range(10):
                send(copy, f"copy {i}")
        copy.wait_stored()
        assert messages(copy) == sorted(["before the copy", *(f"original {i}" for i in range(5)), *(f"copy {i}" for i in range(10))])


def test_of_two_servers_on_copies_of_one_folder_the_later_stops_and_both_say_so(store):
    with Server(options=store.options) as earlier:
        send(earlier, "first")
        earlier.wait_stored()
        with copy_of(earlier, store.options) as later:
            later.start(wait_ready=False)
            wait_until(lambda: later.process.poll() is not None, 30, "the later one to stop")
            assert later.process.returncode == 1
            assert "Another server with a copy of this data folder was there first" in later.output()
        wait_until(lambda: "came later; it is told to stop" in earlier.output(), 10, "the earlier one to say so")
        for i in range(10):
            send(earlier, f"goes on {i}")
        earlier.wait_stored()
        assert messages(earlier) == sorted(["first", *(f"goes on {i}" for i in range(10))])


def ready(server, token):
    return server.request("GET", "/ready", token=token).json()["checks"]["store"]


def test_a_halted_postgres_is_noticed_within_two_seconds_and_no_query_waits_for_it(postgres, store):
    with Server(options=store.options) as server:
        send(server, "here")
        assert ready(server, server.token)["ok"]
        postgres.halt()
        try:
            halted = time.monotonic()
            wait_until(lambda: not ready(server, server.token)["ok"], 10, "the store to be found away")
            assert time.monotonic() - halted < 2.5
            slowest = 0
            for _ in range(5):
                begun = time.monotonic()
                answer = server.get("/api/v1/logs", deployment="d")
                slowest = max(slowest, time.monotonic() - begun)
                assert answer.status == 200 and answer.json()["stats"]["partial"], answer
            assert slowest < 1, slowest
        finally:
            postgres.go_on()
        wait_until(lambda: ready(server, server.token)["ok"], 20, "the store to be found again")
        assert not server.get("/api/v1/logs", deployment="d").json()["stats"]["partial"]


def test_nothing_that_postgres_says_reaches_a_client_and_strangers_learn_no_details(postgres, store):
    with Server(options=store.options) as server:
        send(server, "here")
        server.wait_stored()
        postgres.query("ALTER TABLE chunk RENAME TO hidden_chunk", store.name)
        for method, path in (("GET", "/api/v1/logs?from=now-1h"), ("GET", "/api/v1/logs?from=now-1h&format=ndjson"),
                             ("DELETE", "/api/v1/logs?from=now-1h&to=now&deployment=d"), ("GET", "/api/v1/query_range?query=x"),
                             ("GET", "/api/v1/dead-letters"), ("GET", "/api/v1/facets?field=source")):
            said = server.request(method, path).text
            for secret in ("SQLSTATE", "relation", "hidden", "ERROR:"):
                assert secret not in said, (path, said)
        postgres.query("ALTER TABLE hidden_chunk RENAME TO chunk", store.name)
        postgres.kill()
        try:
            wait_until(lambda: not ready(server, None)["ok"], 10, "the store to be found away")
            assert set(ready(server, None)) == {"ok", "required"}
            assert set(ready(server, "pst_no-such-token")) == {"ok", "required"}
            assert "could not" in ready(server, server.token)["message"]
        finally:
            postgres.start()


def test_deletions_are_known_after_a_restart_without_postgres(store):
    with Server(options=[*store.place, "--store.flush_interval", "1h"]) as server:
        send(server, "keep")
        send(server, "drop")
        assert server.request("DELETE", "/api/v1/logs?deployment=d&q=drop&from=now-1h&to=now%2B1h").status == 200
        server.kill()
        with store.away():
            server.start()
            assert messages(server) == ["keep"]


def test_a_deletion_that_cannot_be_read_is_told_where_operators_look(postgres, store):
    """In /ready (which the page's System view shows), in the stats and in the metrics; the server stays ready."""
    with Server(options=store.options) as server:
        send(server, "keep")
        send(server, "drop")
        server.wait_stored()
        deletions = lambda token=server.token: server.request("GET", "/ready", token=token).json()["checks"]["deletions"]
        assert deletions() == {"ok": True, "required": False}
        postgres.query("INSERT INTO deletion (deployment, from_time, to_time, filter, journal_id, before_sequence, created_at) "
                       "SELECT 'd', 0, 9e18::bigint, '{\"later\": 1}', journal_id, 100, 1 FROM journal_cursor", store.name)
        server.stop()
        (server.data_dir / "deletions").write_bytes(b"PSTDELS1 and then something else")
        server.start()
        wait_until(lambda: server.stats()["deletions"]["unreadable"] == 1, 30, "the deletion to be looked at")
        assert server.metric("penstock_deletions_unreadable") == 1
        told = deletions()
        assert not told["ok"] and "cannot be understood" in told["message"] and "deletions.damaged" in told["message"], told
        assert told["message"] == server.stats()["deletions"]["problem"]
        assert deletions(None) == {"ok": False, "required": False}
        assert server.request("GET", "/ready", token=None).status == 200


def test_a_copy_that_took_records_with_postgres_away_and_was_restarted_loses_none_of_them(store):
    """The original's deliveries move the cursor past what the copy holds and has not delivered; a restart must not take that for its own."""
    with original_and_copy(store) as (original, copy):
        expected = ["before the copy"]

        def take(server, name, count):
            for i in range(count):
                send(server, f"{name} {i}")
                expected.append(f"{name} {i}")

        original.start()
        take(original, "original", 7)
        original.wait_stored()
        original.stop()
        with store.away():
            copy.start()
            take(copy, "copy", 12)  # more than the original had: the cursor lies within them
            copy.kill()
            copy.start()
            take(copy, "copy, restarted,", 3)
        copy.wait_stored()
        assert messages(copy) == sorted(expected)
        take(copy, "copy, back,", 3)
        copy.wait_stored()
        copy.stop()
        # And the other way round: now the original is the one behind, and takes records while the store is away.
        with store.away():
            original.start()
            take(original, "original, alone,", 30)
            original.kill()
            original.start()
        original.wait_stored()
        assert messages(original) == sorted(expected)
        original.kill()
        original.start()
        take(original, "original, again,", 2)
        original.wait_stored()
        assert messages(original) == sorted(expected)
        assert original.metric("penstock_sink_dropped_total", reason="journal_gap") == 0


def test_a_restart_of_ones_own_is_no_step(store):
    """Killed between deliveries, again and again: nothing is numbered on, nothing doubled."""
    with Server(options=store.options) as server:
        expected = []
        for round_ in range(4):
            for i in range(5):
                send(server, f"round {round_} line {i}")
                expected.append(f"round {round_} line {i}")
            server.kill()
            server.start()
            assert server.metric("penstock_sink_steps_total") == 0
        server.wait_stored()
        assert messages(server) == sorted(expected)


def test_a_journal_budget_below_a_segment_works_as_long_as_postgres_takes_it():
    with Server(options=["--journal.disk_budget", "8MiB", "--store.flush_interval", "50ms", "--store.flush_bytes", "64KiB"]) as server:
        line = {"deployment": "d", "message": "x" * 200_000}
        refused = 0
        for i in range(120):  # three times the budget
            def taken():
                nonlocal refused
                status = server.send([{**line, "i": f"{i}{'%030x' % (i * 7919)}"}] * 4).status
                assert status in (200, 503), status
                refused += status == 503
                return status == 200
            wait_until(taken, 30, f"request {i} to be taken", every=0.1)
        assert server.stats()["journal"]["bytes"] <= 8 << 20
        print(f"{refused} were asked to come again")


def test_a_killed_backup_leaves_nothing_behind_that_the_next_start_does_not_clear(tmp_path):
    with Server(options=QUICK) as server:
        for i in range(20):
            send(server, f"line {i}")
        out = tmp_path / "backup"
        maker = subprocess.Popen([PROGRAM, "backup", "--out", out, "--data-dir", server.data_dir])
        wait_until(lambda: (server.data_dir / "backup-under-way").exists() and (tmp_path / "backup.unfinished").exists() or maker.poll() is not None,
                   30, "the backup to be under way", every=0.001)
        assert maker.poll() is None, "it was done before it could be killed"
        maker.send_signal(signal.SIGKILL)
        maker.wait()
        assert (tmp_path / "backup.unfinished").exists()
        server.stop()
        server.start()
        assert not (tmp_path / "backup.unfinished").exists()
        assert not (server.data_dir / "backup-under-way").exists()
        assert not (server.data_dir / "journal" / "hold-for-backup").exists()
        assert subprocess.run([PROGRAM, "backup", "--out", out, "--data-dir", server.data_dir]).returncode == 0
        assert not (out / "penstock-unfinished").exists()
