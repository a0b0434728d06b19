// Words and what the filter says of them.
#include <gtest/gtest.h>
#include <utf8proc.h>

#include <random>
#include <string>
#include <vector>

#include "chunk/characters.hpp"
#include "chunk/filter_blocks.hpp"
#include "chunk/token_filter.hpp"
#include "chunk/token_scan.hpp"
#include "chunk/tokenizer.hpp"

namespace penstock::chunk {
namespace {

using Words = std::vector<std::string>;

TEST(Words, AreCutAtWhatIsNeitherLetterNorDigit) {
  EXPECT_EQ(words_of("GET /api/v1/user_id=42?x=caf\xc3\xa9  \"done\""), (Words{"get", "api", "v1", "user_id", "42", "x", "café", "done"}));
  EXPECT_TRUE(words_of(" .,;- ").empty());
  EXPECT_EQ(words_of("“error” —timeout— done… ‘ok’ «да» 50€"), (Words{"error", "timeout", "done", "ok", "да", "50"}));
  EXPECT_EQ(words_of("🔥fire🔥 a\u00a0b\u2003c 👩\u200d💻dev 1\ufe0f\u20e3x ✔️done"), (Words{"fire", "a", "b", "c", "dev", "1", "x", "done"}));
  EXPECT_EQ(words_of("bad\xff\xfe" "bytes"), (Words{"bad", "bytes"}));
}

TEST(Words, HaveNoCaseInAnyScriptAndOneSpelling) {
  EXPECT_EQ(words_of("ÄRGER ЁЖИК ΣΊΣΥΦΟΣ STRASSE Straße"), (Words{"ärger", "ёжик", "σίσυφοσ", "strasse", "strasse"}));
  EXPECT_EQ(words_of("Cafe\u0301 CAFÉ"), (Words{"café", "café"}));  // composed, and not
  EXPECT_EQ(words_of("\u1112\u1161\u11ab한"), (Words{"한", "한"}));
  EXPECT_EQ(words_of("a\u0323\u0301 a\u0301\u0323"), (Words{words_of("\u1ea1\u0301")[0], words_of("\u1ea1\u0301")[0]}));
}

TEST(Words, AreSingleCharactersWhereNoBlanksAreWritten) {
  EXPECT_EQ(words_of("接続エラー:timeout"), (Words{"接", "続", "エ", "ラ", "ー", "timeout"}));
  EXPECT_EQ(words_of("오류가 あ"), (Words{"오", "류", "가", "あ"}));
  EXPECT_EQ(words_of("か\u3099 x𠮷y"), (Words{"が", "x", "𠮷", "y"}));
}

TEST(Words, KnowNoColours) {
  EXPECT_EQ(words_of("\x1b[31mERROR\x1b[0m: \x1b[1;32mok\x1b[m"), (Words{"error", "ok"}));
  EXPECT_EQ(words_of("one\x1b[0mtwo \x1b]8;;http://x\x1b\\link\x1b]8;;\x07"), (Words{"one", "two", "link"}));
  EXPECT_EQ(folded_words("\x1b[31mERROR\x1b[0m: x"), "error: x");
  EXPECT_EQ(words_of("cut \x1b["), (Words{"cut"}));
}

TEST(Words, BorderEachOtherAsTheyAreCut) {
  const std::string text = "ab-cé接続x e\u20d7f\u200dg";
  std::string folded = folded_words(text);
  std::string rebuilt;
  for (std::size_t at = 0; at < folded.size(); ++at) {
    if ((static_cast<unsigned char>(folded[at]) & 0xc0) == 0x80) {
      rebuilt += folded[at];
      continue;
    }
    rebuilt += is_inside_word(folded, at) ? "" : "|";
    rebuilt += folded[at];
  }
  EXPECT_EQ(rebuilt, "|ab|-|cé|接|続|x| |e\u20d7f\u200dg");
}

// Folding by the table says what utf8proc says of the whole text.
TEST(Words, AreFoldedAsUtf8procFoldsThem) {
  std::mt19937_64 random(7);
  const std::vector<std::pair<std::uint32_t, std::uint32_t>> blocks = {{0x20, 0x7e}, {0xa0, 0x24f}, {0x300, 0x3ff}, {0x400, 0x52f}, {0x590, 0x6ff}, {0x900, 0x97f},
      {0xe00, 0xe7f}, {0x1100, 0x11ff}, {0x1e00, 0x1fff}, {0x2000, 0x22ff}, {0x3040, 0x30ff}, {0xac00, 0xad00}, {0xf900, 0xfb4f}, {0x1d160, 0x1d1ff}, {0x1f300, 0x1f6ff}, {0x2f800, 0x2f9ff}};
  for (int round = 0; round < 4000; ++round) {
    std::string text;
    for (std::size_t i = 1 + random() % 12; i > 0; --i) {
      const auto [first, last] = blocks[random() % blocks.size()];
      utf8proc_uint8_t bytes[4];
      const auto size = utf8proc_encode_char(static_cast<utf8proc_int32_t>(first + random() % (last - first + 1)), bytes);
      text.append(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size));
    }
    utf8proc_uint8_t* mapped = nullptr;
    const auto size = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()), static_cast<utf8proc_ssize_t>(text.size()), &mapped,
                                   static_cast<utf8proc_option_t>(UTF8PROC_COMPOSE | UTF8PROC_CASEFOLD));
    ASSERT_GE(size, 0);
    const std::string expected(reinterpret_cast<const char*>(mapped), static_cast<std::size_t>(size));
    free(mapped);
    ASSERT_EQ(folded_value(text), expected) << text;
  }
}

