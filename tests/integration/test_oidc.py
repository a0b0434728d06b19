"""Log-ins by way of OpenID providers, honest and malicious, and their tokens as bearer, on a real server."""

import base64
import contextlib
import http.client
import itertools
import json
import threading
import time
import urllib.parse

import pytest

from harness import Server, wait_until
from oidc_provider import Key, Provider, b64, hs256, raw_token, token

SESSION, LOGIN, TOLD = "__Host-penstock", "__Host-penstock-login", "__Host-penstock-told"
RULES = [{"value": "viewers", "role": "viewer", "deployment": "shop"}, {"value": "admins", "role": "administrator"}]
AUDIENCE = "https://api.penstock.test"
addresses = (f"192.0.2.{i % 250}" if i < 250 else f"198.51.{i // 250}.{i % 250}" for i in itertools.count(1))


@pytest.fixture(scope="module")
def server():
    with Server(options=["--oidc.allow_cidrs", "127.0.0.0/8", "--oidc.timeout", "2s"]) as running:
        running.send([{"deployment": "shop", "message": "of the shop"}, {"deployment": "till", "message": "of the till"}])
        yield running


@pytest.fixture(scope="module")
def provider(server):
    with Provider() as running:
        put(server, "main", running)
        yield running


def put(server, provider_id, provider, **more):
    answer = server.request("PUT", f"/api/v1/providers/{provider_id}", {"title": "Main", "issuer": provider.issuer, "client_id": provider.client_id,
                                                                        "client_secret": provider.secret, "audience": AUDIENCE, "rules": RULES, **more})
    assert answer.status == 200, answer
    return answer.json()


class Browser:
    """Keeps cookies, and comes from an address of its own: failures are counted by it."""

    def __init__(self, server, address=None):
        self.server, self.cookies, self.address = server, {}, address or next(addresses)

    def ask(self, path, method="GET", body=None, **headers):
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=30)
        sent = {"X-Forwarded-For": self.address, **headers}
        if self.cookies:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if method != "GET":
            sent.setdefault("Sec-Fetch-Site", "same-origin")
        connection.request(method, path, body=body, headers=sent)
        response = connection.getresponse()
        response.text = response.read().decode()
        for cookie in response.msg.get_all("Set-Cookie") or []:
            pair, *marks = cookie.split("; ")
            name, _, value = pair.partition("=")
            assert {"Path=/", "Secure"} <= set(marks), cookie
            assert "HttpOnly" in marks or name == TOLD, cookie
            self.cookies.pop(name, None)
            if value:
                self.cookies[name] = value
        connection.close()
        return response

    def begin(self, provider_id="main", return_to="/"):
        """Where the provider's page is; None: the server says no, see told()."""
        answer = self.ask(f"/api/v1/oidc/{provider_id}/login?" + urllib.parse.urlencode({"return_to": return_to}))
        assert answer.status == 302, answer.text
        location = answer.getheader("Location")
        return location if location != "/" else None

    def come_back(self, brought, provider_id="main"):
        answer = self.ask(f"/api/v1/oidc/{provider_id}/callback?" + urllib.parse.urlencode(brought))
        assert answer.status == 302, answer.text
        return answer.getheader("Location")

    def told(self):
        text = self.cookies.pop(TOLD, "")
        return json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))) if text else {}

    def log_in(self, provider, provider_id="main", return_to="/", id_token=None, **claims):
        location = self.begin(provider_id, return_to)
        assert location, self.told()
        return self.come_back(provider.consent(location, id_token, **claims), provider_id)

    def refused(self):
        """The sentence that the page shows; nobody is logged in."""
        told = self.told()
        assert "error" in told and SESSION not in self.cookies, told
        return told["error"]

    def who(self):
        answer = self.ask("/api/v1/session")
        return json.loads(answer.text) if answer.status == 200 else None


def users(server):
    return {user["name"]: user for user in server.get("/api/v1/users").json()["users"]}


def entries(server, **filters):
    return server.get("/api/v1/audit", **filters).json()["entries"]


# --- the honest way ---------------------------------------------------------------------------------------------------


