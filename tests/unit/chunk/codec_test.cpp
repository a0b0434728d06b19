// Every codec gives back what it was given, whatever that was, and refuses bytes cut short.
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <random>

#include "chunk/codec/bit_pack.hpp"
#include "chunk/codec/integer_codec.hpp"
#include "chunk/codec/presence_codec.hpp"
#include "chunk/codec/real_codec.hpp"
#include "chunk/codec/string_codec.hpp"
#include "chunk/compressor.hpp"

namespace penstock::chunk {
namespace {

using I = std::int64_t;

std::vector<std::uint64_t> bits_of(const std::vector<double>& values) {
  std::vector<std::uint64_t> out;
  for (const double value : values) out.push_back(std::bit_cast<std::uint64_t>(value));
  return out;
}

std::string encoded(const std::vector<I>& values) {
  std::string out;
  encode_integers(out, values);
  return out;
}

void expect_integers_survive(const std::vector<I>& values) {
  const std::string bytes = encoded(values);
  std::vector<I> back;
  ByteReader in(bytes);
  ASSERT_TRUE(decode_integers(in, values.size(), back));
  EXPECT_TRUE(in.done());
  ASSERT_EQ(back, values);
  for (std::size_t cut = 0; cut < bytes.size(); cut += 1 + bytes.size() / 97) {
    const std::string part = bytes.substr(0, cut);
    ByteReader short_in(part);
    EXPECT_FALSE(decode_integers(short_in, values.size(), back));
  }
}

void expect_reals_survive(const std::vector<double>& values) {
  std::string bytes;
  encode_reals(bytes, values);
  std::vector<double> back;
  ByteReader in(bytes);
  ASSERT_TRUE(decode_reals(in, values.size(), back));
  EXPECT_TRUE(in.done());
  ASSERT_EQ(bits_of(back), bits_of(values));
  for (std::size_t cut = 0; cut < bytes.size(); cut += 1 + bytes.size() / 97) {
    const std::string part = bytes.substr(0, cut);
    ByteReader short_in(part);
    EXPECT_FALSE(decode_reals(short_in, values.size(), back));
  }
}

TEST(BitPack, EveryWidthGivesBackItsValues) {
  std::mt19937_64 random(1);
  for (unsigned width = 0; width <= 64; ++width) {
    for (const std::size_t count : {1u, 7u, 64u, 128u, 129u}) {
      std::vector<std::uint64_t> values(count);
      for (auto& value : values) value = width == 0 ? 0 : random() >> (64 - width);
      std::string packed;
      pack_bits(packed, values, width);
      ASSERT_EQ(packed.size(), packed_bytes(count, width));
      std::vector<std::uint64_t> back(count);
      unpack_bits(packed, back, width);
      ASSERT_EQ(back, values) << width;
    }
  }
}

TEST(IntegerCodec, GivesBackAnyValues) {
  constexpr I least = std::numeric_limits<I>::min();
  constexpr I most = std::numeric_limits<I>::max();
  expect_integers_survive({0});
  expect_integers_survive({least, most});
  expect_integers_survive({most, least, 0, -1, 1, most, most, least});
  std::mt19937_64 random(2);
  for (int round = 0; round < 200; ++round) {
    std::vector<I> values(1 + random() % 700);
    const int shape = round % 5;
    I at = static_cast<I>(random());
    for (I& value : values) {
      switch (shape) {
        case 0: value = static_cast<I>(random()); break;
        case 1: value = at = static_cast<I>(static_cast<std::uint64_t>(at) + random() % 1000); break;
        case 2: value = static_cast<I>(random() % 3) * 1'000'000; break;
        case 3: value = random() % 100 == 0 ? most : static_cast<I>(random() % 16); break;
        default: value = at; break;
      }
    }
    expect_integers_survive(values);
  }
}

TEST(IntegerCodec, RegularColumnsTakeAFewBytes) {
  std::vector<I> clock, same, milliseconds;
  for (I i = 0; i < 4096; ++i) {
    clock.push_back(1'795'181'580'000'000'000 + i * 10'000'000'000);
    same.push_back(42);
    milliseconds.push_back(1'795'181'580'000'000'000 + (i * 10'000 + i % 7) * 1'000'000);
  }
  EXPECT_LE(encoded(clock).size(), 16u);
  EXPECT_LE(encoded(same).size(), 3u);
  // Jitter of a few milliseconds is worth four bits, not the nanoseconds' twenty-three.
  EXPECT_LE(encoded(milliseconds).size(), 4096u * 5 / 8);
}

TEST(IntegerCodec, AFewBytesCannotAskForMuchMemory) {
  std::vector<I> back;
  const std::string claims("\x02\x00\x01\x00\x00\x00\x00", 7);  // runs, with one run's header
  ByteReader in(claims);
  EXPECT_FALSE(decode_integers(in, 1u << 30, back));
  EXPECT_LT(back.capacity(), 1u << 20);
}

TEST(RealCodec, GivesBackAnyBits) {
  std::mt19937_64 random(3);
  expect_reals_survive({-0.0});
  expect_reals_survive({std::numeric_limits<double>::quiet_NaN()});
  expect_reals_survive(std::vector<double>(100, 1.0 / 3.0));
  for (int round = 0; round < 200; ++round) {
    std::vector<double> values(1 + random() % 500);
    const int shape = round % 6;
    for (double& value : values) {
      switch (shape) {
        case 0: value = std::bit_cast<double>(random()); break;
        case 1: value = static_cast<double>(random() % 10000) / 100; break;
        case 2: value = random() % 30 == 0 ? std::bit_cast<double>(random()) : static_cast<double>(random() % 1000) / 10; break;
        case 3: value = static_cast<double>(static_cast<I>(random())); break;
        case 4: value = std::sin(static_cast<double>(random() % 1000)); break;
        default: value = random() % 2 ? -0.0 : 0.0; break;
      }
    }
    expect_reals_survive(values);
  }
}

TEST(RealCodec, DecimalsTakeAsLittleAsTheirDigits) {
  std::mt19937_64 random(4);
  std::vector<double> values;
  I hundredths = 5000;
  for (int i = 0; i < 4096; ++i) {
    hundredths += static_cast<I>(random() % 64) - 32;
    values.push_back(static_cast<double>(hundredths) / 100);
  }
  std::string bytes;
  encode_reals(bytes, values);
  EXPECT_LT(bytes.size(), values.size() * 7 / 8);
  values[77] = std::numeric_limits<double>::quiet_NaN();
  std::string with_exception;
  encode_reals(with_exception, values);
  EXPECT_LT(with_exception.size(), bytes.size() + 32);
}

TEST(StringCodec, BothShapesGiveBackTheRows) {
  const std::vector<std::string_view> rows = {"", "alpha", "", std::string_view("\0x", 2), "alpha", "beta"};
  std::string plain;
  encode_plain_strings(plain, rows);
  std::string dictionary;
  encode_dictionary_strings(dictionary, std::vector<std::string_view>{"", "alpha", std::string_view("\0x", 2), "beta"},
                            std::vector<I>{0, 1, 0, 2, 1, 3});
  for (const std::string& bytes : {plain, dictionary}) {
    StringColumn back;
    ByteReader in(bytes);
    ASSERT_TRUE(StringColumnDecoder::decode(in, rows.size(), back));
    ASSERT_EQ(back.size(), rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) EXPECT_EQ(back[i], rows[i]);
    for (std::size_t cut = 0; cut < bytes.size(); ++cut) {
      const std::string part = bytes.substr(0, cut);
      ByteReader short_in(part);
      EXPECT_FALSE(StringColumnDecoder::decode(short_in, rows.size(), back));
    }
  }
}

TEST(PresenceCodec, GivesBackTheRowsInEveryDensity) {
  std::mt19937_64 random(5);
  for (const unsigned one_in : {1u, 2u, 10u, 500u}) {
    for (const std::size_t row_count : {1u, 8u, 1000u}) {
      std::vector<std::uint32_t> rows;
      for (std::uint32_t row = 0; row < row_count; ++row) {
        if (random() % one_in == 0) rows.push_back(row);
      }
      if (rows.empty()) rows.push_back(0);
      std::string bytes;
      encode_presence(bytes, rows, row_count);
      std::vector<std::uint32_t> back;
      std::size_t count = 0;
      ByteReader in(bytes);
      ASSERT_TRUE(decode_presence(in, row_count, back, count));
      EXPECT_EQ(count, rows.size());
      EXPECT_EQ(back, rows.size() == row_count ? std::vector<std::uint32_t>{} : rows);
    }
  }
}

TEST(Compressor, KeepsWhatDoesNotShrinkAndShrinksWhatDoes) {
  Compressor compressor(3);
  Decompressor decompressor;
  std::mt19937_64 random(6);
  std::string noise;
  for (int i = 0; i < 1000; ++i) noise.push_back(static_cast<char>(random()));
  EXPECT_EQ(compressor.pack(noise).size(), noise.size() + 1);
  const std::string text(100'000, 'x');
  EXPECT_LT(compressor.pack(text).size(), 100u);
  for (const std::string& plain : {std::string(), noise, text, std::string("short")}) {
    auto back = decompressor.unpack(compressor.pack(plain));
    ASSERT_TRUE(back);
    EXPECT_EQ(*back, plain);
  }
}

TEST(Compressor, RefusesAFrameThatClaimsTheImpossible) {
  Compressor compressor(1);
  std::string packed = compressor.pack(std::string(1000, 'x'));
  std::string claim(1, packed[0]);
  append_varint(claim, std::uint64_t{1} << 40);
  claim += packed.substr(3);
  Decompressor decompressor;
  auto back = decompressor.unpack(claim);
  ASSERT_FALSE(back);
  EXPECT_EQ(back.error().code, ErrorCode::corrupt);
}

}  // namespace
}  // namespace penstock::chunk
