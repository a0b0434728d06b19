// Any record written as JSON decodes to itself.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <random>

#include "body_case.hpp"

namespace penstock::test {
namespace {

class RandomRecords {
 public:
  explicit RandomRecords(std::uint32_t seed) : random_(seed) {}

  std::size_t below(std::size_t n) { return random_() % n; }

  std::string text() {
    static const std::vector<std::string> pieces = {"a",  "Z",    " ",    "\"",       "\\",           "/",  "\n", "\t", "\x01",
                                                    "{",  "}",    "[",    "]",        ",",            ":",  "\x7F", "\\u0041",
                                                    "\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x98\x80", "null", "=",  "0"};
    std::string all;
    for (std::size_t i = below(12); i > 0; --i) all += pieces[below(pieces.size())];
    return all;
  }

  std::string name() { return "f" + std::to_string(below(1'000'000)); }

  double real() {
    for (;;) {
      const std::uint64_t bits = (std::uint64_t{random_()} << 32) | random_();
      double value = 0;
      std::memcpy(&value, &bits, sizeof value);
      // A whole number is written without a dot, and so comes back as an integer.
      if (std::isfinite(value) && std::floor(value) != value) return value;
    }
  }

  std::int64_t integer() { return static_cast<std::int64_t>((std::uint64_t{random_()} << 32) | random_()); }

 private:
  std::mt19937 random_;
};

TEST(JsonProperty, ALogWrittenAsJsonDecodesToItself) {
  RandomRecords random(20261120);
  for (int round = 0; round < 4'000; ++round) {
    const std::string message = random.text();
    const std::int64_t time = random.integer();
    std::vector<std::string> names;
    std::vector<std::string> texts;
    names.reserve(8);
    texts.reserve(8);
    std::vector<FieldView> fields;
    for (std::size_t i = random.below(8); i > 0; --i) {
      const std::string name = random.name();
      if (std::find(names.begin(), names.end(), name) != names.end()) continue;
      names.push_back(name);
      texts.push_back(random.text());
      FieldView field{names.back(), FieldValue::none()};
      switch (random.below(6)) {
        case 0: field.value = FieldValue::of(std::string_view(texts.back())); break;
        case 1: field.value = FieldValue::of(random.integer()); break;
        case 2: field.value = FieldValue::of(random.real()); break;
        case 3: field.value = FieldValue::of(random.below(2) == 0); break;
        case 4: field.value = FieldValue::of_json("[1,{\"x\":\"]\"},-0.5e3]"); break;
        default: break;
      }
      fields.push_back(field);
    }
    std::string body = "{\"timestamp\":\"" + format_rfc3339(Timestamp{time}) + "\",\"message\":";
    append_json_string(body, message);
    body += ",\"fields\":{";
    for (const FieldView& field : fields) {
      if (body.back() != '{') body += ',';
      append_json_string(body, field.name);
      body += ':';
      append_json(body, field.value);
    }
    body += "}}";

    struct Compare : RecordReceiver {
      void log(std::size_t, const DecodedLog& log) override {
        ++seen;
        ASSERT_TRUE(log.timestamp);
        EXPECT_EQ(log.timestamp->ns, time);
        EXPECT_EQ(log.message, message);
        ASSERT_EQ(log.fields.size(), fields->size());
        for (std::size_t i = 0; i < fields->size(); ++i) {
          EXPECT_EQ(log.fields[i].name, (*fields)[i].name);
          EXPECT_TRUE(log.fields[i].value == (*fields)[i].value);
        }
      }
      void point(std::size_t, const DecodedPoint&) override {}
      void reject(std::size_t, Error error) override { ADD_FAILURE() << error.message; }
      std::int64_t time = 0;
      std::string_view message;
      const std::vector<FieldView>* fields = nullptr;
      int seen = 0;
    } receiver;
    receiver.time = time;
    receiver.message = message;
    receiver.fields = &fields;
    ASSERT_TRUE(decode::JsonDecoder().decode(body, {}, receiver));
    ASSERT_EQ(receiver.seen, 1) << body;
    if (::testing::Test::HasFailure()) FAIL() << body;
  }
}

TEST(JsonProperty, AnyBytesGiveRecordsOrReasonsWithIndexesInOrder) {
  RandomRecords random(7);
  const std::string alphabet = "{}[]\",:\\ \n\ttrufalsn0123456789.-eE\xFF\xC3\xA9";
  for (int round = 0; round < 4'000; ++round) {
    std::string body;
    for (std::size_t i = random.below(60); i > 0; --i) {
      if (random.below(8) == 0) {
        body += R"({"message":"a"})";
      } else {
        body += alphabet[random.below(alphabet.size())];
      }
    }
    const std::vector<char> exact(body.begin(), body.end());
    for (const RecordKind kind : {RecordKind::log, RecordKind::metric}) {
      DecodeOptions options;
      options.kind = kind;
      RecordingReceiver receiver;
      const Result<void> result = decode::JsonDecoder().decode(std::string_view(exact.data(), exact.size()), options, receiver);
      ASSERT_EQ(result.has_value(), !receiver.lines.empty()) << body;
      for (std::size_t i = 0; i < receiver.lines.size(); ++i) ASSERT_TRUE(receiver.lines[i].starts_with(std::to_string(i) + " ")) << body;
    }
  }
}

}  // namespace
}  // namespace penstock::test
