#include "http/decompress.hpp"

#include <gtest/gtest.h>
#include <zlib.h>
#include <zstd.h>

#include <random>

#include "http/body_buffer.hpp"
#include "http/compress.hpp"

namespace penstock::http {
namespace {

std::string zlib_packed(std::string_view text, int window_bits) {
  z_stream stream{};
  deflateInit2(&stream, 6, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, text.size()) + 64, '\0');
  std::string in(text);
  stream.next_in = static_cast<Bytef*>(static_cast<void*>(in.data()));
  stream.avail_in = static_cast<uInt>(in.size());
  stream.next_out = static_cast<Bytef*>(static_cast<void*>(out.data()));
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(out.size() - stream.avail_out);
  deflateEnd(&stream);
  return out;
}

std::string zstd_packed(std::string_view text) {
  std::string out(ZSTD_compressBound(text.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 3));
  return out;
}

struct Gathered final : UnpackedSink {
  Result<void> take(std::string_view piece) override {
    text += piece;
    return {};
  }
  std::string text;
};

Result<std::string> unpack(ContentCoding coding, std::string_view packed, std::size_t step, UnpackLimits limits = {}) {
  Decompressor decompressor(coding, limits);
  Gathered sink;
  for (std::size_t at = 0; at < packed.size(); at += step) {
    const Result<std::size_t> fed = decompressor.feed(packed.substr(at, step), sink);
    if (!fed) return fed.error();
  }
  const Result<void> finished = decompressor.finish();
  if (!finished) return finished.error();
  return sink.text;
}

struct Packing {
  const char* name;
  ContentCoding coding;
  std::string (*pack)(std::string_view);
};
const Packing kPackings[] = {
    {"gzip", ContentCoding::gzip, [](std::string_view text) { return zlib_packed(text, 31); }},
    {"zlib", ContentCoding::deflate, [](std::string_view text) { return zlib_packed(text, 15); }},
    {"raw deflate", ContentCoding::deflate, [](std::string_view text) { return zlib_packed(text, -15); }},
    {"zstd", ContentCoding::zstd, [](std::string_view text) { return zstd_packed(text); }},
};

// Half random, half repeating: packs to about half.
std::string sample(std::size_t size) {
  std::mt19937 random(7);
  std::string text;
  while (text.size() < size) {
    text += "the same words again ";
    for (int i = 0; i < 20; ++i) text += static_cast<char>(random());
  }
  text.resize(size);
  return text;
}

TEST(Decompress, BodiesComeBackWholeHoweverTheyArrive) {
  for (const auto& [name, coding, pack] : kPackings) {
    for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{16384}, std::size_t{300'000}}) {
      const std::string text = sample(size);
      const std::string packed = pack(text);
      for (const std::size_t step : {std::size_t{1}, std::size_t{7}, std::size_t{4096}, std::size_t{1} << 20}) {
        if (step == 1 && size > 100'000) continue;
        const auto unpacked = unpack(coding, packed, step);
        ASSERT_TRUE(unpacked) << name << ' ' << size << ' ' << step << ' ' << unpacked.error().message;
        EXPECT_EQ(*unpacked, text) << name;
      }
    }
  }
}

TEST(Decompress, SeveralMembersAreOneBody) {
  const std::string gzip_two = zlib_packed("one ", 31) + zlib_packed("two", 31);
  const std::string zstd_two = zstd_packed("one ") + zstd_packed("two");
  for (const std::size_t step : {std::size_t{1}, std::size_t{1000}}) {
    EXPECT_EQ(*unpack(ContentCoding::gzip, gzip_two, step), "one two");
    EXPECT_EQ(*unpack(ContentCoding::zstd, zstd_two, step), "one two");
  }
}

TEST(Decompress, EveryTruncationIsFound) {
  for (const auto& [name, coding, pack] : kPackings) {
    const std::string packed = pack(sample(2000));
    for (std::size_t size = 1; size < packed.size(); ++size) {
      const auto unpacked = unpack(coding, std::string_view(packed).substr(0, size), 100);
      ASSERT_FALSE(unpacked) << name << ' ' << size;
      EXPECT_EQ(unpacked.error().code, ErrorCode::bad_encoding);
    }
  }
}

TEST(Decompress, GarbageAndBytesBehindTheEndAreRefused) {
  for (const auto& [name, coding, pack] : kPackings) {
    EXPECT_FALSE(unpack(coding, "\xff\xff\xff\xff not packed at all", 100)) << name;
    EXPECT_FALSE(unpack(coding, pack("text") + "{\"a\":1}", 100)) << name;
  }
}

TEST(Decompress, AGzipBodyWithAWrongChecksumIsRefused) {
  std::string packed = zlib_packed("text", 31);
  packed[packed.size() - 6] = static_cast<char>(packed[packed.size() - 6] ^ 1);
  EXPECT_EQ(unpack(ContentCoding::gzip, packed, 100).error().code, ErrorCode::bad_encoding);
}

TEST(Decompress, ABombEndsAtTheLimit) {
  const std::string zeros(50 << 20, '\0');
  for (const auto& [name, coding, pack] : kPackings) {
    const std::string bomb = pack(zeros);
    Decompressor decompressor(coding, {.max_bytes = 3 << 20});
    Gathered sink;
    const Result<std::size_t> fed = decompressor.feed(bomb, sink);
    ASSERT_FALSE(fed) << name;
    EXPECT_EQ(fed.error().code, ErrorCode::too_large) << name;
    EXPECT_LE(sink.text.size(), std::size_t{3} << 20) << name;
  }
}

TEST(Decompress, ABodyThatRepeatsItselfIsTakenUpToTheLimit) {
  std::string lines;
  while (lines.size() < 15 << 20) lines += "{\"message\": \"the same line again\"}\n";
  for (const auto& [name, coding, pack] : kPackings) {
    const auto unpacked = unpack(coding, pack(lines), 4096);
    ASSERT_TRUE(unpacked) << name << ' ' << unpacked.error().message;
    EXPECT_EQ(unpacked->size(), lines.size()) << name;
  }
}

TEST(Decompress, TheUnpackedSizeIsBoundedToTheByte) {
  for (const auto& [name, coding, pack] : kPackings) {
    const std::string packed = pack(sample(5000));
    EXPECT_TRUE(unpack(coding, packed, 100, {.max_bytes = 5000})) << name;
    EXPECT_EQ(unpack(coding, packed, 100, {.max_bytes = 4999}).error().code, ErrorCode::too_large) << name;
  }
  EXPECT_EQ(unpack(ContentCoding::identity, "12345", 2, {.max_bytes = 4}).error().code, ErrorCode::too_large);
}

TEST(Decompress, OnlyOneKnownCodingIsTaken) {
  EXPECT_EQ(parse_content_coding(""), ContentCoding::identity);
  EXPECT_EQ(parse_content_coding("GZip"), ContentCoding::gzip);
  EXPECT_EQ(parse_content_coding("zstd"), ContentCoding::zstd);
  EXPECT_EQ(parse_content_coding("identity, gzip"), ContentCoding::gzip);
  for (const char* value : {"br", "gzip, gzip", "gzip, zstd", "snappy", "identity, br"}) {
    EXPECT_FALSE(parse_content_coding(value)) << value;
  }
}

TEST(Decompress, WhatSaysThatNothingWasPackedIsHarmless) {
  for (const char* value : {"none", "identity", "Identity", "utf-8", "UTF-8", "utf8", "identity, none", " none "}) {
    EXPECT_EQ(parse_content_coding(value), ContentCoding::identity) << value;
  }
}

// As a connection does it: as much at a time as is covered.
Result<void> feed(BodyBuffer& buffer, std::string_view bytes) {
  while (!bytes.empty() || buffer.pending()) {
    if (!buffer.cover(bytes.size())) return buffer.no_room(bytes.size());
    const Result<std::size_t> taken = buffer.step(bytes);
    if (!taken) return taken.error();
    bytes.remove_prefix(*taken);
  }
  return {};
}

TEST(Decompress, AStepEndsSoonAndTheNextOneGoesOn) {
  const std::string text = sample(3'000'000);
  for (const auto& [name, coding, pack] : kPackings) {
    const std::string packed = pack(text);
    Decompressor decompressor(coding, {});
    Gathered sink;
    std::string_view left = packed;
    while (!left.empty() || decompressor.pending()) {
      const std::size_t before = sink.text.size();
      const auto consumed = decompressor.feed(left, sink, 100'000);
      ASSERT_TRUE(consumed) << name;
      left.remove_prefix(*consumed);
      ASSERT_LE(sink.text.size() - before, 100'000 + Decompressor::kPiece) << name;
    }
    EXPECT_TRUE(decompressor.finish()) << name;
    EXPECT_EQ(sink.text, text) << name;
  }
}

TEST(BodyBuffer, AnnouncedBytesAreNotLeasedBeforeTheyCome) {
  ByteBudget budget(16 << 20);
  ByteBudget::Lease lease = *budget.take(1000);
  std::string body;
  BodyBuffer buffer(body, lease, budget.limit(), ContentCoding::identity, 16 << 20, 16 << 20);
  for (int i = 1; i <= 100; ++i) {
    ASSERT_TRUE(feed(buffer, std::string(10'000, 'b')));
    EXPECT_LE(budget.used(), 10'000U * static_cast<std::size_t>(i));
    EXPECT_GE(budget.used(), body.size());
  }
}

TEST(BodyBuffer, TheLeaseCoversWhatIsHeldAndFallsToItAtTheEnd) {
  ByteBudget budget(4 << 20);
  const std::string text = sample(500'000);
  const std::string packed = zstd_packed(text);
  ByteBudget::Lease lease = *budget.take(packed.size());
  std::string body;
  BodyBuffer buffer(body, lease, budget.limit(), ContentCoding::zstd, 1 << 20, packed.size());
  for (std::size_t at = 0; at < packed.size(); at += 10'000) {
    ASSERT_TRUE(feed(buffer, std::string_view(packed).substr(at, 10'000)));
    ASSERT_GE(lease.size(), body.size());
  }
  ASSERT_TRUE(buffer.finish());
  EXPECT_EQ(body, text);
  EXPECT_EQ(lease.size(), body.size());
}

TEST(BodyBuffer, UnpackingPastTheBudgetIsOverloadAndHoldsNoMoreThanIt) {
  ByteBudget budget(400'000);
  const auto others = budget.take(100'000);
  const std::string packed = zlib_packed(sample(900'000), 31);
  ByteBudget::Lease lease = *budget.take(16'384);
  std::string body;
  BodyBuffer buffer(body, lease, budget.limit(), ContentCoding::gzip, 1 << 20, packed.size());
  const Result<void> fed = feed(buffer, packed);
  ASSERT_FALSE(fed);
  EXPECT_EQ(fed.error().code, ErrorCode::overloaded);
  EXPECT_LE(body.size(), 300'000U);
}

TEST(BodyBuffer, ABodyForWhichTheWholeBudgetWouldNotDoIsTooLarge) {
  ByteBudget budget(300'000);
  const std::string packed = zlib_packed(std::string(900'000, 'a'), 31);
  ByteBudget::Lease lease = *budget.take(16'384);
  std::string body;
  BodyBuffer buffer(body, lease, budget.limit(), ContentCoding::gzip, 1 << 20, packed.size());
  EXPECT_EQ(feed(buffer, packed).error().code, ErrorCode::too_large) << "sent again it would fail again";
}

TEST(Compress, AcceptEncodingIsReadAsTheStandardSays) {
  for (const char* value : {"gzip", "deflate, gzip;q=0.5", "*", "br, GZIP", "gzip ; q=0.001"}) {
    EXPECT_TRUE(accepts_gzip(value)) << value;
  }
  for (const char* value : {"", "br", "gzip;q=0", "gzip; q=0.000", "*;q=0", "*, gzip;q=0", "gzipped"}) {
    EXPECT_FALSE(accepts_gzip(value)) << value;
  }
}

TEST(Compress, WhatIsPackedUnpacksToTheSame) {
  const std::string text = sample(200'000);
  EXPECT_EQ(*unpack(ContentCoding::gzip, gzip(text, 1), 4096), text);
  EXPECT_TRUE(is_packable("application/json; charset=utf-8"));
  EXPECT_FALSE(is_packable("image/png"));
}

}  // namespace
}  // namespace penstock::http
