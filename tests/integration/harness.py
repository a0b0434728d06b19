"""Starts real servers for the integration tests: the release program, its private Postgres, loopback only."""

import contextlib
import http.client
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PROGRAM = pathlib.Path(os.environ.get("TEST_PROGRAM", ROOT / "build" / "release" / "penstock"))
TOKEN = "pst_integration-test-administrator-token-0123456789"


def wait_until(condition, timeout=30.0, what="the condition", every=0.02):
    """Polls until `condition` gives something true and returns it; fails with `what` when the time is over."""
    deadline = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {timeout} s in vain for {what}")
        time.sleep(every)


def make_data_dir():
    """A folder that Postgres' own user can reach too, as the tests may run as root."""
    path = pathlib.Path(tempfile.mkdtemp(prefix="penstock-it-", dir="/tmp"))
    path.chmod(0o755)
    return path


class Answer:
    """A response read whole."""

    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def json(self):
        return json.loads(self.body)

    @property
    def text(self):
        return self.body.decode()

    def __repr__(self):
        return f"<{self.status} {self.body[:400]!r}>"


class Server:
    """One `penstock serve` process. Use as a context manager; start() may be called again after kill() or stop()."""

    def __init__(self, data_dir=None, options=(), environment=None, token=TOKEN, program=None, limits=None):
        self.own_dir = data_dir is None
        self.data_dir = pathlib.Path(data_dir) if data_dir else make_data_dir()
        self.options = list(options)
        self.environment = environment or {}
        self.token = token
        self.program = program or PROGRAM
        self.limits = limits  # called in the child before the program runs
        self.process = None
        self.port = None
        self.log_path = self.data_dir.with_name(self.data_dir.name + ".log")
        self.local = None
        self.local_used_at = 0

    def launch(self):
        """Runs the program, and does not wait for anything; gives how long its log was."""
        environment = {**os.environ, "PENSTOCK_ADMIN_TOKEN": self.token, **self.environment}
        if self.token is None:
            environment.pop("PENSTOCK_ADMIN_TOKEN")
        self.log = open(self.log_path, "ab")
        offset = self.log.tell()
        self.started_at = time.monotonic()
        self.process = subprocess.Popen(
            [str(self.program), "serve", "--data-dir", str(self.data_dir), "--listen", "127.0.0.1:0", *self.options],
            stdout=self.log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, env=environment,
            preexec_fn=self.limits)
        self.log.close()
        return offset

    def start(self, timeout=60.0, wait_ready=True):
        offset = self.launch()

        def address():
            if self.process.poll() is not None:
                raise AssertionError(f"penstock ended with {self.process.returncode}:\n{self.output()[-4000:]}")
            found = re.search(rb"listening on https?://127\.0\.0\.1:(\d+)", self.log_path.read_bytes()[offset:])
            return found and int(found.group(1))

        self.port = wait_until(address, timeout, "the server's address")
        if wait_ready:
            self.wait_ready(timeout)
        return self

    def wait_ready(self, timeout=60.0):
        def ready():
            if self.process.poll() is not None:
                raise AssertionError(f"penstock ended with {self.process.returncode}:\n{self.output()[-4000:]}")
            with contextlib.suppress(OSError, http.client.HTTPException):
                return self.request("GET", "/ready", token=None).status == 200
            return False

        wait_until(ready, timeout, f"/ready; log:\n{self.output()[-3000:]}")
        self.ready_after = time.monotonic() - self.started_at

    def output(self):
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""

    def kill(self):
        """kill -9, as the OOM killer would."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
        if self.process:
            self.process.wait()
        self.drop_connection()

    def stop(self, timeout=25.0):
        """SIGTERM; returns the exit code."""
        if self.process is None:
            return None
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"penstock did not end within {timeout} s of SIGTERM:\n{self.output()[-4000:]}") from None
        self.drop_connection()
        return code

    def __enter__(self):
        return self.start() if self.process is None else self

    def __exit__(self, kind, value, trace):
        if kind is not None:
            print(f"--- server log ({self.log_path}) ---\n{self.output()[-6000:]}")
        try:
            self.stop()
        finally:
            self.end_postgres()
            if self.own_dir:
                shutil.rmtree(self.data_dir, ignore_errors=True)
                self.log_path.unlink(missing_ok=True)

    # --- Postgres beside it -------------------------------------------------------------------------------------------

    def postgres_pid(self):
        for pid_file in self.data_dir.glob("postgres/**/postmaster.pid"):
            with contextlib.suppress(OSError, ValueError, IndexError):
                return int(pid_file.read_text().splitlines()[0])
        return None

    def end_postgres(self):
        """Makes sure that no private Postgres of this data folder outlives the test."""
        pid = self.postgres_pid()
        if pid and pathlib.Path(f"/proc/{pid}").exists():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGQUIT)
            wait_until(lambda: not pathlib.Path(f"/proc/{pid}").exists() or
                       pathlib.Path(f"/proc/{pid}/stat").read_text().split()[2] == "Z", 10, "Postgres to end")

    # --- HTTP ---------------------------------------------------------------------------------------------------------

    def connect(self, timeout=30.0):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)

    def drop_connection(self):
        if self.local:
            self.local.close()
            self.local = None

    def request(self, method, path, body=None, headers=None, token=TOKEN, connection=None, timeout=30.0):
        """One request on a kept-alive connection of this object's (not for threads), or on the one given."""
        own = connection is None
        if own:
            # The server closes what was idle for a minute; a long outage must not end with a request into that moment.
            if time.monotonic() - self.local_used_at > 30:
                self.drop_connection()
            self.local = self.local or self.connect(timeout)
            self.local_used_at = time.monotonic()
        connection = connection or self.local
        send = dict(headers or {})
        if token:
            send.setdefault("Authorization", f"Bearer {token}")
        if isinstance(body, (dict, list)):
            body = json.dumps(body)
            send.setdefault("Content-Type", "application/json")
        try:
            connection.request(method, path, body=body, headers=send)
            response = connection.getresponse()
            answer = Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())
            if response.will_close:
                connection.close()
            return answer
        except (OSError, http.client.HTTPException):
            connection.close()
            if own:
                self.local = None
            raise

    def get(self, path, **parameters):
        pairs = [(k.rstrip("_"), v) for k, values in parameters.items() if values is not None
                 for v in (values if isinstance(values, list) else [values])]
        query = urllib.parse.urlencode(pairs)
        return self.request("GET", path + ("?" + query if query else ""))

    def logs(self, **parameters):
        """The records of a log query that must succeed."""
        answer = self.get("/api/v1/logs", **{"from": "now-1d", "to": "now+1h", **parameters})
        assert answer.status == 200, answer
        return answer.json()["records"]

    def all_logs(self, **parameters):
        """Every matching record, as one NDJSON stream."""
        answer = self.get("/api/v1/logs", **{"from": "now-1d", "to": "now+1h", "format": "ndjson", **parameters})
        assert answer.status == 200, answer
        return [json.loads(line) for line in answer.body.splitlines() if line]

    def send(self, records, path="/api/v1/logs", **options):
        body = "\n".join(json.dumps(record) for record in records)
        return self.request("POST", path, body=body, **options)

    def stats(self):
        answer = self.get("/api/v1/stats")
        assert answer.status == 200, answer
        return answer.json()

    def metric(self, name, **labels):
        """A value of /metrics; sums the lines that carry the labels."""
        total, seen = 0.0, False
        for line in self.request("GET", "/metrics").text.splitlines():
            if line.startswith(name + " ") or line.startswith(name + "{"):
                if all(f'{k}="{v}"' in line for k, v in labels.items()):
                    total, seen = total + float(line.rsplit(" ", 1)[1]), True
        assert seen, f"/metrics has no {name} {labels}"
        return total

    def wait_stored(self, timeout=60.0):
        """Until Postgres has all that the journal has."""
        def stored():
            stats = self.stats()
            sink = next(s for s in stats["sinks"] if s["name"] == "postgres")
            return sink["lag_records"] == 0
        wait_until(stored, timeout, "the store sink to catch up", every=0.1)

    def raw(self, data, timeout=10.0, read_until_close=False):
        """Sends bytes as they are on a connection of its own, and returns all that came back until close or silence."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=timeout) as sock:
            sock.sendall(data)
            sock.settimeout(timeout if read_until_close else 0.5)
            received = b""
            try:
                while chunk := sock.recv(65536):
                    received += chunk
                    if not read_until_close and complete(received):
                        break
            except (TimeoutError, ConnectionResetError):
                pass
            return received


def complete(data):
    """Whether `data` holds one whole response with a Content-Length."""
    head, found, body = data.partition(b"\r\n\r\n")
    length = re.search(rb"(?i)content-length: *(\d+)", head)
    return bool(found and length and len(body) >= int(length.group(1)))


def psql(server, sql):
    """Asks the server's private Postgres directly, past Penstock, and gives the rows."""
    import psycopg2  # only some tests need it

    host = server_socket_dir(server)
    connection = psycopg2.connect(host=str(host[0]), port=host[1], user=host[2], dbname=host[3])
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


def server_socket_dir(server):
    """(folder, port, user, database) of the private Postgres, from its postmaster.pid."""
    for pid_file in server.data_dir.glob("postgres/**/postmaster.pid"):
        lines = pid_file.read_text().splitlines()
        return lines[4].strip(), lines[3].strip(), "penstock", "penstock"
    raise AssertionError("no private Postgres runs")
