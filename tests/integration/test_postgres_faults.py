"""Postgres cut off, silent, slow, locked, killed, full, restored from an older dump: exactly once, and ingest does not notice."""

import contextlib
import os
import subprocess
import time

import pytest

from harness import Server, wait_until
from ledger import Ledger, Load, verify
from pg_proxy import Proxy
from postgres_server import BINARIES, Postgres
from small_disk import SmallDisk

SEED = int(os.environ.get("CRASH_SEED", "20261120"))
CUTS = int(os.environ.get("PG_CUTS", "40"))
OUTAGE = float(os.environ.get("PG_OUTAGE_SECONDS", "3"))
OPTIONS = ["--store.flush_interval", "60ms", "--database.connect_timeout", "2s"]


@pytest.fixture(scope="module")
def postgres():
    with Postgres() as running:
        yield running


class Deployment:
    """A server on its own database behind a proxy, under load; leaving it checks that everything is stored exactly once."""

    def __init__(self, postgres, options=(), user="tester", database=None):
        self.postgres, self.database = postgres, database or postgres.new_database()
        self.ledger = Ledger()
        self.stack = contextlib.ExitStack()
        self.proxy = self.stack.enter_context(Proxy(postgres.port))
        url = postgres.url(self.database, self.proxy.port, user)
        self.server = Server(options=[*OPTIONS, *options, "--database.url", url])
        self.loads = [Load(self.server, self.ledger, f"load{i}", SEED + i) for i in range(2)]

    def __enter__(self):
        self.stack.push(self.server)
        self.server.start()
        for load in self.loads:
            load.start()
        self.progress(200)
        self.stored_some()
        return self

    def __exit__(self, kind, value, trace):
        try:
            for load in self.loads:
                load.stop()
            if kind is None:
                verify(self.server, self.ledger)
                assert self.dead_letters() == 0, self.query("SELECT reason, detail FROM dead_letter LIMIT 3")
        except BaseException as problem:
            self.stack.__exit__(type(problem), problem, None)
            raise
        self.stack.__exit__(kind, value, trace)

    def query(self, sql):
        return self.postgres.query(sql, self.database)

    def dead_letters(self):
        return self.query("SELECT count(*) FROM dead_letter")[0][0]

    def cursor(self):
        return self.query("SELECT max(position) FROM journal_cursor")[0][0] or 0

    def progress(self, records, timeout=30):
        goal = len(self.ledger.acked) + records
        wait_until(lambda: len(self.ledger.acked) >= goal, timeout, f"{records} more records to be answered")

    def stored_some(self):
        before = self.cursor()
        wait_until(lambda: self.cursor() > before, 60, "the store to go on")

    def outage(self, seconds=OUTAGE):
        """The fault lasts for so long, and ingest goes on in it."""
        until = time.monotonic() + seconds
        before = len(self.ledger.acked)
        wait_until(lambda: time.monotonic() > until, seconds + 5, "the outage to be over", every=0.1)
        gone_on = len(self.ledger.acked) - before
        assert gone_on > 20 * seconds, f"only {gone_on} records were answered in {seconds} s of the fault"


def test_commits_cut_at_every_moment_are_stored_exactly_once(postgres):
    print(f"seed {SEED}, {CUTS} cuts")
    with Deployment(postgres) as deployment:
        for load in deployment.loads:
            load.pace = 0.1  # 1,000 cuts take their time: the ledger must stay small enough to be read whole
        deployment.proxy.cut_every = 2
        wait_until(lambda: deployment.proxy.cuts >= CUTS, 60 + CUTS, "the commits to be cut", every=0.1)
        deployment.proxy.cut_every = 0


@pytest.mark.parametrize("mode", ["refuse", "swallow", "slow"])
def test_the_way_to_postgres_is(postgres, mode):
    with Deployment(postgres) as deployment:
        deployment.proxy.set_mode(mode)
        deployment.outage()
        deployment.proxy.set_mode("pass")


