"""Servers that speak TLS, certificates of `penstock cert` and of openssl, and clients that show them."""

import http.client
import os
import ssl
import subprocess

from harness import PROGRAM, Server, TOKEN

HOST = "localhost"


def penstock(*arguments, environment=None, stdin=""):
    return subprocess.run([PROGRAM, *map(str, arguments)], input=stdin, capture_output=True, text=True, timeout=60,
                          env={**os.environ, **(environment or {})})


def openssl(*arguments, stdin=""):
    return subprocess.run(["openssl", *map(str, arguments)], input=stdin, capture_output=True, text=True, timeout=30)


class Pair:
    """A self-signed certificate of `penstock cert` and its key."""

    def __init__(self, folder, name, *names):
        self.certificate, self.key = folder / f"{name}-cert.pem", folder / f"{name}-key.pem"
        made = penstock("cert", "create", *(names or (name,)), "--cert", self.certificate, "--key", self.key)
        assert made.returncode == 0, made.stderr
        self.fingerprint, self.said = made.stdout.strip(), made.stderr


class TlsServer(Server):
    def __init__(self, pair, options=(), client=None, **others):
        super().__init__(options=["--http.tls_certificate", str(pair.certificate), "--http.tls_key", str(pair.key), *options], **others)
        self.pair, self.client = pair, client

    def context(self, client=None):
        context = ssl.create_default_context(cafile=str(self.pair.certificate))
        if client:
            context.load_cert_chain(client.certificate, client.key)
        return context

    def connect(self, timeout=30.0):
        return http.client.HTTPSConnection(HOST, self.port, timeout=timeout, context=self.context(self.client))

    def s_client(self, *arguments, stdin=""):
        said = openssl("s_client", "-connect", f"127.0.0.1:{self.port}", "-CAfile", self.pair.certificate, *arguments, stdin=stdin)
        return said.returncode, said.stdout + said.stderr

    @property
    def url(self):
        return f"https://{HOST}:{self.port}"


def send(server, *arguments, environment=None):
    return penstock("send", "--url", server.url, "--source", "tls-test", "--text", "--give-up", "5s", *arguments, stdin="over TLS\n",
                    environment={"PENSTOCK_TOKEN": TOKEN, **(environment or {})})


def make_clients(folder):
    """An authority with a client of its own, a certificate that is trusted itself, one for servers only, and a stranger's."""
    def made(*arguments):
        done = openssl(*arguments)
        assert done.returncode == 0, done.stderr

    def own(name):
        pair = object.__new__(Pair)
        pair.certificate, pair.key = folder / f"{name}-cert.pem", folder / f"{name}-key.pem"
        return pair

    authority, signed, server_only = own("authority"), own("signed"), own("server-only")
    made("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=authority", "-keyout", authority.key, "-out", authority.certificate)
    made("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/O=Shop/CN=attic", "-keyout", signed.key, "-out", folder / "signed.csr")
    made("x509", "-req", "-in", folder / "signed.csr", "-CA", authority.certificate, "-CAkey", authority.key, "-CAcreateserial", "-out", signed.certificate)
    made("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=server-only", "-addext", "extendedKeyUsage=serverAuth",
         "-keyout", server_only.key, "-out", server_only.certificate)
    found = {"signed": signed, "server-only": server_only, "listed": Pair(folder, "listed", "listed.example"), "stranger": Pair(folder, "stranger", "stranger.example")}
    found["ca"] = folder / "clients.pem"
    found["ca"].write_text("".join(one.certificate.read_text() for one in (authority, found["listed"], server_only)))
    return found


def asks(server, client):
    """The status of /health for who shows this certificate; None where the connection is not to be had."""
    connection = http.client.HTTPSConnection(HOST, server.port, timeout=20, context=server.context(client))
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()
