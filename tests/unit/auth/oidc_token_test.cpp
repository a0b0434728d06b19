// A provider's tokens, and those of somebody who would like to be taken for it.
#include "auth/oidc_token.hpp"

#include <gtest/gtest.h>

#include "oidc_signer.hpp"
#include "support/fake_clock.hpp"

namespace penstock::auth::test {
namespace {

constexpr std::int64_t kNow = penstock::test::FakeClock::kStart.ns / kSecond;
const std::string kIssuer = "https://login.example/realms/shop";

const Signer& rsa() {
  static const Signer signer(Signer::Kind::rsa, "rsa-1");
  return signer;
}
const Signer& p256() {
  static const Signer signer(Signer::Kind::p256, "ec-1");
  return signer;
}
const Signer& ed25519() {
  static const Signer signer(Signer::Kind::ed25519, "ed-1");
  return signer;
}

OidcKeySet keys_of(const json& keys) {
  auto set = OidcKeySet::parse(json{{"keys", keys}}.dump());
  EXPECT_TRUE(set);
  return set ? *set : OidcKeySet();
}

OidcKeySet all_keys() { return keys_of({rsa().jwk(), p256().jwk(), ed25519().jwk()}); }

json good_payload() {
  return {{"iss", kIssuer}, {"sub", "7f3a"}, {"aud", "penstock"}, {"exp", kNow + 300}, {"iat", kNow}, {"nonce", "n-1"}};
}

OidcExpectation login() { return {OidcExpectation::Kind::id_token, kIssuer, "penstock", "n-1"}; }
OidcExpectation bearer() { return {OidcExpectation::Kind::access_token, kIssuer, "penstock-api", ""}; }

// "" when it is taken, else why not.
std::string judged(const std::string& token, const OidcExpectation& expected = login(), const OidcKeySet& keys = all_keys(), std::int64_t now = kNow) {
  const auto claims = verify_oidc_token(token, keys, expected, {now * kSecond});
  if (claims) return "";
  EXPECT_EQ(claims.error().code, ErrorCode::unauthorized);
  return claims.error().message;
}

bool mentions(const std::string& text, const std::string& word) { return text.find(word) != std::string::npos; }

TEST(OidcToken, EveryAlgorithmThatIsTakenIsVerified) {
  for (const Signer* signer : {&rsa(), &p256(), &ed25519()}) {
    EXPECT_EQ(judged(signer->token(good_payload())), "") << signer->algorithm();
    // One bit of text or signature changes it all.
    std::string token = signer->token(good_payload());
    json other = good_payload();
    other["sub"] = "root";
    const std::string forged = to_base64url(json{{"alg", signer->algorithm()}, {"kid", signer->jwk()["kid"]}}.dump()) + "." + to_base64url(other.dump()) + token.substr(token.rfind('.'));
    EXPECT_TRUE(mentions(judged(forged), "signature")) << signer->algorithm();
  }
}

TEST(OidcToken, TellsWhoItIsAbout) {
  json payload = good_payload();
  payload["email"] = "ann@shop.example";
  payload["sid"] = "s-1";
  auto claims = verify_oidc_token(rsa().token(payload), all_keys(), login(), {kNow * kSecond});
  ASSERT_TRUE(claims);
  EXPECT_EQ(claims->subject, "7f3a");
  EXPECT_EQ(claims->email, "") << "nobody said that it is hers";
  EXPECT_EQ(claims->name, "7f3a");
  EXPECT_EQ(claims->session_id, "s-1");
  EXPECT_EQ(claims->expires_at, kNow + 300);
  payload["email_verified"] = true;
  EXPECT_EQ(verify_oidc_token(rsa().token(payload), all_keys(), login(), {kNow * kSecond})->email, "ann@shop.example");
  payload["email_verified"] = "true";
  EXPECT_EQ(verify_oidc_token(rsa().token(payload), all_keys(), login(), {kNow * kSecond})->email, "");
}

TEST(OidcToken, NoAlgorithmOfTheHeaderIsBelieved) {
  const json payload = good_payload();
  const auto unsigned_token = [&](const json& header) { return to_base64url(header.dump()) + "." + to_base64url(payload.dump()) + "."; };
  for (const char* none : {"none", "None", "NONE", "nOnE", ""}) {
    EXPECT_NE(judged(unsigned_token({{"alg", none}, {"kid", "rsa-1"}})), "") << none;
    EXPECT_NE(judged(unsigned_token({{"alg", none}})), "") << none;
    EXPECT_NE(judged(rsa().token(payload, {{"alg", none}, {"kid", "rsa-1"}})), "") << none;
  }
  EXPECT_NE(judged(unsigned_token({{"kid", "rsa-1"}})), "");
  EXPECT_NE(judged(unsigned_token({{"alg", "RS256"}, {"kid", "rsa-1"}})), "");
  // The public key taken for a shared secret, as text and as bytes.
  for (const std::string& secret : {rsa().jwk().dump(), rsa().jwk()["n"].get<std::string>(), *from_base64url(rsa().jwk()["n"].get<std::string>()), std::string()}) {
    EXPECT_NE(judged(hmac_token(payload, {{"alg", "HS256"}, {"kid", "rsa-1"}}, secret)), "");
    EXPECT_NE(judged(hmac_token(payload, {{"alg", "RS256"}, {"kid", "rsa-1"}}, secret)), "");
  }
  // A key of one kind under the name of another's algorithm.
  EXPECT_NE(judged(p256().token(payload, {{"alg", "RS256"}, {"kid", "ec-1"}})), "");
  EXPECT_NE(judged(p256().token(payload, {{"alg", "ES256"}, {"kid", "rsa-1"}})), "");
  for (const char* other : {"RS384", "RS512", "PS256", "ES384", "ES512", "ES256K", "HS256", "rs256", "EDDSA"}) {
    EXPECT_NE(judged(rsa().token(payload, {{"alg", other}, {"kid", "rsa-1"}})), "") << other;
  }
  for (const json& odd : {json(nullptr), json(1), json(json::array({"RS256"})), json(json::object())}) EXPECT_NE(judged(rsa().token(payload, {{"alg", odd}, {"kid", "rsa-1"}})), "");
}

TEST(OidcToken, NoKeyThatTheTokenBringsIsUsed) {
  const Signer stranger(Signer::Kind::p256, "ec-1");
  EXPECT_TRUE(mentions(judged(stranger.token(good_payload())), "signature"));
  const json headers[] = {
      {{"alg", "ES256"}, {"jwk", stranger.jwk()}},
      {{"alg", "ES256"}, {"kid", "ec-1"}, {"jwk", stranger.jwk()}},
      {{"alg", "ES256"}, {"kid", "other"}, {"jwk", stranger.jwk()}},
      {{"alg", "ES256"}, {"kid", "ec-1"}, {"jku", "https://evil.example/keys"}},
      {{"alg", "ES256"}, {"kid", "ec-1"}, {"x5u", "https://evil.example/cert"}, {"x5c", {"MIIB"}}},
  };
  for (const json& header : headers) EXPECT_NE(judged(stranger.token(good_payload(), header)), "") << header;
}

TEST(OidcToken, AKidIsANameAndNothingElse) {
  for (const char* kid : {"", "EC-1", "ec-1 ", "ec-1\u0000", "../ec-1", "/dev/null", "' OR 1=1 --", "https://evil.example/key", "rsa-1"}) {
    EXPECT_NE(judged(p256().token(good_payload(), {{"alg", "ES256"}, {"kid", std::string(kid, kid == std::string("ec-1\u0000") ? 5 : std::string(kid).size())}})), "") << kid;
  }
  for (const json& kid : {json(1), json(nullptr), json(json::array({"ec-1"})), json(std::string(300, 'k'))}) {
    EXPECT_NE(judged(p256().token(good_payload(), {{"alg", "ES256"}, {"kid", kid}})), "") << kid;
  }
  // Without one it must be plain which key is meant.
  EXPECT_EQ(judged(p256().token(good_payload(), {{"alg", "ES256"}})), "");
  const Signer second(Signer::Kind::p256, "ec-2");
  EXPECT_NE(judged(p256().token(good_payload(), {{"alg", "ES256"}}), login(), keys_of({p256().jwk(), second.jwk()})), "");
  // Two keys of one name are of no use to a token of that name.
  json twin = second.jwk();
  twin["kid"] = "ec-1";
  EXPECT_NE(judged(p256().token(good_payload()), login(), keys_of({p256().jwk(), twin})), "");
}

TEST(OidcToken, IsForUsAndOfThisIssuer) {
  const std::pair<const char*, json> wrong[] = {
      {"iss", kIssuer + "/"}, {"iss", "https://login.example/realms/SHOP"}, {"iss", "http://login.example/realms/shop"}, {"iss", nullptr}, {"iss", json::array({kIssuer})},
      {"aud", "other"}, {"aud", "PENSTOCK"}, {"aud", json::array()}, {"aud", json::array({"other"})}, {"aud", json::array({"penstock", "other"})}, {"aud", json::array({"penstock", 7})},
      {"aud", nullptr}, {"aud", 1}, {"aud", {{"penstock", true}}}, {"azp", "other"}, {"azp", nullptr}, {"azp", json::array({"penstock"})},
      {"sub", ""}, {"sub", nullptr}, {"sub", 5}, {"sub", std::string(256, 's')},
  };
  for (const auto& [name, value] : wrong) {
    json payload = good_payload();
    payload[name] = value;
    EXPECT_NE(judged(rsa().token(payload)), "") << name << " = " << value;
  }
  for (const char* missing : {"iss", "sub", "aud", "exp", "iat", "nonce"}) {
    json payload = good_payload();
    payload.erase(missing);
    EXPECT_NE(judged(rsa().token(payload)), "") << missing;
  }
  json several = good_payload();
  several["aud"] = {"other", "penstock"};
  several["azp"] = "penstock";
  EXPECT_EQ(judged(rsa().token(several)), "");
  several["azp"] = "other";
  EXPECT_TRUE(mentions(judged(rsa().token(several)), "azp"));
  OidcExpectation nobody = login();
  nobody.audience = "";
  json empty = good_payload();
  empty["aud"] = "";
  EXPECT_NE(judged(rsa().token(empty), nobody), "");
  // Of two providers, the keys of one count for it alone.
  json other = good_payload();
  other["iss"] = "https://other.example";
  EXPECT_TRUE(mentions(judged(rsa().token(other)), "iss"));
}

TEST(OidcToken, IsGoodWithinItsTimesGiveOrTakeAMinute) {
  const auto at = [](const char* name, const json& value) {
    json payload = good_payload();
    payload[name] = value;
    return judged(rsa().token(payload));
  };
  EXPECT_EQ(at("exp", kNow - 59), "");
  EXPECT_NE(at("exp", kNow - 60), "");
  EXPECT_EQ(at("exp", kNow - 59.5), "");
  EXPECT_EQ(at("nbf", kNow + 60), "");
  EXPECT_NE(at("nbf", kNow + 61), "");
  EXPECT_EQ(at("iat", kNow + 60), "");
  EXPECT_NE(at("iat", kNow + 61), "");
  for (const char* name : {"exp", "nbf", "iat"}) {
    for (const json& odd : {json("2000000000"), json(nullptr), json(-1), json(1e300), json(true), json(json::array({kNow}))}) EXPECT_NE(at(name, odd), "") << name << " = " << odd;
  }
}

TEST(OidcToken, OfAnotherLogInIsReplayed) {
  OidcExpectation other = login();
  other.nonce = "n-2";
  EXPECT_TRUE(mentions(judged(rsa().token(good_payload()), other), "nonce"));
  other.nonce = "";
  EXPECT_NE(judged(rsa().token(good_payload()), other), "");
  json bare = good_payload();
  bare["nonce"] = "";
  EXPECT_NE(judged(rsa().token(bare), other), "");
  bare["nonce"] = json::array({"n-1"});
  EXPECT_NE(judged(rsa().token(bare)), "");
}

TEST(OidcToken, OneKindDoesNotPassForAnother) {
  json access = {{"iss", kIssuer}, {"sub", "7f3a"}, {"aud", {"penstock-api", "account"}}, {"exp", kNow + 300}, {"azp", "some-client"}};
  EXPECT_EQ(judged(rsa().token(access), bearer()), "");
  EXPECT_EQ(judged(rsa().token(access, {{"alg", "RS256"}, {"kid", "rsa-1"}, {"typ", "at+jwt"}}), bearer()), "");
  EXPECT_EQ(judged(rsa().token(access, {{"alg", "RS256"}, {"kid", "rsa-1"}, {"typ", "application/at+JWT"}}), bearer()), "");
  EXPECT_NE(judged(rsa().token(good_payload(), {{"alg", "RS256"}, {"kid", "rsa-1"}, {"typ", "at+jwt"}})), "");
  for (const char* typ : {"logout+jwt", "dpop+jwt", "secevent+jwt", "JOSE"}) {
    EXPECT_NE(judged(rsa().token(access, {{"alg", "RS256"}, {"kid", "rsa-1"}, {"typ", typ}}), bearer()), "") << typ;
  }
  OidcExpectation same_audience = bearer();
  same_audience.audience = "penstock";
  EXPECT_TRUE(mentions(judged(rsa().token(good_payload()), same_audience), "ID token"));
  access["events"] = {{"http://schemas.openid.net/event/backchannel-logout", json::object()}};
  EXPECT_NE(judged(rsa().token(access), bearer()), "");
}

TEST(OidcToken, WhatIsNoTokenIsRefused) {
  const std::string good = rsa().token(good_payload());
  const std::size_t dot = good.rfind('.');
  for (const std::string& text : {std::string(), std::string("."), std::string(".."), std::string("a.b"), good + ".", good + ".x", "." + good, good.substr(0, dot), good.substr(0, dot + 1),
                                  good + "=", good + "\n", " " + good, good.substr(0, dot) + "." + good, std::string(20'000, 'a') + good, good.substr(0, dot + 1) + "+/" + good.substr(dot + 1)}) {
    EXPECT_NE(judged(text), "");
  }
  const auto signed_text = [](const std::string& header, const std::string& payload) {
    const std::string text = to_base64url(header) + "." + to_base64url(payload);
    return text + "." + to_base64url(rsa().signature(text));
  };
  const std::string header = R"({"alg":"RS256","kid":"rsa-1"})", payload = good_payload().dump();
  EXPECT_EQ(judged(signed_text(header, payload)), "");
  EXPECT_NE(judged(signed_text(R"({"alg":"none","alg":"RS256","kid":"rsa-1"})", payload)), "") << "a name twice";
  EXPECT_NE(judged(signed_text(header, payload.substr(0, payload.size() - 1) + R"(,"sub":"root"})")), "") << "a name twice";
  EXPECT_NE(judged(signed_text(R"({"alg":"RS256","kid":"rsa-1","crit":["exp"]})", payload)), "");
  EXPECT_NE(judged(signed_text(R"({"alg":"RS256","kid":"rsa-1","b64":false,"crit":["b64"]})", payload)), "");
  EXPECT_NE(judged(signed_text(R"({"alg":"RS256","kid":"rsa-1","enc":"A256GCM"})", payload)), "");
  EXPECT_NE(judged(signed_text(header, "[" + payload + "]")), "");
  EXPECT_NE(judged(signed_text(header, payload + "x")), "");
  EXPECT_NE(judged(signed_text(header, std::string(100, '{'))), "");
  EXPECT_NE(judged(signed_text(header, payload.substr(0, payload.size() - 1) + ",\"x\":" + std::string(1000, '[') + std::string(1000, ']') + "}")), "");
  EXPECT_NE(judged(signed_text(header, payload.substr(0, payload.size() - 1) + ",\"x\":\"\xff\"}")), "");
}

TEST(OidcToken, ASignatureHasOneForm) {
  // DER in place of the two numbers, numbers of zero, and the right ones with more behind them.
  const std::string token = p256().token(good_payload());
  const std::string text = token.substr(0, token.rfind('.')), signature = *from_base64url(token.substr(token.rfind('.') + 1));
  EXPECT_EQ(judged(text + "." + to_base64url(signature)), "");
  for (const std::string& other : {std::string(64, '\0'), signature + std::string(1, '\0'), signature.substr(1), signature.substr(0, 32) + std::string(32, '\0'), std::string("0"), std::string(64, '\xff')}) {
    EXPECT_NE(judged(text + "." + to_base64url(other)), "");
  }
  const std::string rsa_token = rsa().token(good_payload());
  EXPECT_NE(judged(rsa_token.substr(0, rsa_token.rfind('.')) + "." + to_base64url(std::string(256, '\0'))), "");
}

TEST(OidcKeySet, LeavesOutWhatIsOfNoUse) {
  const auto left_out = [](json jwk) { return keys_of(json::array({std::move(jwk)})).size() == 0; };
  const auto changed = [](const Signer& signer, const char* name, const json& value) {
    json jwk = signer.jwk();
    jwk[name] = value;
    return jwk;
  };
  EXPECT_FALSE(left_out(rsa().jwk()));
  for (const char* alg : {"RS512", "PS256", "HS256", "none", "RSA-OAEP"}) EXPECT_TRUE(left_out(changed(rsa(), "alg", alg))) << alg;
  EXPECT_TRUE(left_out(changed(rsa(), "use", "enc")));
  EXPECT_TRUE(left_out(changed(rsa(), "key_ops", json::array({"encrypt"}))));
  EXPECT_FALSE(left_out(changed(rsa(), "key_ops", json::array({"verify"}))));
  EXPECT_TRUE(left_out(changed(rsa(), "d", "AQAB"))) << "anybody can sign with it";
  EXPECT_TRUE(left_out(changed(rsa(), "e", "AQ"))) << "1";
  EXPECT_TRUE(left_out(changed(rsa(), "e", "BA"))) << "4";
  EXPECT_TRUE(left_out(changed(rsa(), "e", to_base64url(std::string(200, '\x7f')))));
  EXPECT_TRUE(left_out(changed(rsa(), "n", "")));
  EXPECT_TRUE(left_out(changed(rsa(), "kid", 7)));
  EXPECT_TRUE(left_out(Signer(Signer::Kind::rsa, "weak", 1024).jwk()));
  EXPECT_TRUE(left_out(changed(p256(), "x", to_base64url(std::string(32, '\x01'))))) << "not on the curve";
  EXPECT_TRUE(left_out(changed(p256(), "y", "AA")));
  EXPECT_TRUE(left_out(changed(p256(), "crv", "P-521")));
  EXPECT_TRUE(left_out(changed(ed25519(), "x", "AA")));
  EXPECT_TRUE(left_out(changed(ed25519(), "crv", "X25519")));
  EXPECT_TRUE(left_out({{"kty", "oct"}, {"kid", "s"}, {"k", "c2VjcmV0"}, {"alg", "HS256"}}));
  EXPECT_TRUE(left_out(json("text")));
  const auto mixed = OidcKeySet::parse(json{{"keys", {Signer(Signer::Kind::rsa, "weak", 1024).jwk(), p256().jwk()}}}.dump());
  ASSERT_TRUE(mixed);
  EXPECT_EQ(mixed->size(), 1U);
  EXPECT_EQ(mixed->left_out().size(), 1U);
  for (const char* text : {"", "[]", "{}", R"({"keys":{}})", R"({"keys":1})", "{\"keys\":[],\"keys\":[]}"}) EXPECT_FALSE(OidcKeySet::parse(text)) << text;
  EXPECT_FALSE(OidcKeySet::parse(json{{"keys", std::vector<json>(101, json::object())}}.dump()));
}

}  // namespace
}  // namespace penstock::auth::test
