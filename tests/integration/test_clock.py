"""The wall clock is put forward and back while the server works: ingest, queries, cursors and what is kept survive."""

import mmap
import os
import tempfile
import time

import pytest

from harness import PROGRAM, Server, wait_until
from ledger import Ledger, Load, verify
from postgres_server import Postgres

SEED = int(os.environ.get("CRASH_SEED", "20261120"))
HOUR, YEAR = 3600, 365 * 86400
ALL_TIMES = {"from": "1960-01-01T00:00:00Z", "to": "2200-01-01T00:00:00Z"}
# All logs are kept for a day, and those of one deployment for a second: when they are gone, retention has been at work.
OPTIONS = ["--store.flush_interval", "60ms", "--retention.logs", "1d", "--retention.rules", "brief/logs=1s",
           "--retention.check_interval", "100ms"]


class ClockFile:
    """What the server of the failpoints adds to its wall clock, in seconds."""

    def __enter__(self):
        self.file = tempfile.NamedTemporaryFile(prefix="penstock-it-clock-", dir="/tmp")
        self.file.write(bytes(8))
        self.file.flush()
        self.bytes = mmap.mmap(self.file.fileno(), 8)
        return self

    def __exit__(self, *_):
        self.bytes.close()
        self.file.close()

    def set(self, seconds):
        self.bytes[:] = int(seconds).to_bytes(8, "little", signed=True)

    @property
    def path(self):
        return self.file.name


@pytest.fixture(scope="module")
def postgres():
    with Postgres() as running:
        yield running


@pytest.fixture
def clock():
    with ClockFile() as file:
        yield file


@pytest.fixture
def stepped(postgres, clock):
    with Server(options=[*OPTIONS, "--database.url", postgres.url(postgres.new_database())],
                program=PROGRAM.with_name("penstock-failpoints"), environment={"FAILPOINT_CLOCK": clock.path}) as server:
        yield server


def brief_records(server):
    return server.get("/api/v1/logs", deployment="brief", **ALL_TIMES).json()["records"]


def retention_works(server):
    """A record that may stay for a second goes."""
    server.send([{"deployment": "brief", "message": "gone soon"}])
    server.wait_stored()
    wait_until(lambda: not brief_records(server), 20, "retention to take what is older than a second", every=0.1)


def advance(ledger, records=100):
    goal = len(ledger.acked) + records
    wait_until(lambda: len(ledger.acked) >= goal, 20, "load to go on")


def test_ingest_queries_and_cursors_survive_every_step(stepped, clock):
    ledger = Ledger()
    loads = [Load(stepped, ledger, f"load{i}", SEED + i) for i in range(2)]
    for load in loads:
        load.start()
    for offset in [HOUR, -HOUR, 0, 10 * YEAR, 0, -5 * YEAR, 90 * YEAR, -int(time.time()), 0]:
        advance(ledger)
        clock.set(offset)
        advance(ledger)
        sent = stepped.send([{"deployment": "stepped", "message": f"at {offset}", "fields": {"offset": offset}}])
        assert sent.status == 200, sent
        found = stepped.get("/api/v1/logs", deployment="stepped", **{"field.offset": offset, **ALL_TIMES}).json()["records"]
        assert len(found) >= 1, f"a record is not seen with the clock at {offset}"
        recent = stepped.get("/api/v1/logs", deployment="stepped", **{"from": "now-5s", "field.offset": offset}).json()["records"]
        assert recent, f"the last seconds are not seen with the clock at {offset}"
        delivered = stepped.stats()["sinks"][0]["delivered"]
        wait_until(lambda: stepped.stats()["sinks"][0]["delivered"] > delivered, 20, "the store to go on")
    for load in loads:
        load.stop()
    verify(stepped, ledger, **ALL_TIMES)


def test_a_restart_under_another_clock_loses_nothing(stepped, clock):
    stepped.stop()
    # A server that starts believes its clock, and what it took at another time may then be too old to stay.
    stepped.options[stepped.options.index("1d")] = "0"
    stepped.start()
    ledger = Ledger()
    # Nothing is sent again: a key of 1970 is older than a day for a server that starts today, and would be forgotten.
    load = Load(stepped, ledger, "load", SEED, retry=False)
    load.start()
    for offset in [-HOUR, -2 * YEAR, -int(time.time()), 0]:
        advance(ledger)
        clock.set(offset)
        stepped.kill()
        stepped.start()
        advance(ledger)
    load.stop()
    verify(stepped, ledger, **ALL_TIMES)


def test_a_clock_that_jumps_ahead_for_a_while_deletes_nothing(stepped, clock):
    retention_works(stepped)
    kept = [{"deployment": "kept", "message": f"line {i}", "fields": {"n": i}} for i in range(50)]
    assert stepped.send(kept, headers={"Idempotency-Key": "once"}).status == 200
    stepped.wait_stored()
    stepped.send([{"deployment": "brief", "message": "before the jump"}])
    clock.set(10 * YEAR)
    assert brief_records(stepped)
    wait_until(lambda: not brief_records(stepped), 20, "retention to be at work after the jump", every=0.1)
    assert len(stepped.all_logs(deployment="kept", **ALL_TIMES)) == 50
    assert stepped.send(kept, headers={"Idempotency-Key": "once"}).status == 200
    clock.set(0)
    stepped.wait_stored()
    assert sorted(r["fields"]["n"] for r in stepped.all_logs(deployment="kept", **ALL_TIMES)) == list(range(50))