def test_a_user_comes_by_a_provider_sees_what_the_groups_allow_and_leaves_by_it(server, provider):
    listed = json.loads(Browser(server).ask("/api/v1/oidc").text)
    assert {"id": "main", "title": "Main", "login": "/api/v1/oidc/main/login"} in listed["providers"]
    assert provider.issuer not in json.dumps(listed), "strangers see names"
    browser = Browser(server)
    location = browser.begin(return_to="/#/logs?q=a")
    asked = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(location).query))
    assert location.startswith(provider.issuer + "/authorize?") and asked["code_challenge_method"] == "S256" and asked["scope"] == "openid profile email"
    assert asked["redirect_uri"] == f"http://127.0.0.1:{server.port}/api/v1/oidc/main/callback"
    assert browser.come_back(provider.consent(location, sub="u-ann", name="Ann Other", sid="their-session")) == "/#/logs?q=a"
    assert browser.told() == {"signed_in": True}
    who = browser.who()
    assert (who["name"], who["kind"], who["provider"], who["administrator"]) == ("ann", "user", "main", False)
    records = json.loads(browser.ask("/api/v1/logs?from=now-1h&to=now%2B1h").text)["records"]
    assert [record["message"] for record in records] == ["of the shop"]
    assert browser.ask("/api/v1/users").status == 403
    stored = users(server)["ann"]
    assert (stored["issuer"], stored["subject"], stored["has_password"], stored["full_name"]) == (provider.issuer, "u-ann", False, "Ann Other")
    assert stored["roles"] == [{"role": "viewer", "deployment": "shop"}]
    assert [entry["action"] for entry in entries(server, object="user:ann")] == ["session.login", "user.create"]
    assert browser.ask("/api/v1/session/password", "POST", '{"old": "x", "new": "a long password"}').status == 403

    out = browser.ask("/api/v1/session", "DELETE")
    there = json.loads(out.text)["provider_log_out"]
    asked = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(there).query))
    assert out.status == 200 and there.startswith(provider.issuer + "/logout?")
    assert asked["client_id"] == "penstock" and asked["post_logout_redirect_uri"] == f"http://127.0.0.1:{server.port}/" and asked["id_token_hint"].count(".") == 2
    assert SESSION not in browser.cookies and browser.who() is None


def test_roles_follow_with_each_log_in_and_without_one_nobody_gets_in(server, provider):
    first = Browser(server)
    first.log_in(provider, sub="u-bea", preferred_username="bea")
    assert not first.who()["administrator"]
    Browser(server).log_in(provider, sub="u-bea", preferred_username="bea", groups=["admins", "viewers"])
    assert first.who()["administrator"], "sessions that are open follow"
    again = Browser(server)
    again.log_in(provider, sub="u-bea", preferred_username="bea", groups=["strangers"])
    assert "role" in again.refused()
    assert first.who() is None, "what was allowed before ended"
    assert users(server)["bea"]["roles"] == [] and users(server)["bea"]["sessions"] == 0
    new = Browser(server)
    new.log_in(provider, sub="u-nobody", preferred_username="nobody", groups=[])
    assert "role" in new.refused() and "nobody" not in users(server)
    newest = entries(server, action="session.login", outcome="refused")[0]
    assert (newest["actor"], newest["detail"]["name"], newest["address"]) == ("provider:main", "nobody", new.address)


@pytest.mark.parametrize("groups, gets_in", [("viewers", True), (["x", "viewers"], True), (["Viewers"], False), ("viewers admins", False), ([["viewers"]], False), ({"viewers": True}, False), (None, False)])
def test_groups_are_a_list_or_one_text_and_compared_exactly(server, provider, groups, gets_in):
    browser = Browser(server)
    browser.log_in(provider, sub="u-groups", preferred_username="groups", groups=groups)
    assert (browser.who() is not None) == gets_in


