"""Memory has a ceiling: under full ingest, with a backlog, with heavy queries and with many tails."""

import pathlib
import subprocess

from harness import PROGRAM, TOKEN, Server

MIB = 1 << 20
# Of the server alone: the promise for 20 deployments with 1,000 series each, and the sum of the budgets (in flight 16, store 16, live
# window 8, queries 32) with 24 for the program itself.
INGEST_CEILING = 64 * MIB
CEILING = 96 * MIB


def peak(server):
    for line in pathlib.Path(f"/proc/{server.process.pid}/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) * 1024
    raise AssertionError("no VmHWM")


def drive(server, *arguments):
    program = PROGRAM.parent / "penstock-load"
    done = subprocess.run([program, "--port", str(server.port), "--token", TOKEN, *arguments], capture_output=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr


def test_memory_stays_below_its_ceiling_whatever_is_asked():
    with Server() as server:
        drive(server, "--kind", "metrics", "--batch", "100", "--connections", "8", "--records", "100000", "--series", "2000",
              "--deployments", "20")
        drive(server, "--kind", "logs", "--batch", "1000", "--connections", "8", "--records", "300000")
        server.wait_stored(120)
        print(f"peak under ingest {peak(server) / MIB:.1f} MiB")
        assert peak(server) <= INGEST_CEILING, f"{peak(server) / MIB:.1f} MiB"
        for _ in range(3):
            assert len(server.get("/api/v1/logs", limit=10000, **{"from": "now-1h"}).json()["records"]) == 10000
            server.get("/api/v1/logs/facets", field="trace", **{"from": "now-1h"})
            server.get("/api/v1/metrics/query", name="cpu.usage", agg="p99", by="source", **{"from": "now-6h"})
        tails = []
        for _ in range(40):
            connection = server.connect()
            connection.request("GET", "/api/v1/logs/tail?q=nothing", headers={"Authorization": f"Bearer {TOKEN}"})
            tails.append(connection)
        drive(server, "--kind", "logs", "--batch", "1000", "--connections", "4", "--records", "100000")
        for connection in tails:
            connection.close()
        print(f"peak {peak(server) / MIB:.1f} MiB")
        assert peak(server) <= CEILING, f"{peak(server) / MIB:.1f} MiB"


def test_memory_stays_below_its_ceiling_under_new_series_without_end():
    with Server() as server:
        drive(server, "--kind", "metrics", "--batch", "100", "--connections", "8", "--records", "30000", "--series", "300000")
        server.wait_stored(120)
        print(f"peak {peak(server) / MIB:.1f} MiB")
        assert peak(server) <= INGEST_CEILING
