"""TLS as strangers meet it: `openssl s_client`, Python's ssl, raw sockets; and `penstock cert` and pins."""

import os
import re
import signal
import ssl
import stat
import subprocess
import time

import pytest

from harness import PROGRAM, TOKEN, make_data_dir, wait_until
from tls_server import HOST, Pair, TlsServer, asks, make_clients, openssl, penstock, send

@pytest.fixture(scope="module")
def folder():
    return make_data_dir()


@pytest.fixture(scope="module")
def pair(folder):
    return Pair(folder, "server", HOST, "127.0.0.1", "logs.example")


@pytest.fixture(scope="module")
def clients(folder):
    return make_clients(folder)


@pytest.fixture(scope="module")
def server(pair):
    with TlsServer(pair) as running:
        yield running


@pytest.fixture(scope="module")
def lenient(pair):
    """Also speaks TLS 1.2."""
    with TlsServer(pair, ["--http.tls12", "true", "--http.hsts", "false"]) as running:
        yield running


# --- versions and ciphers ---------------------------------------------------------------------------------------------


def test_tls_13_is_spoken_with_sound_ciphers_and_no_compression(server):
    for suite in ("TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256", "TLS_AES_128_GCM_SHA256"):
        code, said = server.s_client("-tls1_3", "-ciphersuites", suite, "-verify_return_error", "-verify_hostname", HOST)
        assert code == 0 and re.search(rf"New, TLSv1.3, Cipher is {suite}", said), said
        assert "Compression: NONE" in said and "Expansion: NONE" in said, said
        assert "Verify return code: 0 (ok)" in said, said


def test_older_versions_are_refused(server):
    for version, ciphers in (("-tls1_2", "ALL"), ("-tls1_1", "ALL:@SECLEVEL=0"), ("-tls1", "ALL:@SECLEVEL=0")):
        code, said = server.s_client(version, "-cipher", ciphers)
        assert code != 0 and "protocol version" in said and "Cipher is (NONE)" in said, said


def test_unsound_suites_of_tls_13_are_refused(server):
    for suite in ("TLS_AES_128_CCM_SHA256", "TLS_AES_128_CCM_8_SHA256"):
        code, said = server.s_client("-tls1_3", "-ciphersuites", suite)
        assert code != 0 and "handshake failure" in said, said


def test_tls_12_by_option_speaks_forward_secret_aead_only(lenient):
    code, said = lenient.s_client("-tls1_2")
    assert code == 0 and re.search(r"New, TLSv1.2, Cipher is ECDHE-ECDSA-(AES(128|256)-GCM|CHACHA20)", said), said
    assert "Compression: NONE" in said, said
    for cipher in ("ECDHE-ECDSA-AES128-SHA", "ECDHE-ECDSA-AES128-SHA256", "AES128-GCM-SHA256", "NULL:@SECLEVEL=0"):
        code, said = lenient.s_client("-tls1_2", "-cipher", cipher)
        assert code != 0, said
    code, said = lenient.s_client("-tls1_1", "-cipher", "ALL:@SECLEVEL=0")
    assert code != 0 and "protocol version" in said, said


def test_nothing_is_renegotiated(lenient):
    # "R" alone on a line asks s_client for it.
    code, said = lenient.s_client("-tls1_2", stdin="R\n")
    assert "RENEGOTIATING" in said and "no renegotiation" in said, said
    assert code != 0


def test_http_11_is_agreed_on_and_any_name_is_served(server):
    code, said = server.s_client("-alpn", "h2,http/1.1", "-servername", "logs.example", "-verify_hostname", "logs.example", "-verify_return_error")
    assert code == 0 and "ALPN protocol: http/1.1" in said, said
    code, said = server.s_client("-servername", "unknown.example")
    assert code == 0 and "Verify return code: 0 (ok)" in said, said
    code, said = server.s_client("-noservername")
    assert code == 0, said
    code, said = server.s_client("-verify_hostname", "unknown.example", "-verify_return_error")
    assert code != 0 and "hostname mismatch" in said, said


# --- what is said over it ---------------------------------------------------------------------------------------------


def test_browsers_are_told_to_come_by_tls_unless_that_is_off(server, lenient):
    for path in ("/health", "/", "/nowhere"):
        assert server.request("GET", path).headers["strict-transport-security"] == "max-age=31536000; includeSubDomains"
        assert "strict-transport-security" not in lenient.request("GET", path).headers


@pytest.mark.parametrize("request_bytes", [
    b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"POST /api/v1/logs HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}", b"DELETE /x HTTP/1.1\r\nHost: x\r\n\r\n",
    b"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\n\r\n"])
def test_a_request_in_the_clear_is_told_to_use_https(server, request_bytes):
    answer = server.raw(request_bytes, read_until_close=True)
    assert answer.startswith(b"HTTP/1.1 400 "), answer
    assert b"use https://" in answer and b"Strict-Transport-Security" not in answer


def test_bytes_that_are_neither_end_the_connection(server):
    for data in (b"\x00" * 64, b"\x16\x03\x01\x00\x05hello", b"\x16\x03\x03\xff\xff" + b"\0" * 100, b"\x80\x2e\x01\x03\x00", b"\xff" * 2000, b"\x15\x03\x03\x00\x02\x02\x28"):
        assert not server.raw(data, read_until_close=True).startswith(b"HTTP/")
    assert server.request("GET", "/health").status == 200


# --- `penstock cert` --------------------------------------------------------------------------------------------------