def test_what_the_token_leaves_out_is_asked_for_and_too_many_groups_are_told(server, provider):
    provider.userinfo = {"sub": "u-info", "groups": ["viewers"], "preferred_username": "from-userinfo"}
    browser = Browser(server)
    browser.log_in(provider, sub="u-info", groups=None, preferred_username=None)
    assert browser.who()["name"] == "from-userinfo"
    provider.userinfo = {"sub": "somebody-else", "groups": ["admins"]}
    swapped = Browser(server)
    swapped.log_in(provider, sub="u-info", groups=None)
    assert "userinfo" in swapped.refused(), "an answer about somebody else is no answer"
    assert browser.who(), "which takes nothing away"
    provider.userinfo = {"sub": "u-info"}
    many = Browser(server)
    many.log_in(provider, sub="u-info", groups=None, _claim_names={"groups": "src1"})
    assert "too many" in many.refused()


def test_nobody_takes_over_an_account_by_its_name(server, provider):
    assert server.request("POST", "/api/v1/users", {"name": "root@example.com", "password": "correct horse battery", "roles": ["administrator"]}).status == 201
    browser = Browser(server)
    browser.log_in(provider, sub="u-evil", preferred_username="Root@Example.com", email="root@example.com", email_verified=True)
    who = browser.who()
    assert who["name"] == "root@example.com+main" and not who["administrator"]
    other = Browser(server)
    other.log_in(provider, sub="u-evil-2", preferred_username="root@example.com")
    assert other.who()["name"] not in ("root@example.com", who["name"])
    odd = Browser(server)
    odd.log_in(provider, sub="u-odd", preferred_username="../<img src=x> \u202e你")
    assert odd.who()["name"].isascii() and "<" not in odd.who()["name"]
    assert users(server)["root@example.com"]["issuer"] is None


def test_who_is_disabled_here_stays_out(server, provider):
    browser = Browser(server)
    browser.log_in(provider, sub="u-cut", preferred_username="cut")
    bearer = access_token(provider, sub="u-cut")
    assert server.request("GET", "/api/v1/session", token=bearer).status == 200
    assert server.request("PATCH", "/api/v1/users/cut", {"disabled": True}).status == 200
    assert browser.who() is None
    again = Browser(server)
    again.log_in(provider, sub="u-cut", preferred_username="another-name")
    assert "disabled" in again.refused()
    assert server.request("GET", "/api/v1/session", token=bearer).status == 401
    assert server.request("PATCH", "/api/v1/users/cut", {"password": "correct horse battery"}).status == 409, "and has no password to come in with"


# --- a provider, or somebody who plays one, that lies ------------------------------------------------------------------

OTHER = Key("k1")


def without(name):
    return lambda p, c: token(p.keys[0], {k: v for k, v in c.items() if k != name})


def but(**more):
    return lambda p, c: token(p.keys[0], {**c, **more})


def at(**offsets):
    return lambda p, c: token(p.keys[0], {**c, **{name: int(time.time()) + seconds for name, seconds in offsets.items()}})


