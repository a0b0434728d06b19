"""10,000 slow connections do not stop those who ask properly: the crowd makes room for them."""

import contextlib
import os
import time

import pytest

import slow_crowd
from harness import Server, wait_until
from slow_crowd import PATIENCE, Crowd, TurnedAway, get_in
from test_memory import MIB, peak
from test_memory_limits import is_served

CROWD = int(os.environ.get("SLOW_CROWD", "1500"))
SEATS = min(4096, CROWD * 4 // 5)  # fewer than come, and not more than there are by default
KINDS = [slow_crowd.silent, slow_crowd.unfinished, slow_crowd.unfinished_and_large, slow_crowd.served_before, slow_crowd.unread, slow_crowd.unsent]


@pytest.fixture(scope="module")
def server():
    slow_crowd.allow_files(CROWD + 1000)
    with Server(options=["--http.max_connections", str(SEATS)]) as running:
        assert running.request("GET", slow_crowd.LARGE).status == 200
        yield running


def serve(server, crowd, clients=20):
    """Good clients one after the other, each on a connection of its own."""
    assert crowd.complete.wait(60)
    slowest = tries = 0
    for _ in range(clients):
        started = time.monotonic()
        tries += get_in(lambda: is_served(server))[1]
        slowest = max(slowest, time.monotonic() - started)

    def stats_of():
        answer = server.request("GET", "/api/v1/stats", connection=server.connect())
        if answer.status == 503:
            raise TurnedAway(answer)
        return answer.json()

    stats, _ = get_in(stats_of)
    print(f"{crowd.attempts} slow connections tried, {crowd.turned_away} turned away, {stats['http']['connections']} at once; "
          f"{clients} good clients: the slowest took {slowest * 1000:.0f} ms, {tries} tries")
    assert crowd.turned_away > 0 and crowd.attempts >= crowd.size
    assert slowest < PATIENCE


@pytest.mark.parametrize("behave", KINDS, ids=lambda kind: kind.__name__)
def test_good_clients_are_served_beside_a_crowd_of_slow_ones(server, behave):
    with Crowd(server.port, CROWD, behave) as crowd:
        serve(server, crowd)


def test_good_clients_are_served_beside_slow_ones_of_their_own_address(server):
    """As many people behind one router, or one proxy, have the same address."""
    with Crowd(server.port, CROWD, slow_crowd.unfinished, address="127.0.0.1") as crowd:
        serve(server, crowd)


def test_what_a_crowd_holds_in_the_server_is_bounded_and_given_back():
    slow_crowd.allow_files(CROWD + 1000)
    with Server(options=["--http.connection_memory", "4MiB"]) as server:
        before = peak(server)
        with Crowd(server.port, CROWD, slow_crowd.unfinished_and_large) as crowd:
            serve(server, crowd)
            held = (peak(server) - before) / MIB
            print(f"{held:.1f} MiB more than without the crowd")
            assert held < 12  # 35 without the bound
        server.drop_connection()  # if it was not thrown out
        wait_until(lambda: server.metric("penstock_http_connection_memory_bytes") < 64 * 1024, 20, "the crowd's memory to be given back")
        assert server.metric("penstock_http_answer_memory_bytes") == 0
