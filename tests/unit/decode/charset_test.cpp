// Bodies that are not in UTF-8.
#include "decode/charset.hpp"

#include <gtest/gtest.h>

namespace penstock::test {
namespace {

using decode::Charset;
using decode::charset_of;
using decode::to_utf8;
using namespace std::string_literals;

std::string utf16(const std::u16string& text, bool little, bool mark) {
  std::string out = !mark ? "" : little ? "\xFF\xFE" : "\xFE\xFF";
  for (const char16_t unit : text) {
    const char high = static_cast<char>(unit >> 8), low = static_cast<char>(unit & 0xFF);
    out += little ? low : high;
    out += little ? high : low;
  }
  return out;
}

TEST(Charsets, ABodyTellsItsOwnBeforeItsTypeDoes) {
  EXPECT_EQ(charset_of("{}", ""), Charset::utf8);
  EXPECT_EQ(charset_of("{}", "application/json; charset=utf-8"), Charset::utf8);
  EXPECT_EQ(charset_of(utf16(u"{}", true, true), "application/json; charset=utf-8"), Charset::utf16_little);
  EXPECT_EQ(charset_of(utf16(u"{}", false, true), ""), Charset::utf16_big);
  EXPECT_EQ(charset_of(utf16(u"{}", true, false), ""), Charset::utf16_little);
  EXPECT_EQ(charset_of(utf16(u"{}", false, false), ""), Charset::utf16_big);
  EXPECT_EQ(charset_of("\0{\"message\":\"a\"}"s, ""), Charset::utf8);
  EXPECT_EQ(charset_of("\xE9", "text/plain; charset=ISO-8859-1"), Charset::latin1);
  EXPECT_EQ(charset_of("\xE9", "text/plain;charset=\"latin1\"; x=y"), Charset::latin1);
  EXPECT_EQ(charset_of("plain", "text/plain; charset=iso-8859-1"), Charset::utf8);
  EXPECT_EQ(charset_of("\xEF\xBB\xBF\xC3\xA9", "text/plain; charset=iso-8859-1"), Charset::utf8);
  EXPECT_EQ(charset_of("\xE9", "text/plain; charset=koi8-r"), Charset::utf8);
  EXPECT_EQ(charset_of("", "text/plain; charset=utf-16le"), Charset::utf16_little);
  EXPECT_EQ(charset_of("", ""), Charset::utf8);
}

TEST(Charsets, CharactersStayWhatTheyWere) {
  EXPECT_EQ(to_utf8("caf\xE9 \x80\x99", Charset::latin1), "caf\xC3\xA9 \xE2\x82\xAC\xE2\x84\xA2");
  const std::u16string text = u"{\"message\":\"gr\u00FC\u00DFe \u4F60 \U0001F600\"}";
  const std::string expected = "{\"message\":\"gr\xC3\xBC\xC3\x9F" "e \xE4\xBD\xA0 \xF0\x9F\x98\x80\"}";
  for (const bool mark : {true, false}) {
    EXPECT_EQ(to_utf8(utf16(text, true, mark), Charset::utf16_little), expected);
    EXPECT_EQ(to_utf8(utf16(text, false, mark), Charset::utf16_big), expected);
  }
  EXPECT_EQ(to_utf8("a\0\x00\xD8" "b\0\x00\xDC" "c"s, Charset::utf16_little), "a\xEF\xBF\xBD" "b\xEF\xBF\xBD\xEF\xBF\xBD");
}

TEST(Charsets, NoBodyBecomesLargerThanSaid) {
  std::string bytes;
  for (int i = 0; i < 512; ++i) bytes += static_cast<char>(i % 256);
  for (const Charset charset : {Charset::utf8, Charset::latin1, Charset::utf16_little, Charset::utf16_big}) {
    for (std::size_t size = 0; size <= bytes.size(); ++size) {
      const std::string_view body = std::string_view(bytes).substr(0, size);
      EXPECT_LE(to_utf8(body, charset).size(), decode::most_utf8_bytes(body, charset));
    }
  }
}

}  // namespace
}  // namespace penstock::test