LIES = {
    "alg none": lambda p, c: raw_token({"alg": "none", "kid": "k1"}, c, b""),
    "alg None": lambda p, c: raw_token({"alg": "None"}, c, b""),
    "alg none with a signature": lambda p, c: raw_token({"alg": "none", "kid": "k1"}, c, p.keys[0].sign),
    "no alg": lambda p, c: raw_token({"kid": "k1"}, c, p.keys[0].sign),
    "HS256 with the public key": lambda p, c: hs256(p.keys[0].pem(), c, "k1"),
    "HS256 with the modulus": lambda p, c: hs256(p.keys[0].jwk()["n"].encode(), c, "k1"),
    "HS256 with the client secret": lambda p, c: hs256(p.secret.encode(), c, "k1"),
    "RS512 by name": lambda p, c: token(p.keys[0], c, alg="RS512"),
    "another key under the same kid": lambda p, c: token(OTHER, c),
    "jwk in the header": lambda p, c: token(OTHER, c, jwk=OTHER.jwk()),
    "jku": lambda p, c: token(OTHER, c, jku=p.issuer + "/evil-jwks"),
    "x5u": lambda p, c: token(OTHER, c, x5u=p.issuer + "/evil-x5u"),
    "kid that is a path": lambda p, c: token(p.keys[0], c, kid="../../../../dev/null"),
    "kid that is SQL": lambda p, c: token(p.keys[0], c, kid="k1' OR '1'='1"),
    "kid that is no text": lambda p, c: token(p.keys[0], c, kid=["k1"]),
    "crit": lambda p, c: token(p.keys[0], c, crit=["b64"], b64=False),
    "an access token": lambda p, c: token(p.keys[0], c, typ="at+jwt"),
    "a changed payload": lambda p, c: ".".join([token(p.keys[0], c).split(".")[0], b64(json.dumps({**c, "groups": ["admins"]}).encode()), token(p.keys[0], c).split(".")[2]]),
    "a claim twice": lambda p, c: token(p.keys[0], json.dumps(c)[:-1] + ', "sub": "u-other"}'),
    "a signature with bytes behind it": lambda p, c: token(p.keys[0], c) + "AAAA",
    "another issuer": but(iss="https://evil.example"),
    "an issuer with a slash": lambda p, c: token(p.keys[0], {**c, "iss": p.issuer + "/"}),
    "for another client": but(aud="other-client"),
    "for nobody": without("aud"),
    "for several, not saying for whom": but(aud=["penstock", "other"]),
    "for several, made for another": but(aud=["penstock", "other"], azp="other"),
    "made for another": but(azp="other"),
    "another nonce": but(nonce="A" * 43),
    "no nonce": without("nonce"),
    "expired": at(exp=-61, iat=-300),
    "without an end": without("exp"),
    "an end that is a text": but(exp="2999-01-01"),
    "not good yet": at(nbf=120),
    "of the future": at(iat=120),
    "without a subject": without("sub"),
    "a subject that is a number": but(sub=7),
    "no token": lambda p, c: "not.a.token",
    "an empty one": lambda p, c: "",
}


@pytest.mark.parametrize("lie", LIES)
def test_a_lie_in_the_id_token_lets_nobody_in(server, provider, lie):
    browser = Browser(server)
    browser.log_in(provider, sub="u-liar", preferred_username="liar", id_token=lambda claims: LIES[lie](provider, claims))
    assert browser.refused()
    assert "liar" not in users(server) and browser.who() is None
    assert provider.asked("/evil-jwks") + provider.asked("/evil-x5u") == 0


def test_the_same_token_without_a_lie_lets_in(server, provider):
    browser = Browser(server)
    browser.log_in(provider, sub="u-truth", preferred_username="truth",
                   id_token=lambda claims: token(provider.keys[0], {**claims, "aud": ["penstock", "other"], "azp": "penstock", "exp": int(time.time()) - 30}))
    assert browser.who()["name"] == "truth", browser.told()


def test_a_code_and_a_state_count_once_in_the_browser_that_began(server, provider):
    browser = Browser(server)
    brought = provider.consent(browser.begin(), sub="u-once", preferred_username="once")
    thief = Browser(server)
    thief.come_back(brought)
    assert "browser" in thief.refused()
    thief.begin()
    thief.come_back(brought)
    assert "browser" in thief.refused(), "nor with a cookie of its own"
    browser.come_back(brought)
    assert browser.who()["name"] == "once", "which is no reason to refuse its owner"
    browser.cookies.pop(SESSION)
    browser.come_back(brought)
    assert browser.refused(), "replay"
    fresh = Browser(server)
    location = fresh.begin()
    fresh.come_back({**brought, "state": provider.consent(location)["state"]})
    assert "invalid_grant" in fresh.refused(), "an old code with a new state"
    for nonsense in ({}, {"code": "x"}, {"state": ""}, {"state": "A" * 43, "code": "x"}, {"error": "access_denied"}):
        stray = Browser(server)
        stray.begin()
        stray.come_back(nonsense)
        assert stray.refused()


def test_two_pages_of_a_browser_do_not_end_each_others_log_in(server, provider):
    browser = Browser(server)
    first, second = browser.begin(), browser.begin()
    browser.come_back(provider.consent(first, sub="u-tabs", preferred_username="tabs"))
    assert browser.who(), browser.told()
    browser.come_back(provider.consent(second, sub="u-tabs", preferred_username="tabs"))
    assert browser.told() == {"signed_in": True}


