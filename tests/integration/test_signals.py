"""SIGTERM at any moment ends the server in time with every answer whole; SIGSTOP and a lack of descriptors are survived."""

import contextlib
import http.client
import os
import pathlib
import random
import resource
import signal
import socket
import threading
import time

import pytest

from harness import TOKEN, Server, complete, wait_until
from ledger import Ledger, Load, verify
from pg_proxy import Proxy
from postgres_server import Postgres

SEED = int(os.environ.get("CRASH_SEED", "20261120"))
TIMES = int(os.environ.get("SIGTERM_TIMES", "10"))
STOPPED = float(os.environ.get("SIGSTOP_SECONDS", "3"))
QUICK = ["--store.flush_interval", "60ms"]


@pytest.fixture(scope="module")
def postgres():
    with Postgres() as running:
        yield running


class AnswerWatch(threading.Thread):
    """Asks over raw connections until stopped, and counts the answers that broke off."""

    def __init__(self, server, seed):
        super().__init__(daemon=True)
        self.server, self.stopping, self.torn, self.whole = server, threading.Event(), [], 0
        self.random = random.Random(seed)

    def run(self):
        while not self.stopping.is_set():
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.server.port), timeout=20) as sock:
                self.ask(sock)
            self.stopping.wait(0.02)

    def ask(self, sock):
        while not self.stopping.is_set():
            if self.random.random() < 0.5:
                body = b'{"deployment": "watch", "message": "' + b"x" * self.random.choice([10, 1000, 100_000]) + b'"}'
                sock.sendall(b"POST /api/v1/logs HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + TOKEN.encode() +
                             b"\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
            else:
                sock.sendall(b"GET /api/v1/logs?deployment=watch&limit=20 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " +
                             TOKEN.encode() + b"\r\n\r\n")
            received = b""
            try:
                while not complete(received):
                    if not (piece := sock.recv(65536)):
                        return
                    received += piece
                self.whole += 1
            finally:
                if received and not complete(received):
                    self.torn.append(received[-200:])

    def stop(self):
        self.stopping.set()
        self.join(30)


def stop_in_time(server):
    started = time.monotonic()
    assert server.stop(20) == 0, server.output()[-3000:]
    return time.monotonic() - started


def blocks_sigterm(server):
    """From here on a SIGTERM waits for the server to look at it."""
    status = pathlib.Path(f"/proc/{server.process.pid}/status").read_text()
    mask = next(line for line in status.splitlines() if line.startswith("SigBlk"))
    return int(mask.split()[1], 16) >> (signal.SIGTERM - 1) & 1


def test_sigterm_under_load_again_and_again(postgres):
    print(f"seed {SEED}, {TIMES} times")
    pick = random.Random(SEED)
    ledger = Ledger()
    with Server(options=[*QUICK, "--database.url", postgres.url(postgres.new_database())]) as server:
        loads = [Load(server, ledger, f"load{i}", SEED + i) for i in range(2)]
        watches = [AnswerWatch(server, SEED + i) for i in range(3)]
        for thread in [*loads, *watches]:
            thread.start()
        slowest = 0
        try:
            for round_ in range(TIMES):
                goal = len(ledger.acked) + pick.choice([1, 30, 300])
                wait_until(lambda: len(ledger.acked) >= goal, 30, "load")
                if round_ % 3 == 2:  # twice in a row
                    server.process.send_signal(signal.SIGTERM)
                slowest = max(slowest, stop_in_time(server))
                server.start()
        finally:
            for thread in [*loads, *watches]:
                thread.stop()
        verify(server, ledger)
        assert not [torn for watch in watches for torn in watch.torn]
        assert sum(watch.whole for watch in watches) > TIMES
        print(f"the slowest of {TIMES} took {slowest:.1f} s")


def test_sigterm_during_recovery(postgres):
    ledger = Ledger()
    with Server(options=[*QUICK, "--database.url", postgres.url(postgres.new_database())]) as server:
        load = Load(server, ledger, "load", SEED)
        load.start()
        for round_ in range(4):
            goal = len(ledger.acked) + 200
            wait_until(lambda: len(ledger.acked) >= goal, 30, "load")
            server.kill()
            server.launch()
            wait_until(lambda: blocks_sigterm(server), 10, "the start of the server", every=0.001)
            stop_in_time(server)
            server.start()
        load.stop()
        verify(server, ledger)


@pytest.mark.parametrize("mode", ["refuse", "swallow", "slow", "halted"])
def test_sigterm_while_postgres_is_away(postgres, mode):
    ledger = Ledger()
    with Proxy(postgres.port) as proxy:
        url = postgres.url(postgres.new_database(), proxy.port)
        with Server(options=[*QUICK, "--store.compaction_interval", "100ms", "--retention.check_interval", "100ms",
                             "--database.url", url]) as server:
            loads = [Load(server, ledger, f"load{i}", SEED + i) for i in range(2)]
            for load in loads:
                load.start()
            goal = 200
            wait_until(lambda: len(ledger.acked) >= goal, 30, "load")
            if mode == "halted":
                postgres.halt()
            else:
                proxy.set_mode(mode)
            try:
                goal = len(ledger.acked) + 500
                wait_until(lambda: len(ledger.acked) >= goal, 30, "load without Postgres")
                print(f"{mode}: {stop_in_time(server):.1f} s")
            finally:
                if mode == "halted":
                    postgres.go_on()
            proxy.set_mode("pass")
            server.start()
            for load in loads:
                load.stop()
            verify(server, ledger)


def test_sigterm_while_the_private_postgres_is_halted():
    ledger = Ledger()
    with Server(options=QUICK) as server:
        load = Load(server, ledger, "load", SEED)
        load.start()
        wait_until(lambda: len(ledger.acked) >= 200, 30, "load")
        pid = server.postgres_pid()
        children = [int(word) for word in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
        for process in [pid, *children]:
            os.kill(process, signal.SIGSTOP)
        goal = len(ledger.acked) + 200
        wait_until(lambda: len(ledger.acked) >= goal, 30, "load without Postgres")
        print(f"{stop_in_time(server):.1f} s")
        for process in children:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGCONT)
        server.start()
        load.stop()
        verify(server, ledger)


def test_sigstop_for_a_while_and_on(postgres):
    ledger = Ledger()
    with Server(options=[*QUICK, "--database.url", postgres.url(postgres.new_database())]) as server:
        loads = [Load(server, ledger, f"load{i}", SEED + i) for i in range(2)]
        for load in loads:
            load.start()
        wait_until(lambda: len(ledger.acked) >= 200, 30, "load")
        server.process.send_signal(signal.SIGSTOP)
        until = time.monotonic() + STOPPED
        wait_until(lambda: time.monotonic() > until, STOPPED + 5, "the halt to be over", every=0.1)
        server.process.send_signal(signal.SIGCONT)
        goal = len(ledger.acked) + 200
        wait_until(lambda: len(ledger.acked) >= goal, 30, "load after the halt")
        for load in loads:
            load.stop()
        verify(server, ledger)


def test_64_descriptors_are_enough_to_serve_and_to_recover(postgres):
    ledger = Ledger()
    url = postgres.url(postgres.new_database())

    def few():
        resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))

    with Server(options=[*QUICK, "--journal.segment", "1MiB", "--database.url", url], limits=few) as server:
        loads = [Load(server, ledger, f"load{i}", SEED + i) for i in range(2)]
        for load in loads:
            load.start()
        wait_until(lambda: len(ledger.acked) >= 200, 30, "load")
        crowd = []
        for _ in range(150):
            with contextlib.suppress(OSError):
                crowd.append(socket.create_connection(("127.0.0.1", server.port), timeout=2))
        goal = len(ledger.acked) + 3000
        wait_until(lambda: len(ledger.acked) >= goal, 30, "load beside a crowd")  # segments are made meanwhile
        before = cpu_seconds(server)
        for load in loads:
            load.pause()
        until = time.monotonic() + 2
        wait_until(lambda: time.monotonic() > until, 5, "two seconds of a crowd that is silent", every=0.1)
        busy = cpu_seconds(server) - before
        for sock in crowd:
            sock.close()
        for load in loads:
            load.go_on()
        server.drop_connection()
        wait_until(lambda: healthy(server), 10, "new connections")
        for load in loads:
            load.stop()
        verify(server, ledger)
        assert server.stats()["journal"]["lost_records"] == 0
        assert busy < 1.5, f"{busy:.1f} s of CPU in 2 s without descriptors: it spins"
        assert stop_in_time(server) < 20


def healthy(server):
    with contextlib.suppress(OSError, http.client.HTTPException):
        return server.request("GET", "/health", token=None, connection=server.connect(5)).status == 200
    return False


def cpu_seconds(server):
    fields = pathlib.Path(f"/proc/{server.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
