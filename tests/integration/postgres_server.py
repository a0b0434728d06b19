"""A Postgres of the tests' own beside the private one: what `database.url` names, so that it can be cut, locked, restored and killed."""

import contextlib
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile

import psycopg2

from harness import wait_until

BINARIES = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"))[-1]
USER = "postgres" if os.geteuid() == 0 else None  # Postgres refuses to run as root


def free_port():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


class Postgres:
    """One cluster on loopback TCP. Crashes of the machine are not its subject, so it does without fsync and is quick."""

    def __init__(self, settings=(), directory=None):
        self.own = directory is None
        self.directory = pathlib.Path(directory or tempfile.mkdtemp(prefix="penstock-it-pg-", dir="/tmp"))
        self.directory.chmod(0o755)
        self.data = self.directory / "data"
        self.port = free_port()
        self.settings = {"listen_addresses": "127.0.0.1", "unix_socket_directories": "", "fsync": "off", "max_connections": "60",
                         "shared_buffers": "32MB", "max_wal_size": "256MB", "jit": "off", **dict(settings)}
        self.process = None
        self.count = 0

    def __enter__(self):
        self.data.mkdir()
        if USER:
            shutil.chown(self.data, USER)
        self.run("initdb", "-D", str(self.data), "-A", "trust", "-U", "tester", "-E", "UTF8", "--locale=C", "--no-sync")
        return self.start()

    def __exit__(self, *_):
        self.stop(signal.SIGQUIT)  # nobody needs its last checkpoint
        if self.own:
            shutil.rmtree(self.directory, ignore_errors=True)

    def run(self, program, *arguments, **options):
        done = subprocess.run([str(BINARIES / program), *arguments], user=USER, capture_output=True, check=False, cwd="/tmp", **options)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout

    def start(self, wait=True):
        words = [str(BINARIES / "postgres"), "-D", str(self.data), "-c", f"port={self.port}"]
        for key, value in self.settings.items():
            words += ["-c", f"{key}={value}"]
        self.log = open(self.directory / "log", "ab")
        if USER:
            shutil.chown(self.directory / "log", USER)
        self.process = subprocess.Popen(words, user=USER, stdout=self.log, stderr=self.log, stdin=subprocess.DEVNULL, cwd="/tmp")
        self.log.close()
        if wait:
            wait_until(self.answers, 60, "Postgres to answer")
        return self

    def answers(self):
        assert self.process.poll() is None, (self.directory / "log").read_text(errors="replace")[-3000:]
        with contextlib.suppress(psycopg2.OperationalError):
            self.query("SELECT 1")
            return True
        return False

    def stop(self, how=signal.SIGINT):
        """SIGINT is a fast shutdown, SIGQUIT an immediate one, as after a crash."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.send_signal(how)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.send_signal(signal.SIGQUIT)
                self.process.wait(20)
        self.process = None

    def kill(self):
        """SIGKILL for the postmaster and what it started, as the OOM killer or the machine's end would."""
        children = self.children()
        self.process.kill()
        self.process.wait()
        for child in children:
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        # They are adopted by another process, which reaps them; a new server starts when none is attached to the old one's memory.
        wait_until(lambda: not any(alive(child) for child in children), 20, "the backends to end")
        self.process = None

    def children(self):
        pid = self.process.pid
        with contextlib.suppress(OSError):
            return [int(word) for word in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
        return []

    def halt(self):
        """SIGSTOP for all of it; sockets stay open and nobody answers. Undone by go_on()."""
        self.process.send_signal(signal.SIGSTOP)
        self.halted = self.children()
        for child in self.halted:
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGSTOP)

    def go_on(self):
        for child in self.halted:
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGCONT)
        self.process.send_signal(signal.SIGCONT)

    # --- databases ----------------------------------------------------------------------------------------------------

    def new_database(self):
        """The name of an empty database."""
        self.count += 1
        name = f"deployment{self.count}"
        self.query(f"CREATE DATABASE {name}")
        return name

    def url(self, database, port=None, user="tester"):
        return f"postgresql://{user}@127.0.0.1:{port or self.port}/{database}"

    def session(self, database="postgres"):
        connection = psycopg2.connect(host="127.0.0.1", port=self.port, user="tester", dbname=database, connect_timeout=10)
        connection.autocommit = True
        return connection

    def query(self, sql, database="postgres"):
        connection = self.session(database)
        try:
            with connection.cursor() as cursor:
                cursor.execute(sql)
                return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()


def alive(pid):
    """Runs, and is not only waiting to be reaped."""
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False
