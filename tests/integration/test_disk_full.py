"""The disk is full, by us or by a stranger, while Postgres is away: 503 before anything is met, and on as soon as there is room."""

import contextlib
import os
import secrets
import time

import pytest

from harness import Server, wait_until
from ledger import Ledger, Load, verify
from pg_proxy import Proxy
from postgres_server import Postgres
from small_disk import SmallDisk

pytestmark = pytest.mark.mounts
SEED = int(os.environ.get("CRASH_SEED", "20261120"))
MIB = 1 << 20
RESERVE = 12 * MIB
OPTIONS = ["--store.flush_interval", "60ms", "--journal.segment", "2MiB", "--journal.free_reserve", "12MiB",
           "--journal.keep_consumed", "0", "--journal.disk_budget", "1GiB", "--journal.compress", "off"]


@pytest.fixture(scope="module")
def postgres():
    with Postgres() as running:
        yield running


class FullDisk:
    """A server on a small disk under load, Postgres behind a proxy that refuses."""

    def __init__(self, postgres):
        self.ledger = Ledger()
        self.stack = contextlib.ExitStack()
        self.disk = self.stack.enter_context(SmallDisk(64))
        self.proxy = self.stack.enter_context(Proxy(postgres.port))
        self.server = Server(data_dir=self.disk.path / "data",
                             options=[*OPTIONS, "--database.url", postgres.url(postgres.new_database(), self.proxy.port)])
        self.server.log_path = self.disk.folder / "log"
        self.loads = [Load(self.server, self.ledger, f"load{i}", SEED + i) for i in range(2)]

    def __enter__(self):
        self.stack.push(self.server)
        self.server.start()
        for load in self.loads:
            load.start()
        self.advance()
        self.server.send([{"deployment": "bulk", "message": "first"}])
        self.proxy.set_mode("refuse")
        return self

    def __exit__(self, kind, value, trace):
        for load in self.loads:
            load.stop()
        self.stack.__exit__(kind, value, trace)

    def advance(self, records=100, timeout=20):
        goal = len(self.ledger.acked) + records
        wait_until(lambda: len(self.ledger.acked) >= goal, timeout, "records to be answered 200")

    def bulk(self, size=256 << 10):
        """One record that does not compress."""
        return self.server.send([{"deployment": "bulk", "message": secrets.token_hex(size // 2)}], timeout=20)

    def fill(self, size=256 << 10):
        """We ourselves, until there is a 503; gives that answer."""
        for _ in range(1000):
            answer = self.bulk(size)
            if answer.status != 200:
                return answer
        raise AssertionError("the disk does not get full")

    def is_intact(self):
        """Nothing was met: no write failed, and what is kept in reserve is there."""
        assert "A commit failed" not in self.server.output() and "Cannot write" not in self.server.output()
        assert (self.server.data_dir / "journal" / "reserve").stat().st_size == MIB
        assert self.server.stats()["journal"]["lost_records"] == 0

    def finish(self):
        self.proxy.set_mode("pass")
        for load in self.loads:
            load.stop()
        wait_until(lambda: self.bulk().status == 200, 60, "room", every=0.2)
        verify(self.server, self.ledger)


def is_refusal(answer):
    return answer.status == 503 and answer.json()["error"]["code"] == "storage_full" and int(answer.headers["retry-after"]) > 0


def resumed_after(full, timeout=10):
    started = time.monotonic()
    full.advance(20, timeout)
    return time.monotonic() - started


def test_filled_by_us(postgres):
    with FullDisk(postgres) as full:
        for size in (256 << 10, 32 << 10):
            assert is_refusal(full.fill(size))
        for load in full.loads:
            load.pause()
        assert is_refusal(full.fill(512))
        print(f"{full.disk.free() / MIB:.1f} MiB left to others")
        assert full.disk.free() >= RESERVE - 2 * MIB
        full.is_intact()
        assert full.server.request("GET", "/ready", token=None).status == 503
        assert full.server.request("GET", "/health", token=None).status == 200
        assert full.server.logs(deployment="bulk", limit=1), "what is there is answered"
        delivered = full.server.stats()["sinks"][0]["delivered"]
        full.proxy.set_mode("pass")
        wait_until(lambda: full.server.stats()["sinks"][0]["delivered"] > delivered, 60, "the store to be back")
        for load in full.loads:
            load.go_on()
        print(f"resumed after {resumed_after(full):.1f} s")
        full.finish()


def test_filled_by_a_stranger(postgres):
    with FullDisk(postgres) as full:
        # The journal looks at its disk twice a second; what comes in between two looks is the subject of the next test.
        for load in full.loads:
            load.pause()
        stranger = full.disk.fill()
        assert full.disk.free() < 64 << 10
        wait_until(lambda: full.server.stats()["journal"]["free_bytes"] < MIB, 10, "the journal to look at its disk")
        for load in full.loads:
            load.go_on()
        for size in (256 << 10, 32 << 10, 512):
            assert is_refusal(full.fill(size))
        full.is_intact()
        stranger.unlink()
        print(f"resumed after {resumed_after(full):.1f} s")
        full.finish()


def test_filled_slowly_while_many_write(postgres):
    """The stranger takes the disk in steps, so that the moment falls between any two looks at it."""
    with FullDisk(postgres) as full:
        with open(full.disk.path / "stranger", "ab", buffering=0) as file, contextlib.suppress(OSError):
            while True:
                file.write(bytes(512 << 10))
                if full.bulk().status == 503:
                    break
        full.disk.fill()
        wait_until(lambda: is_refusal(full.bulk()), 10, "a refusal")
        (full.disk.path / "stranger").unlink()
        resumed_after(full)
        full.finish()


@pytest.mark.parametrize("end", ["kill", "stop"])
def test_ended_and_started_again_on_a_full_disk(postgres, end):
    with FullDisk(postgres) as full:
        stranger = full.disk.fill()
        full.fill()
        if end == "kill":
            full.server.kill()
        else:
            started = time.monotonic()
            assert full.server.stop(20) == 0
            print(f"stopped in {time.monotonic() - started:.1f} s")
        full.disk.fill()
        full.server.start(wait_ready=False)
        assert full.server.request("GET", "/health", token=None).status == 200
        wait_until(lambda: full.server.logs(deployment="bulk", limit=1), 10, "what was stored to be answered")
        stranger.unlink()
        print(f"resumed after {resumed_after(full):.1f} s")
        full.finish()