TEST(Tokenizer, TheFastScanFindsTheSameTokens) {
  std::mt19937_64 random(11);
  const std::string alphabet = "abcXYZ019_ .,/-:@[`{\x80\xff";
  for (int round = 0; round < 3000; ++round) {
    std::string text;
    for (std::size_t i = random() % 300; i > 0; --i) {
      text.push_back(random() % 12 == 0 ? ' ' : alphabet[random() % (round % 2 ? alphabet.size() : 8)]);
    }
    std::vector<std::string> scanned, expected;
    scan_tokens(text, [&](const char* token, std::size_t size) { scanned.emplace_back(token, size); });
    for (std::size_t at = 0; at < text.size(); ++at) {
      if (!is_token_byte(text[at])) continue;
      if (at == 0 || !is_token_byte(text[at - 1])) expected.emplace_back();
      expected.back() += text[at];
    }
    ASSERT_EQ(scanned, expected) << text;
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
  auto broken = TokenFilter::parse(std::string(34, 'x'));
  ASSERT_FALSE(broken);
  EXPECT_EQ(broken.error().code, ErrorCode::corrupt);
}

// Whatever surrounds a word, and however it is written, the filter knows it.
TEST(TokenFilter, HoldsTheWordsOfEveryText) {
  std::mt19937_64 random(3);
  const Words parts = {"error", "Ünïcode", "接続", "…", "“", "\x1b[31m", "\x1b[0m", " ", "=", "e\u0301", "\xff", "\u00a0", "123", "오류", "🔥", "-", "ИМЯ", "ß", "ﬁ", "a-long-word_of_more_than_sixteen_bytes"};
  for (int round = 0; round < 2'000; ++round) {
    std::string text;
    for (std::size_t i = 1 + random() % 8; i > 0; --i) text += parts[random() % parts.size()];
    TokenFilterBuilder builder;
    builder.add_tokens(text);
    const auto filter = TokenFilter::parse(builder.finish());
    ASSERT_TRUE(filter);
    for (const std::string& word : words_of(text)) ASSERT_TRUE(filter->may_contain_token(word)) << word << " of " << text;
    EXPECT_LE(builder.distinct(), words_of(text).size()) << text;
  }
}

// In "PSL1" the word error was not told from what stood around it.
TEST(TokenFilter, OfAnEarlierBuildIsAskedOnlyForWhatItCanKnow) {
  TokenFilterBuilder builder;
  builder.add(field_hash("at", "home"));
  std::string bytes = builder.finish();
  bytes.pop_back();
  const auto filter = TokenFilter::parse(bytes, FilterRules::ascii);
  ASSERT_TRUE(filter);
  EXPECT_TRUE(filter->may_contain_token("error"));
  EXPECT_TRUE(filter->may_contain_field("at", "home"));
  EXPECT_FALSE(filter->may_contain_field("at", "the moon"));
  EXPECT_TRUE(filter->may_contain_field("at", "strasse"));
  EXPECT_TRUE(filter->may_contain_field("at", "zürich"));
  for (std::uint32_t code = 0x80; code < 0x20000; ++code) {
    if (code >= 0xd800 && code < 0xe000) continue;
    utf8proc_uint8_t bytes_of[4];
    const auto size = utf8proc_encode_char(static_cast<utf8proc_int32_t>(code), bytes_of);
    const std::string folded = folded_value({reinterpret_cast<const char*>(bytes_of), static_cast<std::size_t>(size)});
    if (is_ascii(folded)) {
      EXPECT_TRUE(filter->may_contain_field("at", folded)) << code;
    }
  }
}

// A later Unicode knows more letters than the one that made the filter.
TEST(TokenFilter, OfAnotherUnicodeIsAskedOnlyForWhatItCanKnow) {
  TokenFilterBuilder builder;
  builder.add_tokens("here");
  std::string bytes = builder.finish();
  bytes.back() = static_cast<char>(unicode_version() - 1);
  EXPECT_FALSE(TokenFilter::parse(bytes)->may_contain_token("error"));
  EXPECT_TRUE(TokenFilter::parse(bytes)->may_contain_token("fehlermeldungü"));
  bytes.back() = static_cast<char>(unicode_version() + 1);
  EXPECT_TRUE(TokenFilter::parse(bytes)->may_contain_token("error"));
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
