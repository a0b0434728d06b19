"""A TCP proxy between the server and Postgres that cuts, delays and swallows what passes. Loopback only."""

import contextlib
import itertools
import socket
import threading

# What may happen to a COMMIT of the store:
#   before    the connection is cut, Postgres never sees it
#   sent      Postgres gets it, the connection is cut at once
#   late      the connection is cut, and Postgres gets it a moment later, when the client may already be back
#   answered  Postgres has carried it out, its answer is swallowed
CUTS = ("before", "sent", "late", "answered")
CURSOR_MOVES = b"UPDATE journal_cursor"
COMMIT = b"Q\x00\x00\x00\x0bCOMMIT\x00"


class Proxy:
    """mode: pass, refuse (nobody gets in, who is in is thrown out), swallow (connections stay, no byte moves), slow."""

    def __init__(self, port):
        self.target = port
        self.mode = "pass"
        self.delay = 0.05          # of slow, for each piece in each direction
        self.late_by = 0.3
        self.changed = threading.Condition()
        self.links = set()
        self.cuts = 0              # so far
        self.cut_every = 0         # every nth COMMIT of the store is cut; 0: none
        self.seen = 0
        self.kinds = itertools.cycle(CUTS)
        self.closing = threading.Event()
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self.listener.getsockname()[1]

    def __enter__(self):
        threading.Thread(target=self.accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.closing.set()
        self.set_mode("refuse")
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def set_mode(self, mode):
        with self.changed:
            self.mode = mode
            self.changed.notify_all()
            links = list(self.links)
        if mode == "refuse":
            for link in links:
                link.cut()

    def accept(self):
        while not self.closing.is_set():
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            if self.mode == "refuse":
                client.close()
                continue
            try:
                server = socket.create_connection(("127.0.0.1", self.target), timeout=10)
            except OSError:
                client.close()
                continue
            Link(self, client, server).start()

    def next_cut(self):
        """What is to happen to the COMMIT of the store that just came by; None: nothing."""
        with self.changed:
            self.seen += 1
            if not self.cut_every or self.seen % self.cut_every:
                return None
            self.cuts += 1
            return next(self.kinds)

    def hold(self):
        """Comes back when bytes may move."""
        if self.mode == "slow":
            self.closing.wait(self.delay)
        with self.changed:
            self.changed.wait_for(lambda: self.mode != "swallow")


class Link:
    """One connection, two threads."""

    def __init__(self, proxy, client, server):
        self.proxy, self.client, self.server = proxy, client, server
        for sock in (client, server):
            sock.settimeout(None)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.store = False         # the transaction under way moves the cursor
        self.swallow_answer = False

    def start(self):
        with self.proxy.changed:
            self.proxy.links.add(self)
        threading.Thread(target=self.forth, daemon=True).start()
        threading.Thread(target=self.back, daemon=True).start()

    def cut(self):
        for sock in (self.client, self.server):
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        with self.proxy.changed:
            self.proxy.links.discard(self)

    def cut_client(self):
        with contextlib.suppress(OSError):
            self.client.shutdown(socket.SHUT_RDWR)

    def forth(self):
        with contextlib.suppress(OSError):
            while data := self.client.recv(65536):
                self.proxy.hold()
                self.store = self.store or CURSOR_MOVES in data
                if self.store and data.endswith(COMMIT):
                    self.store = False
                    if kind := self.proxy.next_cut():
                        self.apply(kind, data)
                        return
                self.server.sendall(data)
        self.cut()

    def apply(self, kind, data):
        """The other thread goes on until the server closes its side."""
        if kind == "before":
            self.cut()
            return
        self.swallow_answer = True
        if kind == "late":
            self.cut_client()
            self.proxy.closing.wait(self.proxy.late_by)
        self.server.sendall(data)
        if kind == "sent":
            self.cut()

    def back(self):
        with contextlib.suppress(OSError):
            while data := self.server.recv(65536):
                self.proxy.hold()
                if self.swallow_answer:
                    break
                self.client.sendall(data)
        self.cut()
