#include "base/bytes.hpp"

#include <cmath>
#include <limits>
#include <random>

#include <gtest/gtest.h>

#include "base/short_bytes.hpp"

namespace penstock {
namespace {

TEST(Varint, SurvivesARoundTripAtEveryLength) {
  for (unsigned bit = 0; bit < 64; ++bit) {
    for (const std::uint64_t value : {std::uint64_t{1} << bit, (std::uint64_t{1} << bit) - 1, ~std::uint64_t{0} >> bit}) {
      std::string out;
      append_varint(out, value);
      EXPECT_LE(out.size(), kMaxVarintBytes);
      ByteReader in(out);
      std::uint64_t back = 0;
      ASSERT_TRUE(in.varint(back)) << value;
      EXPECT_EQ(back, value);
      EXPECT_TRUE(in.done());
    }
  }
}

TEST(Varint, HasTheBytesOfLeb128) {
  std::string out;
  append_varint(out, 624485);  // the example of the DWARF standard
  EXPECT_EQ(out, "\xe5\x8e\x26");
}

TEST(Varint, WhatDoesNotFit64BitsIsRefused) {
  std::uint64_t value = 7;
  for (const std::string_view bad : {std::string_view("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", 10),
                                     std::string_view("\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01", 11)}) {
    ByteReader in(bad);
    EXPECT_FALSE(in.varint(value));
    EXPECT_EQ(in.position(), 0u);
    EXPECT_EQ(value, 7u);
  }
}

TEST(Zigzag, KeepsSmallNumbersShortWhateverTheirSign) {
  EXPECT_EQ(zigzag_encode(0), 0u);
  EXPECT_EQ(zigzag_encode(-1), 1u);
  EXPECT_EQ(zigzag_encode(1), 2u);
  for (const std::int64_t value : {std::numeric_limits<std::int64_t>::min(), std::int64_t{-2}, std::numeric_limits<std::int64_t>::max()}) {
    EXPECT_EQ(zigzag_decode(zigzag_encode(value)), value);
  }
}

TEST(ByteReader, ReadsBackWhatWasAppended) {
  std::string out;
  append_fixed16(out, 0x1234);
  append_fixed32(out, 0x12345678);
  append_fixed64(out, 0x123456789abcdef0);
  append_zigzag(out, -5);
  append_double(out, -0.0);
  append_sized(out, "text");
  append_sized(out, "");
  EXPECT_EQ(out.substr(0, 2), "\x34\x12");  // little endian

  ByteReader in(out);
  std::uint16_t small = 0;
  std::uint32_t middle = 0;
  std::uint64_t large = 0;
  std::int64_t number = 0;
  double real = 1;
  std::string_view text, empty = "x";
  ASSERT_TRUE(in.fixed16(small) && in.fixed32(middle) && in.fixed64(large) && in.zigzag(number) && in.real(real) && in.sized(text) && in.sized(empty));
  EXPECT_EQ(small, 0x1234);
  EXPECT_EQ(middle, 0x12345678u);
  EXPECT_EQ(large, 0x123456789abcdef0u);
  EXPECT_EQ(number, -5);
  EXPECT_TRUE(std::signbit(real));
  EXPECT_EQ(text, "text");
  EXPECT_EQ(empty, "");
  EXPECT_TRUE(in.done());
}

TEST(ByteReader, StaysPutOnShortInput) {
  std::string out;
  append_sized(out, "0123456789");
  for (std::size_t size = 0; size < out.size(); ++size) {
    ByteReader in(std::string_view(out).substr(0, size));
    std::string_view text;
    EXPECT_FALSE(in.sized(text)) << size;
    EXPECT_EQ(in.position(), 0u);
    std::uint64_t word = 0;
    EXPECT_EQ(in.fixed64(word), size >= 8);
    std::string_view bytes;
    EXPECT_FALSE(in.bytes(in.remaining() + 1, bytes));
  }
  ByteReader huge(std::string_view("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 10));
  std::string_view text;
  EXPECT_FALSE(huge.sized(text));
  EXPECT_EQ(huge.position(), 0u);
}

TEST(ShortBytes, CopyAndCompareLikeTheLongOnes) {
  std::mt19937 random(7);
  for (std::size_t size = 0; size < 80; ++size) {
    std::string text(size, '\0');
    for (char& c : text) c = static_cast<char>(random());
    std::string copy(size + 1, '#');
    EXPECT_EQ(put_bytes(copy.data(), text), copy.data() + size);
    EXPECT_EQ(copy, text + '#');
    copy.pop_back();
    EXPECT_TRUE(same_bytes(text, copy));
    EXPECT_FALSE(same_bytes(text, copy + "x"));
    for (std::size_t i = 0; i < size; ++i) {
      copy[i] = static_cast<char>(copy[i] ^ 1);
      EXPECT_FALSE(same_bytes(text, copy)) << size << " " << i;
      copy[i] = text[i];
    }
  }
  EXPECT_TRUE(same_bytes({}, std::string_view("x").substr(1)));
}

}  // namespace
}  // namespace penstock
