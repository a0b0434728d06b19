"""The power goes while records are written, on real file systems: what was answered 200 is there when it is back.

The shutdown ioctl takes some milliseconds, and an fdatasync that is under way meanwhile may return 0 though its data never arrive: so do
ext4 and xfs of Linux 6.18 with any program. A machine without power answers nobody, so the server is halted before, its sync under way."""

import os
import pathlib
import random
import signal
import time

import pytest

from harness import Server, wait_until
from ledger import Ledger, Load, verify
from memory_curve import descendants
from postgres_server import Postgres
from small_disk import LOG_FLUSH, NO_LOG_FLUSH, SmallDisk

CUTS = int(os.environ.get("DISK_POWER_CUTS", "3"))
SEED = int(os.environ.get("CRASH_SEED", "20261120"))
# Small segments that go as soon as they can: files are made, renamed and removed around the cuts.
OPTIONS = ["--store.flush_interval", "60ms", "--journal.segment", "1MiB", "--journal.free_reserve", "8MiB", "--journal.keep_consumed", "0"]
KINDS = [pytest.param(kind, marks=pytest.mark.mounts(kind)) for kind in ("ext4", "xfs")]


@pytest.fixture(scope="module")
def postgres():
    with Postgres() as running:
        yield running


def write(path, synced):
    with open(path, "wb", buffering=0) as file:
        file.write(b"witness")
        if synced:
            os.fsync(file.fileno())


def holds(path):
    return path.exists() and path.read_bytes() == b"witness"


@pytest.mark.parametrize("kind", KINDS)
def test_a_power_cut_takes_what_was_not_synced_and_nothing_else(kind):
    """Of the test's own means: without this the ledger would prove nothing."""
    with SmallDisk(64, kind) as disk:
        kept, lost = disk.path / "kept", disk.path / "lost"
        write(kept, True)
        write(lost, False)
        disk.cut_power()
        with pytest.raises(OSError):
            write(disk.path / "later", False)
        disk.power_on()
        assert holds(kept) and not holds(lost)


def is_halted(pid):
    return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "T"


def pull_the_plug(server, disk, how=NO_LOG_FLUSH):
    """For the server, its private Postgres if it has one, and their disk."""
    running = descendants(server.process.pid)
    for pid in running:
        os.kill(pid, signal.SIGSTOP)
    wait_until(lambda: is_halted(server.process.pid), 10, "the server to halt", every=0.0002)
    disk.cut_power(how)
    for pid in running[1:]:
        os.kill(pid, signal.SIGKILL)
    server.kill()
    disk.power_on()


def live_through(cuts, server, disk):
    """So many cuts under load, some of them again in the middle of recovery; then the ledger."""
    pick = random.Random(SEED)
    ledger = Ledger()
    server.log_path = disk.folder / "log"  # where it outlives the cuts
    loads = [Load(server, ledger, f"load{i}", SEED + i) for i in range(3)]
    with server:
        for load in loads:
            load.start()
        try:
            for cut in range(cuts):
                goal = len(ledger.acked) + pick.choice([1, 20, 200, 1000])
                wait_until(lambda: len(ledger.acked) >= goal, 60, f"the load to be answered before cut {cut}")
                moment = time.monotonic() + pick.uniform(0, 0.02)  # in which no answer has a part
                wait_until(lambda: time.monotonic() >= moment, 1, "the moment", every=0.001)
                pull_the_plug(server, disk, pick.choice([NO_LOG_FLUSH, NO_LOG_FLUSH, NO_LOG_FLUSH, LOG_FLUSH]))
                if cut % 4 == 1:
                    server.start(wait_ready=False)
                    pull_the_plug(server, disk)
                server.start()
                assert server.stats()["journal"]["lost_records"] == 0, f"cut {cut}"
        finally:
            for load in loads:
                load.stop()
        verify(server, ledger)
        assert len(ledger.acked) > cuts
        print(f"{cuts} cuts on {disk.kind}, seed {SEED}: {len(ledger.acked)} records acknowledged, {len(ledger.sent)} sent")
        server.stop()


@pytest.mark.parametrize("kind", KINDS)
def test_power_cuts_under_mixed_load_lose_double_and_invent_nothing(postgres, kind):
    with SmallDisk(128, kind) as disk:
        options = [*OPTIONS, "--database.url", postgres.url(postgres.new_database())]
        live_through(CUTS, Server(data_dir=disk.path / "data", options=options), disk)


@pytest.mark.parametrize("kind", KINDS)
def test_neither_do_those_of_a_disk_that_holds_the_private_postgres_too(kind):
    with SmallDisk(512, kind) as disk:
        live_through(-(-CUTS // 3), Server(data_dir=disk.path / "data", options=OPTIONS), disk)
