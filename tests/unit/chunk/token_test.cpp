// Words and what the filter says of them.
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "chunk/filter_blocks.hpp"
#include "chunk/token_filter.hpp"
#include "chunk/token_scan.hpp"
#include "chunk/tokenizer.hpp"

namespace penstock::chunk {
namespace {

TEST(Tokenizer, CutsAtWhatIsNeitherLetterNorDigit) {
  const auto tokens = tokens_of("GET /api/v1/user_id=42?x=caf\xc3\xa9  \"done\"");
  const std::vector<std::string_view> expected = {"GET", "api", "v1", "user_id", "42", "x", "caf\xc3\xa9", "done"};
  EXPECT_EQ(tokens, expected);
  EXPECT_TRUE(tokens_of(" .,;- ").empty());
}

TEST(Tokenizer, AWordMatchesWholeTokensInAnyCase) {
  EXPECT_TRUE(contains_token("Card DECLINED for user", "declined"));
  EXPECT_TRUE(contains_token("declined", "DeclineD"));
  EXPECT_FALSE(contains_token("undeclined declined_ declined1", "declined"));
  EXPECT_TRUE(contains_token("undeclined,declined", "declined"));
  EXPECT_FALSE(contains_token("", "x"));
  EXPECT_FALSE(contains_token("text", ""));
}

TEST(Tokenizer, TheFastScanFindsTheSameTokens) {
  std::mt19937_64 random(11);
  const std::string alphabet = "abcXYZ019_ .,/-:@[`{\x80\xff";
  for (int round = 0; round < 3000; ++round) {
    std::string text;
    for (std::size_t i = random() % 300; i > 0; --i) {
      text.push_back(random() % 12 == 0 ? ' ' : alphabet[random() % (round % 2 ? alphabet.size() : 8)]);
    }
    std::vector<std::string> scanned;
    scan_tokens(text, [&](const char* token, std::size_t size) { scanned.emplace_back(token, size); });
    const auto expected = tokens_of(text);
    ASSERT_EQ(scanned, std::vector<std::string>(expected.begin(), expected.end())) << text;
  }
}

TEST(Tokenizer, ArithmeticOnEightBytesAgreesForEveryByte) {
  for (unsigned c = 0; c < 256; ++c) {
    for (unsigned at = 0; at < 8; ++at) {
      for (const std::uint64_t others : {0x2020202020202020ull, 0x7f7f7f7f7f7f7f7full, 0xffffffffffffffffull, 0x6161616161616161ull}) {
        const std::uint64_t word = (others & ~(std::uint64_t{0xff} << (8 * at))) | std::uint64_t{c} << (8 * at);
        unsigned expected = 0;
        for (unsigned i = 0; i < 8; ++i) expected |= unsigned{is_token_byte(static_cast<char>(word >> (8 * i)))} << i;
        ASSERT_EQ(token_bits_of_8(word), expected) << c << " at " << at;
      }
    }
  }
}

TEST(TokenFilter, NeverDeniesWhatWasAdded) {
  TokenFilterBuilder builder;
  std::mt19937_64 random(12);
  std::vector<std::string> words;
  for (int i = 0; i < 20'000; ++i) words.push_back("W" + std::to_string(random()));
  for (const auto& word : words) builder.add_tokens("prefix " + word + "; suffix");
  auto filter = TokenFilter::parse(builder.finish());
  ASSERT_TRUE(filter);
  for (const auto& word : words) ASSERT_TRUE(filter->may_contain_token(word));
  EXPECT_TRUE(filter->may_contain_token("PREFIX"));
  EXPECT_TRUE(filter->may_contain_all_tokens("suffix, prefix"));
}

// Few hashes are gathered in a table, many in a wide filter that is folded at the end: on both sides of the border, and far beyond.
TEST(TokenFilter, ExcludesAtLeastNinetySevenInAHundredOfTheRestHoweverManyThereAre) {
  for (const int count : {1, 1'000, 24'000, 25'000, 31'000, 50'000, 100'000, 232'000, 233'000, 400'000}) {
    TokenFilterBuilder builder;
    for (int i = 0; i < count; ++i) builder.add_tokens("in" + std::to_string(i));
    EXPECT_NEAR(static_cast<double>(builder.distinct()), count, count * 0.01);
    const std::string bytes = builder.finish();
    EXPECT_LE(bytes.size(), static_cast<std::size_t>(count) * 9 / 8 * 2 + 64) << count;
    EXPECT_EQ(bytes, builder.finish()) << "asking again must not change the answer";
    auto filter = TokenFilter::parse(bytes);
    ASSERT_TRUE(filter);
    for (int i = 0; i < count; ++i) ASSERT_TRUE(filter->may_contain_token("in" + std::to_string(i))) << i << " of " << count;
    int wrong = 0;
    for (int i = 0; i < 100'000; ++i) wrong += filter->may_contain_token("out" + std::to_string(i));
    EXPECT_LT(wrong, 3000) << count;
  }
}

TEST(TokenFilter, KeepsToTheSizeItIsGivenWithoutDenyingWhatWasAdded) {
  TokenFilterBuilder builder;
  for (int i = 0; i < 100'000; ++i) builder.add_tokens("in" + std::to_string(i));
  const std::string bytes = builder.finish(32u << 10);
  EXPECT_LE(bytes.size(), 32u << 10);
  auto filter = TokenFilter::parse(bytes);
  ASSERT_TRUE(filter);
  for (int i = 0; i < 100'000; ++i) ASSERT_TRUE(filter->may_contain_token("in" + std::to_string(i)));
}

TEST(TokenFilter, EveryCpuSetsTheSameBits) {
  std::mt19937_64 random(5);
  for (const std::size_t blocks : {1u, 7u, 4096u, 16380u}) {
    std::string wide(blocks * kFilterBlockBytes, '\0'), plain = wide;
    for (int round = 0; round < 20; ++round) {
      std::vector<std::uint64_t> hashes(500);
      for (auto& hash : hashes) hash = random();
      ASSERT_EQ(set_bits(wide, hashes), set_bits_plainly(plain, hashes));
      for (const auto hash : hashes) ASSERT_TRUE(has_bits(plain, hash));
    }
    EXPECT_TRUE(wide == plain) << blocks;
  }
}

TEST(TokenFilter, FieldsAreTheirNameAndWholeValue) {
  TokenFilterBuilder builder;
  builder.add(field_hash("status", "card declined"));
  auto filter = TokenFilter::parse(builder.finish());
  ASSERT_TRUE(filter);
  EXPECT_TRUE(filter->may_contain_field("status", "card declined"));
  EXPECT_TRUE(filter->may_contain_field("status", "Card Declined"));
  EXPECT_FALSE(filter->may_contain_field("status", "card"));
  EXPECT_FALSE(filter->may_contain_field("state", "card declined"));
}

TEST(TokenFilter, StaysBoundedAndTrueWhenWordsNeverRepeat) {
  TokenFilterBuilder builder;
  for (std::uint64_t i = 1; i <= 1'000'000; ++i) builder.add(i * 0x9e3779b97f4a7c15ull);
  EXPECT_LE(builder.memory_bytes(), 1u << 20);
  const std::string bytes = builder.finish();
  EXPECT_LE(bytes.size(), 512u << 10);
  auto filter = TokenFilter::parse(bytes);
  ASSERT_TRUE(filter);
  for (std::uint64_t i = 1; i <= 1'000'000; ++i) ASSERT_TRUE(filter->may_contain(i * 0x9e3779b97f4a7c15ull));
}

TEST(TokenFilter, AnAbsentFilterDeniesNothingAndABrokenOneIsCorrupt) {
  EXPECT_TRUE(TokenFilter().may_contain_token("anything"));
  auto broken = TokenFilter::parse(std::string(33, 'x'));
  ASSERT_FALSE(broken);
  EXPECT_EQ(broken.error().code, ErrorCode::corrupt);
}

// The hash is on disk: a change of it would hide records.
TEST(TokenFilter, HashesAreFixedForEver) {
  EXPECT_EQ(token_hash("Checkout"), token_hash("checkout"));
  EXPECT_EQ(token_hash("checkout"), 17785506940833552463u);
  EXPECT_EQ(token_hash("a-token-of-more-than-sixteen-bytes"), 361154260931768577u);
  EXPECT_EQ(field_hash("status", "200"), 9973480950764061011u);
}

}  // namespace
}  // namespace penstock::chunk