def test_one_providers_answer_is_not_passed_off_as_anothers(server, provider):
    with Provider(client_id="penstock") as evil:
        put(server, "evil", evil, rules=[{"value": "*", "role": "viewer"}])
        browser = Browser(server)
        brought = provider.consent(browser.begin("main"), sub="u-mixed")
        browser.come_back(brought, "evil")
        assert "another provider" in browser.refused()
        assert evil.asked("/token") == 0, "the code of one is not sent to the other"
        browser.come_back({**provider.consent(browser.begin("main")), "iss": evil.issuer})
        assert "iss" in browser.refused()
        browser.log_in(evil, "evil", sub="u-ann", preferred_username="ann", groups=["admins"])
        who = browser.who()
        assert who["name"] != "ann" and not who["administrator"], "the same subject of another issuer is another person, with that provider's roles"
        browser.log_in(evil, "evil", id_token=lambda claims: token(evil.keys[0], {**claims, "iss": provider.issuer}))
        assert "issuer" in browser.told()["error"]
        assert server.request("DELETE", "/api/v1/providers/evil").status == 204
        assert browser.who() is None, "with a provider its sessions end"


@pytest.mark.parametrize("where", ["https://evil.example", "//evil.example/", "/\\evil.example", "javascript:alert(1)", "/\t/evil.example", "", "/%0d%0aSet-Cookie:%20a=b"])
def test_nobody_is_sent_to_another_host(server, provider, where):
    browser = Browser(server)
    location = browser.log_in(provider, return_to=where, sub="u-return", preferred_username="return")
    assert location.startswith("/") and not location.startswith(("//", "/\\")) and "\t" not in location, location


def test_guessing_is_slowed_down_by_the_address_and_strangers_write_no_audit(server, provider):
    before = len(entries(server, limit=1000))
    address = next(addresses)
    told = []
    for _ in range(32):
        browser = Browser(server, address)
        browser.come_back({"state": "A" * 43, "code": "x"})
        told.append(browser.refused())
    assert "too many" in told[-1] and "too many" not in told[0]
    assert len(entries(server, limit=1000)) == before
    other = Browser(server)
    other.log_in(provider, sub="u-other", preferred_username="other")
    assert other.who(), "others are not held up"


DESCRIPTIONS = {
    "another issuer": lambda p: json.dumps({**json.loads(p.describe()[2]), "issuer": "https://evil.example"}),
    "endpoints in the clear": lambda p: json.dumps({**json.loads(p.describe()[2]), "token_endpoint": "http://login.example/token"}),
    "no PKCE": lambda p: json.dumps({**json.loads(p.describe()[2]), "code_challenge_methods_supported": ["plain"]}),
    "no JSON": lambda p: "<html>",
    "too large": lambda p: '{"issuer": "' + "x" * (2 << 20) + '"}',
    "too deep": lambda p: '{"a":' * 5000 + "1" + "}" * 5000,
}


@pytest.mark.parametrize("lie", DESCRIPTIONS)
def test_a_provider_that_describes_itself_wrongly_is_told_so(server, lie):
    with Provider() as liar:
        put(server, "liar", liar)
        liar.pages["/.well-known/openid-configuration"] = (200, {}, DESCRIPTIONS[lie](liar))
        browser = Browser(server)
        assert browser.begin("liar") is None
        assert "provider" in browser.refused()
        told = server.request("POST", "/api/v1/providers/liar/test").json()
        assert told["good"] is False and told["problem"]
        assert "cannot be used now" in server.output()


def test_redirects_are_not_followed_and_inner_addresses_not_asked(server):
    with Provider() as liar, Provider() as inner:
        put(server, "liar", liar)
        liar.pages["/.well-known/openid-configuration"] = (302, {"Location": inner.issuer + "/.well-known/openid-configuration"}, "")
        browser = Browser(server)
        assert browser.begin("liar") is None and "elsewhere" in browser.refused()
        assert inner.seen == []
        put(server, "liar", inner)  # another issuer, so that nothing of before is kept
        inner.described = {"jwks_uri": "https://169.254.169.254/latest/meta-data", "token_endpoint": inner.issuer + "/token"}
        browser.log_in(inner, "liar")
        assert "169.254.169.254" in browser.refused()


