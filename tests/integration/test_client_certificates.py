"""Certificates of TLS clients: who may come at all, and whom they stand for."""

import base64
import http.client
import json
import os
import subprocess

import pytest

from harness import PROGRAM, TOKEN, make_data_dir, wait_until
from tls_server import HOST, Pair, TlsServer, asks, make_clients, penstock, send


@pytest.fixture(scope="module")
def folder():
    return make_data_dir()


@pytest.fixture(scope="module")
def pair(folder):
    return Pair(folder, "server", HOST, "127.0.0.1", "logs.example")


@pytest.fixture(scope="module")
def clients(folder):
    return make_clients(folder)


# --- who may come at all ----------------------------------------------------------------------------------------------


def test_only_clients_with_a_good_certificate_are_served_where_it_is_required(pair, clients):
    with TlsServer(pair, ["--http.tls_client_ca", str(clients["ca"]), "--http.tls_client_required", "true"], client=clients["signed"]) as server:
        assert asks(server, clients["signed"]) == 200
        assert asks(server, clients["listed"]) == 200
        for wrong in (None, clients["stranger"], clients["server-only"]):
            assert asks(server, wrong) is None
        _, said = server.s_client("-tls1_3", "-ign_eof", stdin="GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
        assert "certificate required" in said and "HTTP/1.1 200" not in said, said
        assert "CN = authority" in said and "CN = listed.example" in said, said
        shown = clients["stranger"]
        _, said = server.s_client("-tls1_3", "-ign_eof", "-cert", shown.certificate, "-key", shown.key, stdin="GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
        assert "alert" in said and "HTTP/1.1 200" not in said, said
        sent = send(server, "--pin", pair.fingerprint, "--client-certificate", clients["signed"].certificate, "--client-key", clients["signed"].key)
        assert sent.returncode == 0, sent.stderr
        none = send(server, "--pin", pair.fingerprint)
        assert none.returncode != 0 and "wants a certificate of its clients" in none.stderr, none.stderr
        wrong = send(server, "--pin", pair.fingerprint, environment={"PENSTOCK_CLIENT_CERTIFICATE": str(shown.certificate), "PENSTOCK_CLIENT_KEY": str(shown.key)})
        assert wrong.returncode != 0 and "does not take this client's certificate" in wrong.stderr, wrong.stderr
        half = send(server, "--pin", pair.fingerprint, "--client-certificate", shown.certificate)
        assert half.returncode != 0 and "belong together" in half.stderr, half.stderr


def test_where_it_is_not_required_a_wrong_certificate_is_refused_and_none_is_not(pair, clients):
    with TlsServer(pair, ["--http.tls_client_ca", str(clients["ca"])]) as server:
        assert asks(server, None) == 200
        assert asks(server, clients["signed"]) == 200
        assert asks(server, clients["stranger"]) is None
        assert asks(server, clients["server-only"]) is None


def test_a_session_that_showed_a_certificate_cannot_be_taken_up_again(folder, pair, clients):
    kept = folder / "session.pem"
    with TlsServer(pair, ["--http.tls_client_ca", str(clients["ca"])]) as server:
        code, said = server.s_client("-ign_eof", "-sess_out", kept, "-cert", clients["signed"].certificate, "-key", clients["signed"].key, stdin="GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert "New, TLSv1.3" in said, said
        assert not kept.exists() or "Reused" not in server.s_client("-sess_in", kept)[1]


def test_the_configuration_says_what_is_missing(pair, clients, folder):
    for options, said in ((["--http.tls_client_ca", clients["ca"]], "http.tls_certificate"),
                          (["--http.tls_certificate", pair.certificate, "--http.tls_key", pair.key, "--http.tls_client_ca", "/no/such/file"], "/no/such/file"),
                          (["--http.tls_certificate", pair.certificate, "--http.tls_key", pair.key, "--http.tls_client_ca", pair.key], "Cannot use the certificates of clients"),
                          (["--http.tls_certificate", pair.certificate, "--http.tls_key", pair.key, "--http.tls_client_required", "true"], "http.tls_client_ca")):
        checked = penstock("config", "check", "--data-dir", folder / "none", "--listen", "127.0.0.1:0", *options)
        assert checked.returncode != 0 and said in checked.stderr, (options, checked.stderr)


# --- whom they stand for ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def server(pair, clients):
    with TlsServer(pair, ["--http.tls_client_ca", str(clients["ca"])]) as running:
        yield running


def fingerprint(client):
    return penstock("cert", "fingerprint", client.certificate).stdout.strip()


def bind(server, client, **members):
    """Gives the certificate rights; the answer."""
    wish = {"name": "attic", "deployment": "attic", "rights": ["ingest"], "certificate": fingerprint(client), **members}
    return server.request("POST", "/api/v1/tokens", body=json.dumps(wish), headers={"Content-Type": "application/json"})


def revoke(server, identifier):
    assert server.request("DELETE", f"/api/v1/tokens/{identifier}").status == 204


@pytest.fixture
def bound(server, clients):
    made = bind(server, clients["signed"])
    assert made.status == 201, made.body
    yield made.json()
    if server.request("GET", f"/api/v1/tokens/{made.json()['id']}").json()["state"] == "valid":
        revoke(server, made.json()["id"])


class Connection:
    """A connection that shows a client's certificate and is kept."""

    def __init__(self, server, client):
        self.connection = http.client.HTTPSConnection(HOST, server.port, timeout=30, context=server.context(client))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.connection.close()

    def ask(self, method, path, body=None, headers=None):
        self.connection.request(method, path, body=body, headers=headers or {})
        answer = self.connection.getresponse()
        text = answer.read()
        return answer.status, json.loads(text) if text.startswith(b"{") else text

    def log(self, message="by certificate", **headers):
        return self.ask("POST", "/api/v1/logs", body=json.dumps({"message": message, "source": "attic"}), headers={"Content-Type": "application/json", **headers})


def test_a_certificate_sends_without_a_token_and_nothing_else(server, clients, bound):
    assert bound["certificate"] == fingerprint(clients["signed"]) and "token" not in bound
    with Connection(server, clients["signed"]) as attic:
        status, said = attic.log("sent by certificate alone")
        assert status == 200 and said["accepted"] == 1, said
        assert attic.ask("GET", "/api/v1/logs")[0] == 403
        assert attic.ask("GET", "/api/v1/users")[0] == 403
        assert attic.ask("GET", "/api/v1/session")[1]["kind"] == "certificate"
        status, _ = attic.ask("POST", "/api/v1/logs", body=json.dumps({"message": "x", "deployment": "till"}), headers={"Content-Type": "application/json"})
        assert status in (403, 422), "another deployment"
    found = server.logs(deployment="attic", q="certificate alone", limit=10)
    assert len(found) == 1 and found[0]["deployment"] == "attic", "its deployment is the default"


def test_a_good_certificate_that_stands_for_nobody_is_told_so(server, clients):
    with Connection(server, clients["listed"]) as stranger:
        status, said = stranger.log()
        assert status == 401 and fingerprint(clients["listed"]).replace(":", "").lower() in said["error"]["message"], said
        assert stranger.ask("GET", "/health")[0] == 200, "what is open stays so"
        assert stranger.log(Authorization=f"Bearer {TOKEN}")[0] == 200


def test_a_token_or_session_beside_it_says_who_asks(server, clients, bound):
    with Connection(server, clients["signed"]) as attic:
        assert attic.ask("GET", "/api/v1/session", headers={"Authorization": f"Bearer {TOKEN}"})[1]["kind"] != "certificate"
        assert attic.log(Authorization="Bearer pst_mistyped")[0] == 401
        assert attic.log(Authorization="Nonsense")[0] == 401
        assert attic.log(Cookie="__Host-penstock=ended")[0] in (401, 403)
        assert attic.log(Cookie="theme=dark")[0] == 200


def test_a_page_of_another_site_cannot_use_it(server, clients, bound):
    with Connection(server, clients["signed"]) as attic:
        for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "https://evil.example"}, {"Origin": "null"}):
            assert attic.log(**headers)[0] == 403, headers
            assert attic.ask("GET", "/e?k=v", headers=headers)[0] == 403, headers
        assert attic.log(**{"Sec-Fetch-Site": "same-origin", "Origin": f"https://{HOST}:{server.port}"})[0] == 200


def test_revocation_counts_on_a_connection_that_is_open(server, clients, bound):
    with Connection(server, clients["signed"]) as attic:
        assert attic.log()[0] == 200
        revoke(server, bound["id"])
        assert attic.log()[0] == 401
        again = bind(server, clients["signed"], deployment="cellar")
        assert again.status == 201, again.body
        assert attic.log("now of the cellar")[0] == 200
        revoke(server, again.json()["id"])
    assert len(server.logs(deployment="cellar", q="cellar", limit=10)) == 1


def test_its_bytes_and_its_fingerprint_are_no_token(server, clients, bound):
    der = subprocess.run(["openssl", "x509", "-in", clients["signed"].certificate, "-outform", "DER"], capture_output=True, check=True).stdout
    for user in (b"", b"x:"):
        basic = base64.b64encode(user + der).decode()
        assert server.request("GET", "/api/v1/session", headers={"Authorization": f"Basic {basic}"}).status == 401
    for text in (bound["certificate"], bound["certificate"].replace(":", "").lower(), bound["id"]):
        assert server.request("GET", "/api/v1/session", headers={"Authorization": f"Bearer {text}"}).status == 401


def test_what_is_bound_is_refused_twice_and_what_is_none_is_named(server, clients, bound):
    twice = bind(server, clients["signed"], name="cellar")
    assert twice.status == 409 and twice.json()["error"]["field"] == "certificate" and bound["id"] in twice.json()["error"]["message"], twice.body
    wrong = bind(server, clients["signed"], certificate="12:34")
    assert wrong.status == 400 and "cert fingerprint" in wrong.json()["error"]["message"], wrong.body


def test_the_commands_bind_list_and_revoke_it_and_the_agents_need_no_token(folder, pair, clients):
    with TlsServer(pair, ["--http.tls_client_ca", str(clients["ca"])]) as server:
        made = penstock("token", "create", "attic", "--certificate", clients["signed"].certificate, "--right", "ingest", "--deployment", "attic", "--data-dir", server.data_dir)
        assert made.returncode == 0, made.stderr
        listed = penstock("token", "list", "--data-dir", server.data_dir)
        row = next(line for line in listed.stdout.splitlines() if line.startswith(made.stdout.strip()))
        assert "certificate" in row and "attic" in row, listed.stdout
        shown = ["--pin", pair.fingerprint, "--client-certificate", clients["signed"].certificate, "--client-key", clients["signed"].key]
        # The server takes what the command wrote within a second; until then a client asks it to look.
        sent = send(server, *shown, environment={"PENSTOCK_TOKEN": ""})
        assert sent.returncode == 0, sent.stderr
        agent = subprocess.Popen([PROGRAM, "agent", "--url", server.url, *map(str, shown), "--deployment", "attic", "--interval", "100ms", "--no-files", "--wait-ready", "--state-dir", folder / "agent"],
                                 env={**os.environ, "PENSTOCK_TOKEN": ""}, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        try:
            wait_until(lambda: server.get("/api/v1/metrics/latest", names="ram.used", n=1, deployment="attic").json()["metrics"].get("ram.used"), what="a sample of the agent")
        finally:
            agent.terminate()
            said = agent.communicate(timeout=20)[1]
        assert agent.returncode == 0, said
        revoked = penstock("token", "revoke", made.stdout.strip(), "--data-dir", server.data_dir)
        assert revoked.returncode == 0, revoked.stderr
        with Connection(server, clients["signed"]) as attic:
            wait_until(lambda: attic.log()[0] == 401, what="the end of the certificate's rights")
        nothing = penstock("token", "create", "x", "--certificate", clients["signed"].key, "--right", "ingest", "--data-dir", server.data_dir)
        assert nothing.returncode == 2 and "no certificate in" in nothing.stderr, nothing.stderr


def test_openssl_sends_by_certificate(server, clients, bound):
    body = json.dumps({"message": "typed into s_client", "source": "attic"})
    request = f"POST /api/v1/logs HTTP/1.1\r\nHost: {HOST}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n{body}"
    shown = ["-cert", clients["signed"].certificate, "-key", clients["signed"].key]
    _, said = server.s_client("-tls1_3", "-ign_eof", *shown, stdin=request)
    assert "HTTP/1.1 200" in said, said
    _, said = server.s_client("-tls1_3", "-ign_eof", stdin=request)
    assert "HTTP/1.1 401" in said, said
    # Signed by somebody whom the server does not know, though the same name stands in it.
    forged = Pair(clients["ca"].parent, "forged", "attic")
    _, said = server.s_client("-tls1_3", "-ign_eof", "-cert", forged.certificate, "-key", forged.key, stdin=request)
    assert "alert" in said and "HTTP/1.1 200" not in said, said
