"""Thousands of clients, each of an address that it shares with few others, that take a connection and come to nothing."""

import contextlib
import http.client
import resource
import select
import socket
import threading

from harness import wait_until

PER_ADDRESS = 200  # below the limit of connections of one address
LARGE = "/vendor/plotly-basic.min.js"
RUSH = 200  # new connections every 20 ms until all tried once; later fewer (slow, not a flood)
PATIENCE = 5


def silent(_sock):
    """Connects, and says nothing."""


def unfinished(sock):
    """Does not come to the end of its header."""
    sock.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\nX-Slow: " + b"s" * 1000)


def unfinished_and_large(sock):
    """The same with all that a header may hold."""
    sock.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\nX-Slow: " + b"s" * 16000)


def served_before(sock):
    """Asks once as everybody does, and then does not come to the end of its second header."""
    sock.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\nGET /health HTTP/1.1\r\nHost: x\r\nX-Slow: ")


def unread(sock):
    """Known for one after a second only: asks for the largest file of the page, again and again, and reads nothing."""
    sock.sendall(f"GET {LARGE} HTTP/1.1\r\nHost: x\r\n\r\n".encode() * 8)


def unsent(sock):
    """Is refused, and does not come to the end of its body."""
    sock.sendall(b"POST /api/v1/logs HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{")


def allow_files(number):
    """This process, and what it starts from now on, may have so many files open."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < number:
        resource.setrlimit(resource.RLIMIT_NOFILE, (number, max(hard, number)))


class TurnedAway(http.client.HTTPException):
    """The server has no seat, or no memory, for a client that comes now, and says so."""


def get_in(do):
    """Who does not get in tries again, as agents do; gives what `do` gave, and how many tries it took."""
    tries = []

    def attempt():
        tries.append(True)
        with contextlib.suppress(OSError, http.client.HTTPException):
            return [do()]
        return None

    return wait_until(attempt, PATIENCE, "a good client to get in", every=0.05)[0], len(tries)


class Crowd(threading.Thread):
    """`size` connections of one kind; who is thrown out comes back, until the crowd is stopped: once all tried, `trickle` every 20 ms.
    `address`: they all share it."""

    def __init__(self, port, size, behave, address=None, trickle=8):
        super().__init__(daemon=True)
        self.port, self.size, self.behave, self.trickle = port, size, behave, trickle
        self.addresses = [address] if address else [f"127.0.{1 + i // 250}.{1 + i % 250}" for i in range(-(-size // PER_ADDRESS))]
        self.attempts = self.turned_away = 0
        self.sockets = {}
        self.complete, self.over = threading.Event(), threading.Event()

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.join()

    def run(self):
        with select.epoll() as epoll:
            while not self.over.wait(0.02):
                for _ in range(min(self.trickle if self.complete.is_set() else RUSH, self.size - len(self.sockets))):
                    self.join_in(epoll)
                if self.attempts >= self.size:
                    self.complete.set()
                for descriptor, _ in epoll.poll(0, 1000):
                    self.sockets.pop(descriptor).close()
                    self.turned_away += 1
            for sock in self.sockets.values():
                sock.close()

    def join_in(self, epoll):
        address = self.addresses[self.attempts % len(self.addresses)]
        self.attempts += 1
        sock = socket.socket()
        with contextlib.suppress(OSError):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            sock.settimeout(2)
            sock.bind((address, 0))
            sock.connect(("127.0.0.1", self.port))
            self.behave(sock)
        self.sockets[sock.fileno()] = sock
        epoll.register(sock, select.EPOLLRDHUP | select.EPOLLHUP | select.EPOLLERR)
