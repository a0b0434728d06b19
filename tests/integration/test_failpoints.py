"""kill -9 at each failpoint: before, between and after every step that must be safe. The ledger decides each time."""

import contextlib
import http.client
import os
import re
import signal
import subprocess

import pytest

from harness import PROGRAM, ROOT, Server, wait_until
from ledger import Ledger, Load, verify
from postgres_server import Postgres

FAILPOINTS = PROGRAM.with_name("penstock-failpoints")
SEED = int(os.environ.get("CRASH_SEED", "20261120"))
SMALL = ["--journal.segment", "64KiB", "--journal.keep_consumed", "0", "--journal.free_reserve", "0"]
QUICK = ["--store.flush_interval", "60ms"]
SITUATIONS = {
    "load": QUICK + ["--store.compaction", "off"],
    "first": QUICK,                     # an empty data folder and an empty database
    "restart": QUICK,                   # after a kill -9 under load
    "rotation": QUICK + SMALL + ["--journal.compress", "off"],
    "compaction": QUICK + ["--store.compaction_interval", "100ms"],
    # What has a rule of its own goes after a second; the ledger's records stay.
    "retention": QUICK + ["--retention.rules", "brief/logs=1s", "--retention.check_interval", "100ms"],
}


def listed():
    lines = subprocess.run([FAILPOINTS, "--list"], capture_output=True, check=True, text=True).stdout.splitlines()
    return [(name, situation, int(passing)) for name, situation, passing in map(str.split, lines)]


POINTS = listed()
OF_COMMANDS = {"keys", "removal", "audit"}  # reached by single acts: test_sealing.py, test_audit.py


@pytest.fixture(scope="module")
def postgres():
    with Postgres() as running:
        yield running


def test_the_list_names_every_call_and_every_call_is_listed_once():
    calls = []
    for file in (ROOT / "src").rglob("*.[ch]pp"):
        if file.name != "failpoint.hpp":
            calls += re.findall(r"\bfailpoint\(([^)]*)\)", file.read_text())
    assert sorted(calls) == sorted(f'"{name}"' for name, _, _ in POINTS)
    assert {situation for _, situation, _ in POINTS} == set(SITUATIONS) | OF_COMMANDS
    assert len(POINTS) >= 30


def test_the_product_takes_no_notice(postgres):
    assert b"FAILPOINT" not in PROGRAM.read_bytes(), "the product knows the variable"
    with Server(environment={"FAILPOINT": "journal.write.before:1:kill"},
                options=["--database.url", postgres.url(postgres.new_database())]) as server:
        assert server.send([{"message": "hello"}]).status == 200
        assert server.process.poll() is None


def test_a_name_that_is_not_listed_is_refused():
    for text in ["journal.nowhere:1:kill", "journal.write.before:0:kill", "journal.write.before:1:explode", "journal.write.before"]:
        done = subprocess.run([FAILPOINTS, "version"], env={**os.environ, "FAILPOINT": text}, capture_output=True, check=False)
        assert done.returncode == 2 and b"FAILPOINT" in done.stderr, text


def start_armed(server, point, passing):
    """Starts it with the failpoint set; False when it died before it listened."""
    server.environment = {"FAILPOINT": f"{point}:{passing}:kill"}
    try:
        server.start(wait_ready=False)
        return True
    except AssertionError:
        assert server.process.returncode == -signal.SIGKILL, server.output()[-4000:]
        return False
    finally:
        server.environment = {}


def send_brief(server):
    """Records that retention takes away, beside the ledger's."""
    with contextlib.suppress(OSError, http.client.HTTPException):  # the server dies at the failpoint: that is the test
        server.send([{"deployment": "brief", "message": "gone soon"}], timeout=5)


SERVED = [point for point in POINTS if point[1] not in OF_COMMANDS]


@pytest.mark.parametrize("point,situation,passing", SERVED, ids=[point[0] for point in SERVED])
def test_killed_at(postgres, point, situation, passing):
    ledger = Ledger()
    server = Server(options=SITUATIONS[situation] + ["--database.url", postgres.url(postgres.new_database())], program=FAILPOINTS)
    loads = [Load(server, ledger, f"load{i}", SEED + i) for i in range(2)]
    with contextlib.ExitStack() as stack:
        stack.push(server)
        stack.callback(lambda: [load.stop() for load in loads if load.is_alive()])
        if situation == "restart":
            server.start()
            for load in loads:
                load.start()
            wait_until(lambda: len(ledger.acked) > 200, 30, "load")
            server.kill()
        if start_armed(server, point, passing):
            for load in loads:
                if not load.is_alive():
                    load.start()

            def died():
                if situation == "retention":
                    send_brief(server)
                return server.process.poll() is not None
            wait_until(died, 20, f"the failpoint {point} to be reached ({situation})", every=0.01)
            assert server.process.returncode == -signal.SIGKILL, server.output()[-4000:]
        server.drop_connection()
        server.start()
        for load in loads:
            if not load.is_alive():
                load.start()
        goal = len(ledger.acked) + 50
        wait_until(lambda: len(ledger.acked) > goal, 20, "load after the restart")
        for load in loads:
            load.stop()
        verify(server, ledger)
        assert postgres.query("SELECT count(*) FROM dead_letter", server.options[-1].rsplit("/", 1)[1])[0][0] == 0