def test_the_guard_holds_without_a_list_of_networks():
    with Server() as strict, Provider() as inner:
        put(strict, "main", inner)
        told = strict.request("POST", "/api/v1/providers/main/test").json()
        assert told["good"] is False and "loopback" in told["problem"]
        assert inner.seen == []


def test_a_slow_provider_holds_up_nobody_else(server, provider):
    with Provider() as slow:
        put(server, "slow", slow)
        gate = slow.hold("/.well-known/openid-configuration")
        stuck = [Browser(server) for _ in range(12)]
        threads = [threading.Thread(target=browser.begin, args=("slow",)) for browser in stuck]
        for thread in threads:
            thread.start()
        wait_until(lambda: slow.asked("/.well-known/openid-configuration") == 1, 10, "the question")
        began = time.monotonic()
        quick = Browser(server)
        quick.log_in(provider, sub="u-quick", preferred_username="quick")
        assert quick.who() and server.request("GET", "/api/v1/users").status == 200
        assert time.monotonic() - began < 1.9, "less than the slow one's deadline"
        for thread in threads:
            thread.join()
        assert slow.asked("/.well-known/openid-configuration") == 1, "one question for all"
        assert {("cannot be used now" in told) + 2 * ("answers slowly" in told) for told in [browser.refused() for browser in stuck]} == {1, 2}, "some waited, and left workers to others"
        gate.set()


def test_new_keys_and_a_provider_that_is_back_are_taken_up_within_half_a_minute(server):
    with Provider() as rotating, Provider() as away:
        put(server, "rotating", rotating)
        put(server, "away", away)
        away.pages["/.well-known/openid-configuration"] = (503, {}, "")
        assert Browser(server).begin("away") is None
        away.pages.clear()
        browser = Browser(server)
        browser.log_in(rotating, "rotating", sub="u-rot", preferred_username="rot")
        assert browser.who()
        began = time.monotonic()
        rotating.keys = [Key("k2", "ES256")]

        def works(provider, provider_id):
            fresh = Browser(server)
            location = fresh.begin(provider_id)
            if location:
                fresh.come_back(provider.consent(location, sub="u-rot", preferred_username="rot"), provider_id)
            return fresh.who() is not None

        wait_until(lambda: works(rotating, "rotating"), 40, "the new keys", every=1)
        wait_until(lambda: works(away, "away"), 40, "the provider to be back", every=1)
        assert rotating.asked("/jwks") == 2, "whatever came, it was asked once more"
        assert time.monotonic() - began < 45


# --- tokens of a provider as bearer -------------------------------------------------------------------------------------


def access_token(provider, key=None, typ="at+jwt", **claims):
    now = int(time.time())
    made = {"iss": provider.issuer, "sub": "svc-1", "aud": AUDIENCE, "exp": now + 300, "iat": now, "scope": "openid", "groups": ["viewers"], **claims}
    return token(key or provider.keys[0], {name: value for name, value in made.items() if value is not None}, typ=typ)


def test_an_access_token_opens_the_api_with_the_roles_of_its_groups(server, provider):
    bearer = access_token(provider)
    who = server.request("GET", "/api/v1/session", token=bearer).json()
    assert (who["kind"], who["provider"], who["administrator"]) == ("provider", "main", False)
    records = server.request("GET", "/api/v1/logs?from=now-1h&to=now%2B1h", token=bearer).json()["records"]
    assert {record["message"] for record in records} == {"of the shop"}
    assert server.request("GET", "/api/v1/logs?deployment=till", token=bearer).status == 403
    assert server.request("GET", "/api/v1/users", token=bearer).status == 403
    assert server.request("GET", "/api/v1/users", token=access_token(provider, groups=["admins"])).status == 200
    asked = len(provider.seen)
    for _ in range(20):
        assert server.request("GET", "/api/v1/session", token=bearer).status == 200
    assert len(provider.seen) == asked
    # The rules of now count, for a token that is known already too.
    put(server, "main", provider, client_secret=provider.secret, rules=[{"value": "viewers", "role": "viewer", "deployment": "till"}, RULES[1]])
    try:
        records = server.request("GET", "/api/v1/logs?from=now-1h&to=now%2B1h", token=bearer).json()["records"]
        assert {record["message"] for record in records} == {"of the till"}
    finally:
        put(server, "main", provider)


