"""Live tails: what comes, and what came while nobody listened."""

import http.client
import json
import time

import pytest


class Events:
    """A live tail, read event by event."""

    def __init__(self, server, query, last_id=None, version=11):
        self.connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
        self.connection._http_vsn, self.connection._http_vsn_str = version, f"HTTP/{version // 10}.{version % 10}"
        headers = {"Authorization": f"Bearer {server.token}", **({"Last-Event-ID": last_id} if last_id else {})}
        self.connection.request("GET", f"/api/v1/logs/tail?{query}", headers=headers)
        self.answer = self.connection.getresponse()
        assert self.answer.status == 200, self.answer.read()
        self.last_id = last_id

    def next(self):
        """The next record; what comes before it is kept in last_id."""
        data = None
        while True:
            line = self.answer.readline().decode()
            assert line, "the tail ended"
            line = line.rstrip("\n")
            if line.startswith("id: "):
                self.last_id = line[4:]
            elif line.startswith("data: "):
                data = json.loads(line[6:])
            elif line == "" and data is not None:
                return data

    def listen(self):
        """Returns once the tail stands, with the id of its beginning."""
        while self.last_id is None:
            line = self.answer.readline().decode()
            assert line, "the tail ended"
            if line.startswith("id: "):
                self.last_id = line[4:].rstrip("\n")
        return self

    def take(self, count):
        return [self.next()["message"] for _ in range(count)]

    def close(self):
        self.answer.close()
        self.connection.close()


def test_a_tail_resumes_without_loss_and_without_doubles(fresh):
    """Over kill -9, over records that came late, in the middle of catching up, and once the store has them."""
    def send(*messages, **more):
        assert fresh.send([{"deployment": "t", "message": message, **more} for message in messages]).status == 200

    tail = Events(fresh, "deployment=t").listen()
    assert "no" == tail.answer.getheader("X-Accel-Buffering")
    send("m0", "m1")
    assert tail.take(2) == ["m0", "m1"]
    tail.close()
    send("m2")
    send("late", timestamp=time.time() - 3 * 86400)
    fresh.wait_stored()
    fresh.kill()
    fresh.start()
    send(*[f"n{i}" for i in range(700)])
    expected = {"late", "m2", *(f"n{i}" for i in range(700))}
    last_id, got = tail.last_id, []
    while len(got) < len(expected):  # cut off again and again while it catches up
        tail = Events(fresh, "deployment=t", last_id)
        got += tail.take(min(150, len(expected) - len(got)))
        last_id = tail.last_id
        tail.close()
    assert sorted(got) == sorted(expected) and len(set(got)) == len(got)
    tail = Events(fresh, "deployment=t", last_id)
    send("after")
    assert tail.take(1) == ["after"], "nothing of the past comes again"
    tail.close()


def test_a_tail_that_saw_nothing_yet_resumes_too(server):
    tail = Events(server, "deployment=early").listen()
    tail.close()
    server.send([{"deployment": "early", "message": "missed"}])
    tail = Events(server, "deployment=early", tail.last_id)
    assert tail.take(1) == ["missed"]
    tail.close()


def test_a_tail_speaks_to_http_1_0_at_once(server):
    tail = Events(server, "deployment=old", version=10).listen()
    server.send([{"deployment": "old", "message": "seen"}])
    assert tail.take(1) == ["seen"]
    tail.close()


@pytest.mark.parametrize("parameter", ["from=now-1h", "to=now", "limit=5", "order=asc", "cursor=x"])
def test_a_tail_refuses_what_has_no_meaning_there(server, parameter):
    answer = server.request("GET", f"/api/v1/logs/tail?{parameter}")
    assert (answer.status, answer.json()["error"]["field"]) == (400, parameter.split("=")[0])


def test_an_id_that_is_none_is_refused_and_one_of_another_server_is_a_gap(server):
    assert server.request("GET", "/api/v1/logs/tail", headers={"Last-Event-ID": "zebra"}).status == 400
    tail = Events(server, "deployment=gap", "0000000000001-1")
    assert tail.next() == {"skipped": None}  # and from here on the tail stands
    server.send([{"deployment": "gap", "message": "seen"}])
    assert tail.take(1) == ["seen"]
    tail.close()
