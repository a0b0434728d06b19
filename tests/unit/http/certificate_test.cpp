#include "http/certificate.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace penstock::http {
namespace {

TEST(Certificate, IsMadeForNamesAndAddresses) {
  const auto made = make_self_signed({.names = {"logs.example", "192.0.2.7", "2001:db8::7", "*.logs.example"}});
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_TRUE(made->certificate.starts_with("-----BEGIN CERTIFICATE-----"));
  EXPECT_TRUE(made->key.starts_with("-----BEGIN PRIVATE KEY-----"));
  EXPECT_EQ(std::count(made->fingerprint.begin(), made->fingerprint.end(), ':'), 31);
  const auto again = make_self_signed({.names = {"logs.example"}});
  ASSERT_TRUE(again);
  EXPECT_NE(again->fingerprint, made->fingerprint);
}

TEST(Certificate, ANameCannotBringAnotherOne) {
  for (const char* name : {"", "a,DNS:b", "a b", "a\nb", "https://a", "a/b", "..", "a@b", "1.2.3.4/8", "fe80::1%eth0"}) {
    const auto made = make_self_signed({.names = {name}});
    ASSERT_FALSE(made) << name;
    EXPECT_EQ(made.error().code, ErrorCode::invalid_request);
  }
  EXPECT_FALSE(make_self_signed({.names = {}}));
}

TEST(Fingerprint, IsReadAsOthersWriteIt) {
  const std::string digits = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
  const std::string shown = show_fingerprint(digits);
  EXPECT_TRUE(shown.starts_with("00:11:22"));
  EXPECT_TRUE(shown.ends_with(":EE:FF"));
  for (const std::string& text : {digits, shown, "sha256:" + digits, "SHA256:" + shown, "sha256 Fingerprint=" + shown, " " + shown + " "}) {
    EXPECT_EQ(parse_fingerprint(text), digits) << text;
  }
  for (const std::string& text : {std::string(), digits + "00", digits.substr(2), "sha1:" + digits, "x" + digits.substr(1)}) {
    EXPECT_FALSE(parse_fingerprint(text)) << text;
  }
}

}  // namespace
}  // namespace penstock::http