BAD_BEARERS = {
    "for another API": {"aud": "https://other.example"}, "for the client": {"aud": "penstock"}, "of another issuer": {"iss": "https://evil.example"}, "expired": {"exp": int(time.time()) - 3600},
    "an ID token": {"nonce": "n", "typ": "JWT"}, "with an at_hash": {"at_hash": "x", "typ": "JWT"}, "a log-out token": {"events": {}, "typ": "logout+jwt"}, "without a subject": {"sub": None},
}


@pytest.mark.parametrize("fault", BAD_BEARERS)
def test_a_token_that_is_not_for_this_api_opens_nothing(server, provider, fault):
    answer = server.request("GET", "/api/v1/session", token=access_token(provider, **BAD_BEARERS[fault]))
    assert answer.status == 401, answer


def test_a_forged_bearer_opens_nothing_and_one_without_a_role_has_no_right(server, provider):
    claims = json.loads(base64.urlsafe_b64decode(access_token(provider).split(".")[1] + "=="))
    for forged in (access_token(provider, OTHER), raw_token({"alg": "none", "typ": "at+jwt"}, claims, b""), hs256(provider.keys[0].pem(), claims, "k1"), "eyJ.eyJ.x", "eyJhbGciOiJSUzI1NiJ9..", "eyJ" + "A" * 9000 + ".."):
        assert server.request("GET", "/api/v1/session", token=forged).status == 401, forged[:60]
    assert server.request("GET", "/api/v1/session", token=access_token(provider, groups=["none"])).status == 403


def test_strangers_tokens_do_not_make_us_ask_the_provider(server, provider):
    asked = provider.asked("/jwks")
    for i in range(40):
        assert server.request("GET", "/api/v1/session", token=access_token(provider, Key(f"unknown-{i}", "ES256"))).status in (401, 503)
    assert provider.asked("/jwks") <= asked + 1
    assert server.request("GET", "/api/v1/session", token=access_token(provider)).status == 200


# --- administration -----------------------------------------------------------------------------------------------------


def test_a_secret_is_sealed_shown_to_nobody_and_bound_to_issuer_and_client(server, provider):
    with Provider(secret="hush-hush-client-secret") as other:
        shown = put(server, "other", other)
        assert shown["has_secret"] is True and "client_secret" not in shown
        listed = server.get("/api/v1/providers").text + server.get("/api/v1/providers/other").text + server.get("/api/v1/audit").text
        assert other.secret not in listed and other.secret not in server.output()
        server.request("POST", "/api/v1/providers/other/test")
        for path in server.data_dir.rglob("*"):
            if path.is_file():
                with contextlib.suppress(OSError):
                    assert other.secret.encode() not in path.read_bytes(), path
        kept = {"issuer": other.issuer, "client_id": other.client_id, "rules": RULES, "title": "Renamed"}
        assert server.request("PUT", "/api/v1/providers/other", kept).json()["has_secret"] is True
        Browser(server).log_in(other, "other", sub="u-sealed", preferred_username="sealed")
        assert "sealed" in users(server), "the secret is still good"
        with Provider() as thief:
            taken = server.request("PUT", "/api/v1/providers/other", {**kept, "issuer": thief.issuer})
            assert taken.status == 400 and taken.json()["error"]["field"] == "client_secret"
        assert server.request("DELETE", "/api/v1/providers/other").status == 204


@pytest.mark.parametrize("member, value", [("issuer", "http://login.example.com"), ("issuer", "login.example.com"), ("issuer", ""), ("client_id", ""), ("scope", "profile"), ("claim", ""),
                                           ("rules", [{"value": "x", "role": "no-such-role"}]), ("rules", "x"), ("rules", [{"role": "viewer"}]), ("redirect_uri", "https://logs.example.com/elsewhere"),
                                           ("enabled", "yes"), ("typo", 1)])
