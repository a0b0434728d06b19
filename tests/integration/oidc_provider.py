"""An OpenID provider for tests, which is honest until a test says otherwise."""

import base64
import contextlib
import hashlib
import hmac
import http.server
import json
import secrets
import threading
import time
import urllib.parse

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa, utils


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def number(value, size=None):
    return b64(value.to_bytes(size or (value.bit_length() + 7) // 8, "big"))


class Key:
    """A signing key of a provider, or of somebody who would like to be one."""

    def __init__(self, kid, kind="RS256"):
        self.kid, self.kind = kid, kind
        self.private = {"RS256": lambda: rsa.generate_private_key(65537, 2048), "ES256": lambda: ec.generate_private_key(ec.SECP256R1()),
                        "EdDSA": ed25519.Ed25519PrivateKey.generate}[kind]()

    def jwk(self):
        public = self.private.public_key()
        made = {"kid": self.kid, "use": "sig", "alg": self.kind}
        if self.kind == "RS256":
            return {**made, "kty": "RSA", "n": number(public.public_numbers().n), "e": number(public.public_numbers().e)}
        if self.kind == "ES256":
            return {**made, "kty": "EC", "crv": "P-256", "x": number(public.public_numbers().x, 32), "y": number(public.public_numbers().y, 32)}
        raw = public.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
        return {**made, "kty": "OKP", "crv": "Ed25519", "x": b64(raw)}

    def pem(self):
        return self.private.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)

    def sign(self, data):
        if self.kind == "RS256":
            return self.private.sign(data, padding.PKCS1v15(), hashes.SHA256())
        if self.kind == "ES256":
            r, s = utils.decode_dss_signature(self.private.sign(data, ec.ECDSA(hashes.SHA256())))
            return r.to_bytes(32, "big") + s.to_bytes(32, "big")
        return self.private.sign(data)


def raw_token(header, payload, signature):
    """`payload`: an object, or JSON as it is. `signature`: bytes, or what makes them of the signed text."""
    text = payload if isinstance(payload, str) else json.dumps(payload)
    signed = b64(json.dumps(header).encode()) + "." + b64(text.encode())
    return signed + "." + b64(signature(signed.encode()) if callable(signature) else signature)


def token(key, payload, **header):
    return raw_token({"alg": key.kind, "kid": key.kid, "typ": "JWT", **header}, payload, key.sign)


def hs256(secret, payload, kid):
    return raw_token({"alg": "HS256", "kid": kid, "typ": "JWT"}, payload, lambda signed: hmac.new(secret, signed, hashlib.sha256).digest())


class Provider:
    """Serves on loopback. `pages`: path → (status, headers, body) or a function of the request that gives one, in place of the honest answer."""

    def __init__(self, client_id="penstock", secret="s3cret:with/colon"):
        self.client_id, self.secret = client_id, secret
        self.keys = [Key("k1")]
        self.pages, self.codes, self.seen, self.described, self.userinfo = {}, {}, [], {}, {}
        self.gates = []
        provider = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def respond(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
                path = urllib.parse.urlsplit(self.path).path
                provider.seen.append((self.command, path, dict(self.headers), body))
                page = provider.pages.get(path) or provider.honest.get(path)
                status, headers, text = (page(self, body) if callable(page) else page) if page else (404, {}, "")
                data = text if isinstance(text, bytes) else text.encode()
                with contextlib.suppress(OSError):
                    self.send_response(status)
                    for name, value in {"Content-Type": "application/json", "Content-Length": str(len(data)), **headers}.items():
                        self.send_header(name, value)
                    self.end_headers()
                    self.wfile.write(data)

            do_GET = do_POST = respond

        self.honest = {"/.well-known/openid-configuration": self.describe, "/jwks": self.give_keys, "/token": self.give_token, "/userinfo": self.give_userinfo}
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.issuer = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self.thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for gate in self.gates:
            gate.set()
        self.server.shutdown()
        self.server.server_close()

    def asked(self, path):
        return sum(1 for _, seen, _, _ in self.seen if seen == path)

    def hold(self, path):
        """Whoever asks for it waits until the gate that this gives is set."""
        gate = threading.Event()
        self.gates.append(gate)

        def page(request, body):
            gate.wait(60)
            return self.honest[path](request, body)

        self.pages[path] = page
        return gate

    # --- what an honest provider says ---------------------------------------------------------------------------------

    def describe(self, *_):
        return 200, {}, json.dumps({"issuer": self.issuer, "authorization_endpoint": self.issuer + "/authorize", "token_endpoint": self.issuer + "/token",
                                    "jwks_uri": self.issuer + "/jwks", "userinfo_endpoint": self.issuer + "/userinfo", "end_session_endpoint": self.issuer + "/logout",
                                    "response_types_supported": ["code"], "code_challenge_methods_supported": ["S256"],
                                    "id_token_signing_alg_values_supported": ["RS256", "ES256", "EdDSA"], **self.described})

    def give_keys(self, *_):
        return 200, {}, json.dumps({"keys": [key.jwk() for key in self.keys]})

    def give_token(self, request, body):
        form = dict(urllib.parse.parse_qsl(body))
        basic = base64.b64encode(f"{urllib.parse.quote(self.client_id, safe='')}:{urllib.parse.quote(self.secret, safe='')}".encode()).decode()
        if request.headers.get("Authorization") != f"Basic {basic}":
            return 401, {}, json.dumps({"error": "invalid_client"})
        known = self.codes.pop(form.get("code"), None)
        challenge = b64(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        if known is None or form.get("grant_type") != "authorization_code" or known["challenge"] != challenge or known["redirect_uri"] != form.get("redirect_uri"):
            return 400, {}, json.dumps({"error": "invalid_grant", "error_description": "This code is of no use."})
        return 200, {}, json.dumps({"id_token": known["id_token"], "access_token": "opaque", "token_type": "Bearer"})

    def give_userinfo(self, request, _):
        return 200, {}, json.dumps(self.userinfo)

    # --- what happens between browser and provider --------------------------------------------------------------------

    def claims(self, nonce, **more):
        now = int(time.time())
        made = {"iss": self.issuer, "sub": "u-1", "aud": self.client_id, "exp": now + 300, "iat": now, "nonce": nonce, "preferred_username": "ann", "groups": ["viewers"], **more}
        return {name: value for name, value in made.items() if value is not None}

    def consent(self, location, id_token=None, **claims):
        """The browser came to /authorize with these parameters; gives what it takes back. `id_token`: made of the claims by the test."""
        asked = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(location).query))
        payload = self.claims(asked["nonce"], **claims)
        code = secrets.token_urlsafe(16)
        self.codes[code] = {"challenge": asked["code_challenge"], "redirect_uri": asked["redirect_uri"],
                            "id_token": id_token(payload) if id_token else token(self.keys[0], payload)}
        return {"code": code, "state": asked["state"]}
