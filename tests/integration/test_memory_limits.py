"""Memory under everything at once, in a cgroup whose limit the kernel enforces; the curve is printed (pytest -s)."""

import concurrent.futures
import contextlib
import os
import select
import signal
import socket
import subprocess
import sys

import pytest

import slow_crowd
from harness import PROGRAM, TOKEN, Server, wait_until
from memory_cgroup import memory_limit, why_not
from memory_curve import MIB, Curve, descendants
from pg_proxy import Proxy
from postgres_server import Postgres
from slow_crowd import Crowd, TurnedAway, get_in
from test_memory import drive, peak

pytestmark = pytest.mark.memory_limit
SLOW = int(os.environ.get("SLOW_CONNECTIONS", "1500"))
BACKLOG = int(os.environ.get("BACKLOG_RECORDS", "300000"))
TAILS = 200
READERS = 40
ALONE = 128 * MIB
# What the server takes by itself where it is told that it has so little memory.
SMALL = ["--http.max_connections", "512", "--http.connection_memory", "8MiB", "--http.answer_memory", "8MiB"]
TOGETHER = 512 * MIB


def slow_reader(server, path):
    """Asks, and never reads the answer."""
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    sock.connect(("127.0.0.1", server.port))
    sock.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\n\r\n".encode())
    return sock


def ask_heavily(server, rounds):
    connection = server.connect(60 + BACKLOG / 10_000)
    for _ in range(rounds):
        for path in ["/api/v1/logs?limit=10000&from=now-1h", "/api/v1/logs/facets?field=trace&from=now-1h",
                     "/api/v1/logs/histogram?from=now-1h&step=1m&q=/user%20.*7/",
                     "/api/v1/metrics/query?name=cpu.usage&agg=p99&by=source&from=now-6h"]:
            answer = server.request("GET", path, connection=connection)
            assert answer.status in (200, 503), answer


def is_served(server):
    """A good client of its own connection: what it sends is stored, and read at once."""
    connection = server.connect(10)
    answer = server.send([{"deployment": "good", "message": "good"}], connection=connection)
    if answer.status == 503:
        raise TurnedAway(answer)
    assert answer.status == 200, answer
    answer = server.request("GET", "/api/v1/logs?deployment=good&limit=1&from=now-1h", connection=connection)
    assert answer.status == 200 and len(answer.json()["records"]) == 1, answer
    connection.close()


def ask_from_many(server, clients=6, rounds=2):
    with concurrent.futures.ThreadPoolExecutor(clients) as pool:
        for asked in [pool.submit(ask_heavily, server, rounds) for _ in range(clients)]:
            asked.result()


@pytest.fixture(scope="module")
def postgres():
    with Postgres() as running:
        yield running


def test_a_limit_is_kept_by_the_kernel_and_a_kill_is_noticed():
    """Of the test's own means, where they are to be had."""
    noticed = contextlib.nullcontext() if why_not() else pytest.raises(AssertionError, match="killed 1 processes")
    with noticed, memory_limit(32 * MIB) as group:
        taker = subprocess.run([sys.executable, "-c", f"bytearray(b'x') * {64 * MIB}"], preexec_fn=group.join, check=False)
        assert (taker.returncode == -signal.SIGKILL) == group.enforced


def test_the_server_alone_stays_below_its_ceiling_under_everything_at_once(postgres):
    slow_crowd.allow_files(SLOW + 1000)
    with Proxy(postgres.port) as proxy, contextlib.ExitStack() as stack, memory_limit(ALONE) as group, \
            Server(options=["--query.max_tails", str(TAILS), "--database.url", postgres.url(postgres.new_database(), proxy.port),
                            *([] if group.enforced else SMALL)], limits=group.join) as server, \
            Curve(server=lambda: [server.process.pid]) as curve:
        curve.mark("ingest")
        drive(server, "--kind", "metrics", "--batch", "100", "--connections", "8", "--records", "50000", "--series", "2000",
              "--deployments", "20")
        drive(server, "--kind", "logs", "--batch", "1000", "--connections", "8", "--records", "200000")
        curve.mark("backlog")
        proxy.set_mode("refuse")
        drive(server, "--kind", "logs", "--batch", "1000", "--connections", "8", "--records", str(BACKLOG))
        curve.mark("the backlog drains, with heavy queries beside it")
        is_served(server)
        proxy.set_mode("pass")
        ask_from_many(server)
        server.wait_stored(180 + BACKLOG / 10_000)
        curve.mark(f"{TAILS} tails that do not read")
        tails = [stack.enter_context(slow_reader(server, "/api/v1/logs/tail")) for _ in range(TAILS)]
        drive(server, "--kind", "logs", "--batch", "1000", "--connections", "4", "--records", "100000")
        is_served(server)
        curve.mark(f"{READERS} answers of 3 MB that are not read")
        readers = [stack.enter_context(slow_reader(server, "/api/v1/logs?limit=10000&from=now-1h")) for _ in range(READERS)]
        wait_until(lambda: all(select.select([reader], [], [], 0)[0] for reader in readers), 60, "all to be answered")
        is_served(server)
        curve.mark(f"{SLOW} slow connections")
        crowd = stack.enter_context(Crowd(server.port, SLOW, slow_crowd.unfinished_and_large, trickle=1))
        assert crowd.complete.wait(60)
        drive(server, "--kind", "logs", "--batch", "1000", "--connections", "4", "--records", "50000")
        ask_from_many(server, rounds=1)
        get_in(lambda: is_served(server))
        assert len(tails) == TAILS and crowd.turned_away > 0
        curve.print()
        print(f"peak {peak(server) / MIB:.1f} MiB; {group}; {crowd.attempts} slow connections tried, {crowd.turned_away} turned away")
        assert not group.enforced or group.members() == [server.process.pid]
        assert peak(server) <= ALONE, f"{peak(server) / MIB:.1f} MiB"


def test_server_private_postgres_and_agent_stay_below_theirs(tmp_path):
    with memory_limit(TOGETHER) as group, Server(limits=group.join) as server:
        agent = subprocess.Popen([str(PROGRAM), "agent", "--url", f"http://127.0.0.1:{server.port}", "--deployment", "agent",
                                  "--interval", "1s", "--state-dir", str(tmp_path / "state")],
                                 env={**os.environ, "PENSTOCK_TOKEN": TOKEN}, stdin=subprocess.DEVNULL, preexec_fn=group.join)
        try:
            with Curve(server=lambda: [server.process.pid], postgres=lambda: descendants(server.postgres_pid()),
                       agent=lambda: [agent.pid]) as curve:
                curve.mark("ingest")
                drive(server, "--kind", "metrics", "--batch", "100", "--connections", "8", "--records", "50000", "--series",
                      "1000", "--deployments", "20")
                drive(server, "--kind", "logs", "--batch", "1000", "--connections", "8", "--records", "300000")
                curve.mark("queries")
                ask_from_many(server)
                server.wait_stored(180)
                wait_until(lambda: server.get("/api/v1/metrics/latest", names="cpu.usage", deployment="agent").json()["metrics"]
                           .get("cpu.usage"), 30, "the agent's samples")
            curve.print()
            for name in ("server", "postgres", "agent"):
                print(f"{name}: {curve.peak(name) / MIB:.1f} MiB")
            print(f"together: {curve.peak() / MIB:.1f} MiB; {group}")
            assert not group.enforced or {server.process.pid, server.postgres_pid(), agent.pid} <= set(group.members())
            assert curve.peak() <= TOGETHER
            assert curve.peak("postgres") <= 128 * MIB
        finally:
            agent.terminate()
            assert agent.wait(20) == 0
