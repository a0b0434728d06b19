#include <gtest/gtest.h>

#include "base/base64.hpp"
#include "base/hex.hpp"
#include "base/sha256.hpp"

namespace penstock {
namespace {

TEST(Sha256, HasTheValuesOfFips180) {
  EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  Sha256 sum;
  sum.add("a");
  sum.add("bc");
  EXPECT_EQ(to_hex(sum.digest()), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Sha256, BeginsAnewAfterEachDigest) {
  Sha256 sum;
  sum.add("something else");
  sum.digest();
  sum.add("abc");
  EXPECT_EQ(to_hex(sum.digest()), sha256_hex("abc"));
  EXPECT_EQ(sha256("abc"), sha256("abc"));
}

TEST(Base64Url, HasTheVectorsOfRfc4648) {
  const std::pair<const char*, const char*> cases[] = {{"", ""}, {"f", "Zg"}, {"fo", "Zm8"}, {"foo", "Zm9v"}, {"foob", "Zm9vYg"}, {"fooba", "Zm9vYmE"}, {"foobar", "Zm9vYmFy"}, {"\xfb\xff", "-_8"}};
  for (const auto& [bytes, text] : cases) {
    EXPECT_EQ(to_base64url(bytes), text);
    EXPECT_EQ(from_base64url(text), bytes);
  }
  for (const char* wrong : {"Zg=", "Z g", "+/", "Zm9v\n"}) EXPECT_FALSE(from_base64url(wrong)) << wrong;
}

TEST(Hex, WritesAllDigitsAndReadsBothCases) {
  std::string out;
  append_hex(out, std::uint64_t{0xab});
  append_hex_byte(out, 0x0f);
  EXPECT_EQ(out, "00000000000000ab0f");
  EXPECT_EQ(hex_value('9'), 9);
  EXPECT_EQ(hex_value('a'), 10);
  EXPECT_EQ(hex_value('F'), 15);
  for (const char wrong : {'g', 'G', ' ', '/', ':', '@', '`'}) EXPECT_EQ(hex_value(wrong), -1) << wrong;
}

}  // namespace
}  // namespace penstock
