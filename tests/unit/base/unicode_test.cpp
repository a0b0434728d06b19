#include "base/unicode.hpp"

#include <random>

#include <gtest/gtest.h>

namespace penstock {
namespace {

using namespace std::string_view_literals;

#define REPLACED "\xef\xbf\xbd"

std::string repaired(std::string_view text) {
  std::string out;
  append_repaired_utf8(out, text);
  return out;
}

TEST(Utf8, ValidTextIsLeftAsItIs) {
  for (const auto text : {""sv, "plain"sv, "gr\xc3\xbc\xc3\x9f"sv, "\xe2\x82\xac"sv, "\xf0\x9f\x98\x80"sv, "\xed\x9f\xbf\xee\x80\x80"sv, "\xf4\x8f\xbf\xbf"sv,
                          "a long line of ASCII with an \xc3\xa9 somewhere past the first eight bytes"sv}) {
    EXPECT_TRUE(is_valid_utf8(text));
    EXPECT_EQ(clean_utf8_prefix(text), text.size());
    EXPECT_EQ(repaired(text), text);
  }
}

TEST(Utf8, EachMaximalInvalidPartBecomesOneReplacement) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"\x80"sv, REPLACED},
      {"a\xff" "b"sv, "a" REPLACED "b"},
      {"\xc0\xaf"sv, REPLACED REPLACED},                        // overlong
      {"\xe0\x80\xaf"sv, REPLACED REPLACED REPLACED},
      {"\xed\xa0\x80"sv, REPLACED REPLACED REPLACED},           // a surrogate
      {"\xf4\x91\x92\x93"sv, REPLACED REPLACED REPLACED REPLACED},  // over U+10FFFF
      {"\xf0\x9f\x98"sv, REPLACED},                             // cut off
      {"\xf0\x9f\x98" "A"sv, REPLACED "A"},
      {"\xe2\x82"sv, REPLACED},
      {"\xe1\x80\xe2\xf0\x91\x92\xf1\xbf" "A"sv, REPLACED REPLACED REPLACED REPLACED "A"},  // Unicode 15, table 3-11
  };
  for (const auto& [given, expected] : cases) {
    EXPECT_FALSE(is_valid_utf8(given));
    EXPECT_EQ(repaired(given), expected);
  }
}

TEST(Utf8, NulIsValidButRepaired) {
  EXPECT_TRUE(is_valid_utf8("a\0b"sv));
  EXPECT_EQ(clean_utf8_prefix("a\0b"sv), 1u);
  EXPECT_EQ(clean_utf8_prefix("12345678\0"sv), 8u);
  EXPECT_EQ(clean_utf8_prefix("1234\0" "678"sv), 4u);
  EXPECT_EQ(repaired("a\0b"sv), "a" REPLACED "b");
}

TEST(Utf8, WhateverIsRepairedIsValidAfterwards) {
  std::mt19937 random(11);
  constexpr std::string_view alphabet = "aZ \0\x7f\x80\xa0\xbf\xc2\xc3\xe0\xe2\xed\xef\xf0\xf4\xff"sv;
  for (int i = 0; i < 20'000; ++i) {
    std::string text;
    for (std::size_t size = random() % 24; size > 0; --size) text += alphabet[random() % alphabet.size()];
    const std::string out = repaired(text);
    EXPECT_TRUE(is_valid_utf8(out));
    EXPECT_EQ(clean_utf8_prefix(out), out.size());
    EXPECT_EQ(repaired(out), out);
    if (clean_utf8_prefix(text) == text.size()) { EXPECT_EQ(out, text); }
  }
}

TEST(Utf8, ACutComesBeforeACharacter) {
  EXPECT_EQ(whole_characters("short", 8), 5u);
  EXPECT_EQ(whole_characters("12345678", 8), 8u);
  EXPECT_EQ(whole_characters("123456789", 8), 8u);
  EXPECT_EQ(whole_characters("1234567\xc3\xa4", 8), 7u);
  EXPECT_EQ(whole_characters("12345\xf0\x9f\x98\x80", 8), 5u);
  EXPECT_EQ(whole_characters("\x80\x80\x80\x80\x80\x80\x80\x80\x80", 8), 5u) << "no UTF-8: never less than three bytes fewer";
}

}  // namespace
}  // namespace penstock
