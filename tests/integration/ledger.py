"""The ledger of every crash test: what was sent, what was acknowledged, and what must therefore be found."""

import hashlib
import http.client
import json
import random
import threading
import time


class Ledger:
    """Thread-safe. A record is sent once, or again with the same Idempotency-Key while its fate is unknown."""

    def __init__(self):
        self.lock = threading.Lock()
        self.sent = {}      # id -> payload hash
        self.acked = set()  # a 2xx was read whole
        self.refused = set()

    @staticmethod
    def digest(identity, text):
        return hashlib.sha256(f"{identity}|{text}".encode()).hexdigest()

    def note_sent(self, records):
        with self.lock:
            for record in records:
                self.sent[record["fields"]["id"]] = record["fields"]["digest"]

    def note_answer(self, records, status):
        with self.lock:
            ids = {record["fields"]["id"] for record in records}
            if 200 <= status < 300:
                self.acked |= ids
            elif 400 <= status < 500:
                self.refused |= ids

    def check(self, stored):
        """acked - stored = 0, stored - sent = 0, hashes equal, no duplicates."""
        ids = [record["fields"]["id"] for record in stored]
        found = set(ids)
        missing = self.acked - found
        invented = found - set(self.sent)
        assert not missing, f"{len(missing)} acknowledged records are lost, such as {sorted(missing)[:3]}"
        assert not invented, f"{len(invented)} records were never sent, such as {sorted(invented)[:3]}"
        assert len(ids) == len(found), f"{len(ids) - len(found)} records are stored twice"
        assert not found & self.refused, "refused records were stored"
        for record in stored:
            fields = record["fields"]
            assert fields["digest"] == self.sent[fields["id"]]
            assert fields["digest"] == self.digest(fields["id"], record["message"]), "a payload changed"


class Load(threading.Thread):
    """Posts batches until stopped, over one connection, noting all in the ledger. Unknown fates are retried with the same key."""

    def __init__(self, server, ledger, name, seed, deployment="ledger", retry=True):
        super().__init__(name=name, daemon=True)
        self.server, self.ledger, self.deployment, self.retry = server, ledger, deployment, retry
        self.random = random.Random(seed)
        self.stopping = threading.Event()
        self.going = threading.Event()
        self.going.set()
        self.count = 0
        self.pending = None  # (records, key) whose fate is unknown
        self.pace = 0        # seconds of rest after each answer

    def batch(self):
        records = []
        for _ in range(self.random.choice([1, 1, 3, 20, 200])):
            identity = f"{self.name}-{self.count}"
            self.count += 1
            text = "x" * self.random.choice([5, 50, 500]) + f" event {identity} happened"
            records.append({"deployment": self.deployment, "message": text, "severity": "INFO",
                            "fields": {"id": identity, "digest": self.ledger.digest(identity, text)}})
        return records, f"{self.name}-{self.count}"

    def run(self):
        connection = None
        while not self.stopping.is_set():
            if not self.going.wait(0.1):
                continue
            records, key = self.pending or self.batch()
            if self.pending is None:
                self.ledger.note_sent(records)
            self.pending = (records, key) if self.retry else None
            try:
                if connection is None:
                    connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=10)
                connection.request("POST", "/api/v1/logs", body="\n".join(json.dumps(r) for r in records),
                                   headers={"Authorization": f"Bearer {self.server.token}", "Idempotency-Key": key})
                response = connection.getresponse()
                response.read()
                if response.status < 500:
                    self.ledger.note_answer(records, response.status)
                    self.pending = None
                    if self.pace:
                        self.stopping.wait(self.pace)
                else:
                    self.stopping.wait(0.05)
            except (OSError, http.client.HTTPException):
                if connection:
                    connection.close()
                connection = None
                self.stopping.wait(0.02)

    def pause(self):
        """Nothing new is sent from now on; what is under way may still arrive."""
        self.going.clear()

    def go_on(self):
        self.going.set()

    def stop(self):
        self.stopping.set()
        self.join(30)
        assert not self.is_alive(), "a load thread hangs"


def verify(server, ledger, **times):
    """What every crash test ends with: a fresh record within 5 s, then the backlog drained, then the ledger against all that is stored."""
    fresh = {"deployment": "ledger", "message": "", "fields": {"id": f"fresh-{time.monotonic_ns()}"}}
    fresh["message"] = "fresh"
    fresh["fields"]["digest"] = ledger.digest(fresh["fields"]["id"], "fresh")
    ledger.note_sent([fresh])
    started = time.monotonic()
    answer = server.send([fresh])
    ledger.note_answer([fresh], answer.status)
    assert answer.status == 200, answer
    assert server.logs(**{"deployment": "ledger", "field.id": fresh["fields"]["id"], **times})
    assert time.monotonic() - started < 5
    server.wait_stored(120)
    ledger.check(server.all_logs(deployment="ledger", **times))
