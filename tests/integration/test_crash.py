"""Pull the plug: kill -9 under mixed load, Postgres killed and stopped in between. The ledger decides."""

import contextlib
import os
import random
import signal
import time

from harness import Server, wait_until
from ledger import Ledger, Load, verify

CYCLES = int(os.environ.get("CRASH_CYCLES", "50"))
SEED = int(os.environ.get("CRASH_SEED", "20261120"))


def test_kill_9_under_mixed_load_loses_doubles_and_invents_nothing():
    print(f"seed {SEED}")
    pick = random.Random(SEED)
    ledger = Ledger()
    with Server(options=["--store.flush_interval", "300ms"]) as server:
        loads = [Load(server, ledger, f"load{i}", SEED + i) for i in range(3)]
        for load in loads:
            load.start()
        try:
            for cycle in range(CYCLES):
                goal = len(ledger.acked) + pick.choice([20, 200, 1000])
                wait_until(lambda: len(ledger.acked) >= goal, 60, f"the load to be answered in cycle {cycle}")
                if cycle % 5 == 3:  # Postgres dies first
                    with contextlib.suppress(ProcessLookupError, TypeError):
                        os.kill(server.postgres_pid(), signal.SIGKILL)
                server.kill()
                if cycle % 4 == 1:  # and once more during recovery
                    server.start(wait_ready=False)
                    server.kill()
                if cycle % 7 == 2:  # twice more, with nothing sent in between
                    for load in loads:
                        load.pause()
                    for _ in range(2):
                        server.start()
                        server.kill()
                server.start()
                for load in loads:
                    load.go_on()
        finally:
            for load in loads:
                load.stop()
        verify(server, ledger)
        assert len(ledger.acked) > CYCLES * 20


def test_postgres_away_for_a_while_under_load():
    ledger = Ledger()
    away = float(os.environ.get("OUTAGE_SECONDS", "15"))
    with Server(options=["--store.flush_interval", "300ms"]) as server:
        loads = [Load(server, ledger, f"load{i}", SEED + i) for i in range(3)]
        for load in loads:
            load.start()
        try:
            wait_until(lambda: len(ledger.acked) > 500, 30, "load")
            pid = server.postgres_pid()
            os.kill(pid, signal.SIGSTOP)
            before = len(ledger.acked)
            until = time.monotonic() + away
            wait_until(lambda: time.monotonic() > until, away + 1, "the outage to be over", every=0.2)
            os.kill(pid, signal.SIGKILL)
            assert len(ledger.acked) > before + 100, "ingest did not go on while Postgres was stopped"
            wait_until(lambda: server.get("/ready").status == 200 and server.stats()["store"]["available"], 60, "Postgres to be back")
        finally:
            for load in loads:
                load.stop()
        verify(server, ledger)


def test_sigterm_under_load_answers_or_stores_everything_and_ends_in_time():
    ledger = Ledger()
    with Server() as server:
        for round_ in range(3):
            loads = [Load(server, ledger, f"r{round_}load{i}", SEED + i) for i in range(3)]
            for load in loads:
                load.start()
            goal = len(ledger.acked) + 300
            wait_until(lambda: len(ledger.acked) > goal, 30, "load")
            started = time.monotonic()
            assert server.stop(20) == 0
            assert time.monotonic() - started < 20
            for load in loads:
                load.stop()
            server.start()
        verify(server, ledger)


def test_an_idempotency_key_makes_a_retry_harmless_across_restarts(fresh):
    body = [{"deployment": "once", "message": "pay 5"}]
    first = fresh.send(body, headers={"Idempotency-Key": "k-1"})
    again = fresh.send(body, headers={"Idempotency-Key": "k-1"})
    assert (first.status, first.json()) == (200, again.json()) and again.status == 200
    other = fresh.send([{"deployment": "once", "message": "pay 6"}], headers={"Idempotency-Key": "k-1"})
    assert other.status == 409 and other.json()["error"]["code"] == "conflict"
    fresh.kill()
    fresh.start()
    assert fresh.send(body, headers={"Idempotency-Key": "k-1"}).json() == first.json()
    fresh.wait_stored()
    fresh.stop()
    fresh.start()
    assert fresh.send(body, headers={"Idempotency-Key": "k-1"}).json() == first.json()
    assert len(fresh.all_logs(deployment="once")) == 1


def test_a_second_start_is_ready_in_about_a_second(fresh):
    fresh.send([{"message": "hello"}])
    fresh.wait_stored()
    times = []
    for _ in range(3):
        assert fresh.stop() == 0
        fresh.start()
        times.append(fresh.ready_after)
    assert min(times) < 2, times