@pytest.mark.parametrize("table", ["journal_cursor", "chunk", "series, dead_letter"])
def test_a_table_is_locked(postgres, table):
    with Deployment(postgres) as deployment:
        holder = postgres.session(deployment.database)
        with contextlib.closing(holder), holder.cursor() as cursor:
            cursor.execute(f"BEGIN; LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
            deployment.outage(7)  # longer than a statement waits for a lock
            cursor.execute("ROLLBACK")


def owned_by(postgres, role):
    """A database whose owner the server is."""
    database = postgres.new_database()
    postgres.query(f"CREATE ROLE {role} LOGIN")
    postgres.query(f"ALTER DATABASE {database} OWNER TO {role}")
    postgres.query(f"ALTER SCHEMA public OWNER TO {role}", database)
    return database


def test_the_login_is_taken_away(postgres):
    with Deployment(postgres, user="leaver", database=owned_by(postgres, "leaver")) as deployment:
        postgres.query("ALTER ROLE leaver NOLOGIN")
        postgres.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'leaver'")
        deployment.outage()
        postgres.query("ALTER ROLE leaver LOGIN")


def test_the_rights_are_revoked(postgres):
    with Deployment(postgres, user="lesser", database=owned_by(postgres, "lesser")) as deployment:
        deployment.query("REVOKE ALL ON chunk, series, journal_cursor, dead_letter FROM lesser")
        deployment.outage()
        deployment.query("GRANT ALL ON chunk, series, journal_cursor, dead_letter TO lesser")


def test_the_schema_is_missing_for_a_while(postgres):
    with Deployment(postgres) as deployment:
        deployment.query("ALTER SCHEMA public RENAME TO elsewhere")
        deployment.outage()
        deployment.query("ALTER SCHEMA elsewhere RENAME TO public")


def test_postgres_is_stopped_and_goes_on(postgres):
    with Deployment(postgres) as deployment:
        postgres.halt()
        try:
            deployment.outage()
        finally:
            postgres.go_on()


def test_postgres_is_killed_and_restarted_in_a_loop(postgres):
    with Deployment(postgres) as deployment:
        for _ in range(5):
            postgres.kill()
            deployment.progress(50)
            postgres.start()
            deployment.progress(50)


def test_postgres_is_restored_from_an_older_dump(postgres, tmp_path):
    with Deployment(postgres) as deployment:
        tmp_path.chmod(0o755)
        dump = subprocess.run([BINARIES / "pg_dump", "-Fc", postgres.url(deployment.database)], capture_output=True, check=True).stdout
        at_dump = deployment.cursor()
        deployment.progress(500)
        wait_until(lambda: deployment.cursor() > at_dump + 300, 30, "the store to pass the dump")
        deployment.proxy.set_mode("refuse")
        postgres.query(f"DROP DATABASE {deployment.database} WITH (FORCE)")
        postgres.query(f"CREATE DATABASE {deployment.database}")
        subprocess.run([BINARIES / "pg_restore", "-d", postgres.url(deployment.database)], input=dump, check=True)
        assert deployment.cursor() < at_dump + 300
        deployment.proxy.set_mode("pass")
        deployment.progress(100)


@pytest.mark.mounts
def test_postgres_has_no_room_on_its_disk():
    with SmallDisk(int(160 + 10 * OUTAGE)) as disk, \
            Postgres(directory=disk.path, settings={"max_wal_size": "64MB", "min_wal_size": "32MB"}) as database:
        with Deployment(database) as deployment:
            stranger = disk.fill()
            deployment.outage()
            refused = deployment.server.stats()["sinks"][0]["last_error"]
            print(f"Postgres said: {refused}")
            stranger.unlink()
            if database.process.poll() is not None:  # it ends when its own log finds no room
                database.start()


def test_a_poison_record_in_ten_thousand_goes_to_the_dead_letters_alone(postgres):
    database = postgres.new_database()
    with Server(options=[*OPTIONS, "--database.url", postgres.url(database)]) as server:
        postgres.query("ALTER TABLE series ADD CONSTRAINT no_poison CHECK (labels->>'room' IS DISTINCT FROM 'poison')", database)
        total, poison = 30_000, {7, 14_321, 29_999}
        for begin in range(0, total, 1000):
            points = [{"deployment": "shop", "source": "pi", "labels": {"room": "poison" if i in poison else f"r{i % 50}"},
                       "metrics": {"temperature": i}} for i in range(begin, begin + 1000)]
            assert server.send(points, path="/api/v1/metrics").json()["accepted"] == 1000
        server.wait_stored(120)
        assert postgres.query("SELECT sum(record_count) FROM chunk WHERE kind = 2", database)[0][0] == total - len(poison)
        letters = postgres.query("SELECT sequence, reason, detail FROM dead_letter ORDER BY sequence", database)
        assert [sequence - 1 for sequence, _, _ in letters] == sorted(poison)
        assert all("no_poison" in detail for _, _, detail in letters), letters
        assert server.metric("penstock_dead_letters_total") == len(poison)


def test_ingest_is_as_quick_with_postgres_silent_as_with_postgres_well(postgres):
    """Two servers asked in turn, so that what else the machine does meets both."""
    with Proxy(postgres.port) as proxy, \
            Server(options=[*OPTIONS, "--database.url", postgres.url(postgres.new_database())]) as well, \
            Server(options=[*OPTIONS, "--database.url", postgres.url(postgres.new_database(), proxy.port)]) as cut_off:
        for server in (well, cut_off):
            server.send([{"deployment": "d", "message": "first"}])
            server.wait_stored()
        proxy.set_mode("swallow")
        times = {well: [], cut_off: []}
        for i in range(400):
            for server, seen in times.items():
                started = time.monotonic()
                assert server.send([{"deployment": "d", "message": f"line {i}"}]).status == 200
                seen.append(time.monotonic() - started)
        p99 = {server: sorted(seen)[int(0.99 * len(seen))] for server, seen in times.items()}
        print(f"p99 with Postgres well {1000 * p99[well]:.1f} ms, silent {1000 * p99[cut_off]:.1f} ms")
        assert p99[cut_off] < 5 * p99[well] + 0.05
        proxy.set_mode("pass")
        cut_off.wait_stored(90)
        assert len(cut_off.all_logs(deployment="d")) == 401


def live_rate_and_drain_rate(deployment):
    server = deployment.server
    deployment.proxy.set_mode("refuse")
    begun, before = time.monotonic(), server.stats()["journal"]["durable_end"]
    deployment.outage(8)
    live = (server.stats()["journal"]["durable_end"] - before) / (time.monotonic() - begun)
    deployment.proxy.set_mode("pass")
    at_rest = server.stats()["sinks"][0]["delivered"]
    wait_until(lambda: server.stats()["sinks"][0]["delivered"] > at_rest, 60, "the store to be reached again", every=0.005)
    begun, first = time.monotonic(), at_rest
    wait_until(lambda: server.stats()["sinks"][0]["lag_records"] < live / 2, 60, "the backlog to drain", every=0.005)
    rate = (server.stats()["sinks"][0]["delivered"] - first) / max(time.monotonic() - begun, 0.05)
    return live, rate


def test_a_backlog_drains_at_least_three_times_as_fast_as_the_load_that_made_it(postgres):
    with Deployment(postgres) as deployment:
        rates = []
        # What else the machine does may slow one of the two: that it can be done is seen in one of a few attempts.
        while len(rates) < 4 and not any(rate >= 3 * live for live, rate in rates):
            rates.append(live_rate_and_drain_rate(deployment))
            print("live {:.0f} records/s, drained at {:.0f} records/s".format(*rates[-1]))
        assert any(rate >= 3 * live for live, rate in rates), rates