def test_what_makes_no_sense_is_refused_by_name(server, member, value):
    wish = {"issuer": "https://login.example.com", "client_id": "penstock", member: value}
    answer = server.request("PUT", "/api/v1/providers/wrong", wish)
    assert answer.status == 400 and answer.json()["error"]["field"].startswith(member), answer
    assert server.request("GET", "/api/v1/providers/wrong").status == 404
    assert server.request("PUT", "/api/v1/providers/No%20Id", {"issuer": "https://login.example.com", "client_id": "x"}).status == 400


def test_a_role_that_a_provider_gives_stays_and_a_provider_that_is_off_lets_nobody_in(server):
    with Provider() as some:
        assert server.request("PUT", "/api/v1/roles/of-some", {"grants": [{"deployment": "shop", "rights": ["logs:read"]}]}).status == 200
        put(server, "some", some, rules=[{"value": "*", "role": "of-some"}])
        assert server.request("DELETE", "/api/v1/roles/of-some").status == 409
        browser = Browser(server)
        browser.log_in(some, "some", sub="u-some", preferred_username="some", groups=None, _claim_names=None)
        bearer = access_token(some)
        assert browser.who() and server.request("GET", "/api/v1/session", token=bearer).status == 200
        put(server, "some", some, enabled=False, rules=[])
        assert browser.who() is None and server.request("GET", "/api/v1/session", token=bearer).status == 401
        stranger = Browser(server)
        assert stranger.begin("some") is None and "switched off" in stranger.refused()
        assert server.request("DELETE", "/api/v1/roles/of-some").status == 409, "a user holds it still"


def test_a_provider_ends_sessions_from_its_side(server, provider):
    first, second = Browser(server), Browser(server)
    first.log_in(provider, sub="u-back", preferred_username="back", sid="s-1")
    second.log_in(provider, sub="u-back", preferred_username="back", sid="s-2")

    def log_out(key=None, **claims):
        made = {"iss": provider.issuer, "aud": "penstock", "iat": int(time.time()), "exp": int(time.time()) + 60, "jti": "j", "events": {"http://schemas.openid.net/event/backchannel-logout": {}}, **claims}
        body = urllib.parse.urlencode({"logout_token": token(key or provider.keys[0], {k: v for k, v in made.items() if v is not None}, typ="logout+jwt")})
        return server.request("POST", "/api/v1/oidc/main/logout", body, headers={"Content-Type": "application/x-www-form-urlencoded"}, token=None).status

    for lie in ({"aud": "other"}, {"iss": "https://evil.example"}, {"events": {}}, {"nonce": "n"}, {"exp": 1}, {"key": OTHER}, {}):
        assert log_out(**({"sid": "s-1"} if lie else {}), **lie) == 400, lie
    assert first.who() and second.who()
    assert log_out(sid="s-1") == 200
    assert first.who() is None and second.who()
    assert log_out(sub="u-back") == 200
    assert second.who() is None


def test_a_provider_of_the_configuration_needs_no_page(tmp_path):
    with Provider() as provider:
        secret = tmp_path / "secret"
        secret.write_text(provider.secret + "\n")
        options = ["--oidc.allow_cidrs", "127.0.0.1", "--oidc.issuer", provider.issuer, "--oidc.client_id", provider.client_id, "--oidc.client_secret_file", str(secret), "--oidc.roles", "sre=administrator, *=viewer:shop",
                   "--oidc.title", "Company", "--oidc.public_url", "https://logs.example.com"]
        with Server(options=options) as server:
            browser = Browser(server)
            assert json.loads(browser.ask("/api/v1/oidc").text)["providers"] == [{"id": "sso", "title": "Company", "login": "/api/v1/oidc/sso/login"}]
            assert urllib.parse.quote("https://logs.example.com/api/v1/oidc/sso/callback", safe="") in browser.begin("sso")
            browser.log_in(provider, "sso", sub="u-sre", groups=["sre"])
            assert browser.who()["administrator"]
            assert server.get("/api/v1/providers").json()["providers"][0]["configured"] is True
            assert server.request("PUT", "/api/v1/providers/sso", {"issuer": provider.issuer, "client_id": "x"}).status == 409
            assert server.request("DELETE", "/api/v1/providers/sso").status == 409
            # With the server the memory of log-ins and providers goes; sessions stay.
            server.stop()
            server.start()
            assert browser.who()["name"] == "ann"
