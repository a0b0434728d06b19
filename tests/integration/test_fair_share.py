"""Nobody's slowness, and nobody's number of connections, keeps the server from those who ask properly."""

import contextlib
import http.client
import json
import socket
import threading
import time

import pytest

from harness import TOKEN, Server, wait_until

MIB = 1024 * 1024
BODY = "".join(json.dumps({"deployment": "fair", "message": f"line {i} of a body that comes at once"}) + "\n" for i in range(14_000))


@pytest.fixture(scope="module")
def server():
    with Server(options=["--query.downloads", "2", "--http.max_connections_per_address", "3"]) as running:
        yield running


def slow_body(server, announced=16 * MIB, sent=b'{"message": "'):
    sock = socket.create_connection(("127.0.0.1", server.port))
    head = f"POST /api/v1/logs HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\nContent-Length: {announced}\r\n\r\n"
    sock.sendall(head.encode() + sent)
    return sock


def test_bodies_that_are_only_announced_stop_nobody(server):
    with contextlib.ExitStack() as stack:
        for _ in range(20):
            stack.enter_context(slow_body(server))
        wait_until(lambda: server.metric("penstock_in_flight_bytes") > 0, 10, "the announced bodies to be noticed")
        assert server.metric("penstock_in_flight_bytes") < MIB
        for _ in range(5):
            answer = server.request("POST", "/api/v1/logs", body=BODY)
            assert (answer.status, answer.json()["rejected"]) == (200, 0), answer


def test_a_body_that_stalls_before_its_end_gives_way(server):
    with slow_body(server, sent=b"[" + b" " * (14 * MIB)) as slow:
        wait_until(lambda: server.metric("penstock_in_flight_bytes") > 13 * MIB, 20, "the body to arrive but for its end")
        large = "[" + " " * (4 * MIB) + '{"deployment": "fair", "message": "in time"}]'

        def sent():
            try:
                return server.request("POST", "/api/v1/logs", body=large, connection=server.connect()).status == 200
            except (OSError, http.client.HTTPException):  # refused while it was still sent
                return False

        wait_until(sent, 20, "room for another body", every=0.2)
        slow.settimeout(10)
        answer = slow.recv(4096)
        assert answer.startswith(b"HTTP/1.1 503 ") and b"Retry-After" in answer, answer


def test_more_clients_of_this_machine_than_one_address_may_have_are_all_served(server):
    connections = [server.connect() for _ in range(300)]
    try:
        for turn in range(3):
            for connection in connections:
                assert server.request("POST", "/api/v1/logs", body='{"deployment": "fair", "message": "one of many"}', connection=connection).status == 200
                assert connection.sock is not None, f"closed in turn {turn}"
    finally:
        for connection in connections:
            connection.close()


def test_what_a_proxy_passes_on_counts_by_client_and_names_the_source(server):
    client = {"X-Forwarded-For": "203.0.113.77, 198.51.100.4"}
    assert server.send([{"deployment": "proxied", "message": "a"}], headers=client).status == 200
    assert server.logs(deployment="proxied")[0]["source"] == "198.51.100.4"
    tails = [server.connect() for _ in range(3)]
    try:
        for tail in tails:
            tail.request("GET", "/api/v1/logs/tail?deployment=proxied", headers={"Authorization": f"Bearer {TOKEN}", **client})
            assert tail.getresponse().status == 200
        refused = server.request("GET", "/api/v1/version", headers=client)
        assert (refused.status, refused.headers["retry-after"]) == (503, "1")
        assert server.request("GET", "/api/v1/version", headers={"X-Forwarded-For": "198.51.100.5"}).status == 200
    finally:
        for tail in tails:
            tail.close()


def download(server):
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    sock.connect(("127.0.0.1", server.port))
    sock.sendall(f"GET /api/v1/logs?format=ndjson&deployment=fair HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\n\r\n".encode())
    assert sock.recv(64).startswith(b"HTTP/1.1 200 "), "a slow download was not begun"
    return sock


def test_slow_downloads_give_way_to_the_next_and_meanwhile_it_is_refused_at_once(server):
    for _ in range(3):
        assert server.request("POST", "/api/v1/logs", body=BODY).status == 200
    with contextlib.ExitStack() as stack:
        for _ in range(2):
            stack.enter_context(download(server))
        refusals = []

        def exported():
            began = time.monotonic()
            connection = server.connect()
            answer = server.request("GET", "/api/v1/logs?format=ndjson&deployment=fair", connection=connection)
            connection.close()
            if answer.status == 200:
                return True
            assert (answer.status, answer.headers["retry-after"]) == (503, "1"), answer
            refusals.append(time.monotonic() - began)
            return False

        wait_until(exported, 20, "a slow download to give way", every=0.1)
        assert all(took < 1 for took in refusals), refusals


def test_clients_without_a_seat_are_told_so():
    with Server(options=["--http.max_connections", "20"]) as server:
        barrier = threading.Barrier(60)
        answers = []

        def ask():
            connection = server.connect()
            with contextlib.closing(connection):
                barrier.wait(30)
                connection.request("GET", "/api/v1/logs/tail?deployment=none", headers={"Authorization": f"Bearer {TOKEN}"})
                response = connection.getresponse()
                answers.append((response.status, response.getheader("Retry-After"), response.getheader("Connection")))
                barrier.wait(30)

        threads = [threading.Thread(target=ask) for _ in range(60)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        refused = [answer for answer in answers if answer[0] != 200]
        assert len(answers) == 60 and set(refused) == {(503, "1", "close")}, answers