def test_cert_makes_a_key_for_its_owner_and_tells_the_fingerprint_that_others_see(pair):
    assert stat.S_IMODE(pair.key.stat().st_mode) == 0o600
    assert stat.S_IMODE(pair.certificate.stat().st_mode) == 0o644
    assert pair.fingerprint == openssl("x509", "-in", pair.certificate, "-noout", "-fingerprint", "-sha256").stdout.strip().split("=")[1]
    assert penstock("cert", "fingerprint", pair.certificate).stdout.strip() == pair.fingerprint
    text = openssl("x509", "-in", pair.certificate, "-noout", "-text").stdout
    assert f"DNS:{HOST}, IP Address:127.0.0.1, DNS:logs.example" in text and "CA:FALSE" in text, text
    assert "--pin" in pair.said and str(pair.key) in pair.said


def test_cert_overwrites_nothing_and_takes_names_only(folder, pair):
    before = pair.key.read_bytes()
    again = penstock("cert", "create", HOST, "--cert", folder / "new.pem", "--key", pair.key)
    assert again.returncode != 0 and "is there already" in again.stderr and pair.key.read_bytes() == before
    assert not (folder / "new.pem").exists()
    for name in ("a,DNS:b", "https://x", "a b"):
        wrong = penstock("cert", "create", name, "--cert", folder / "w.pem", "--key", folder / "k.pem")
        assert wrong.returncode == 2 and "neither a host name nor an address" in wrong.stderr
    assert penstock("cert", "fingerprint", pair.key).returncode != 0


# --- whom `penstock send` and the agent trust -------------------------------------------------------------------------


def test_a_server_is_trusted_by_its_certificate_or_its_fingerprint(folder, server, pair):
    other = Pair(folder, "other", "other.example")
    refused = send(server)
    assert refused.returncode != 0 and "is not trusted" in refused.stderr and "--pin" in refused.stderr, refused.stderr
    for trust, environment in ((["--ca-file", pair.certificate], None), (["--pin", pair.fingerprint], None), (["--pin", other.fingerprint, "--pin", pair.fingerprint], None),
                               ([], {"PENSTOCK_PIN": f"{other.fingerprint},{pair.fingerprint}"}), ([], {"PENSTOCK_CA_FILE": str(pair.certificate)})):
        sent = send(server, *trust, environment=environment)
        assert sent.returncode == 0, (trust, sent.stderr)
    wrong = send(server, "--pin", other.fingerprint)
    assert wrong.returncode != 0 and pair.fingerprint in wrong.stderr, wrong.stderr
    garbled = send(server, "--pin", "12:34")
    assert garbled.returncode != 0 and "is no fingerprint" in garbled.stderr, garbled.stderr
    assert len(server.logs(source="tls-test", q="over", limit=100)) == 5


def test_the_log_tells_the_certificate_that_is_shown_and_the_metrics_when_it_ends(server, pair):
    assert pair.fingerprint in server.output()
    assert server.metric("penstock_http_tls_certificate_ends_seconds") > time.time() + 800 * 24 * 3600
    clear = penstock("send", "--url", f"http://{HOST}:{server.port}", "--pin", pair.fingerprint, "--text", stdin="x\n")
    assert clear.returncode == 2 and "over https:// only" in clear.stderr, clear.stderr


def test_an_agent_sends_to_a_server_that_it_knows_by_its_fingerprint(folder, server, pair):
    state = folder / "agent"
    agent = subprocess.Popen([PROGRAM, "agent", "--url", server.url, "--pin", pair.fingerprint, "--deployment", "pinned", "--interval", "100ms", "--no-files", "--wait-ready",
                              "--state-dir", state], env={**os.environ, "PENSTOCK_TOKEN": TOKEN}, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    try:
        wait_until(lambda: server.get("/api/v1/metrics/latest", names="ram.used", n=1, deployment="pinned").json()["metrics"].get("ram.used"), what="a sample of the agent")
    finally:
        agent.terminate()
        said = agent.communicate(timeout=20)[1]
    assert agent.returncode == 0, said


# --- change at run time -----------------------------------------------------------------------------------------------


def test_a_new_certificate_and_other_clients_count_from_sighup_on(folder, clients):
    old, new = Pair(folder, "old", HOST), Pair(folder, "new", HOST)
    served, ca = Pair(folder, "served", HOST), folder / "reloaded-clients.pem"
    ca.write_text(clients["listed"].certificate.read_text())
    served.certificate.write_bytes(old.certificate.read_bytes())
    served.key.write_bytes(old.key.read_bytes())
    with TlsServer(served, ["--http.tls_client_ca", str(ca)]) as server:
        def shown():
            pem = ssl.get_server_certificate((HOST, server.port))
            (folder / "shown.pem").write_text(pem)
            return penstock("cert", "fingerprint", folder / "shown.pem").stdout.strip()

        assert shown() == old.fingerprint and asks(server, clients["stranger"]) is None
        served.certificate.write_bytes(new.certificate.read_bytes())
        served.key.write_bytes(new.key.read_bytes())
        ca.write_text(clients["stranger"].certificate.read_text())
        server.process.send_signal(signal.SIGHUP)
        wait_until(lambda: shown() == new.fingerprint, what="the new certificate")
        assert asks(server, clients["stranger"]) == 200
        assert asks(server, clients["listed"]) is None
        # One that is of no use changes nothing.
        served.key.write_bytes(old.key.read_bytes())
        server.process.send_signal(signal.SIGHUP)
        wait_until(lambda: "does not belong to the certificate" in server.output(), what="a word about it")
        assert shown() == new.fingerprint
        server.drop_connection()
