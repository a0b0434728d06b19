// Bodies larger than one window: whatever the place of a cut, the records are the same as one by one.
#include <nlohmann/json.hpp>
#include <random>
#include <string>

#include "body_case.hpp"
#include "decode/body_reader.hpp"

namespace penstock::test {
namespace {

std::vector<std::string> random_records(std::size_t count, std::size_t longest, std::uint32_t seed) {
  std::mt19937 random(seed);
  const std::string alphabet = "abc {}[],:\\\"\n\t\xC3\xA9";
  std::vector<std::string> records;
  for (std::size_t i = 0; i < count; ++i) {
    std::string message = std::to_string(i) + " ";
    const std::size_t length = random() % longest;
    while (message.size() < length) {
      const char c = alphabet[random() % (alphabet.size() - 2)];
      message += c;
      if (random() % 16 == 0) message += "\xC3\xA9";
    }
    std::string record = R"({"message":)";
    append_json_string(record, message);
    record += R"(,"n":)" + std::to_string(i) + R"(,"deep":{"a":["}",{"b":"]"}]}})";
    records.push_back(record);
  }
  return records;
}

std::string join(const std::vector<std::string>& records, const std::string& between) {
  std::string all;
  for (const std::string& record : records) all += (all.empty() ? "" : between) + record;
  return all;
}

std::vector<std::string> one_by_one(const std::vector<std::string>& records) {
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < records.size(); ++i) {
    RecordingReceiver receiver;
    EXPECT_TRUE(decode::JsonDecoder().decode(records[i], {}, receiver));
    EXPECT_EQ(receiver.lines.size(), 1u);
    lines.push_back(std::to_string(i) + receiver.lines.at(0).substr(1));
  }
  return lines;
}

std::vector<std::string> decoded(const std::string& body) {
  RecordingReceiver receiver;
  EXPECT_TRUE(decode::JsonDecoder().decode(body, {}, receiver));
  return receiver.lines;
}

TEST(JsonWindows, ArraysAndLinesGiveTheRecordsOneByOne) {
  for (const std::size_t longest : {40u, 3'000u, 100'000u}) {
    const auto records = random_records(longest > 50'000 ? 6 : 300, longest, static_cast<std::uint32_t>(longest));
    const auto expected = one_by_one(records);
    EXPECT_EQ(decoded(join(records, "\n")), expected);
    EXPECT_EQ(decoded("[" + join(records, ",") + "]"), expected);
    EXPECT_EQ(decoded("[ " + join(records, " ,\n ") + " ]"), expected);
  }
}

TEST(JsonWindows, RecordsWithoutLineEndsAreReadHoweverManyTheyAre) {
  for (const std::size_t longest : {40u, 3'000u, 100'000u}) {
    const auto records = random_records(longest > 50'000 ? 20 : 1'000, longest, static_cast<std::uint32_t>(longest));
    const auto expected = one_by_one(records);
    for (const std::string& between : {std::string(), std::string("\0", 1), std::string("\n\x1E"), std::string(",")}) {
      EXPECT_EQ(decoded((between.empty() || between == "," ? "" : between) + join(records, between)), expected);
    }
  }
}

TEST(JsonWindows, ARecordLongerThanAWindowIsRead) {
  const std::string text(decode::BodyReader::kWindow * 5, 'x');
  const std::string long_record = "{\"message\":\"" + text + "\"}";
  const std::vector<std::string> records{R"({"message":"a"})", long_record, R"({"message":"b"})"};
  EXPECT_EQ(decoded("[" + join(records, ",") + "]").size(), 3u);
  EXPECT_EQ(decoded(join(records, "\n")).size(), 3u);
}

TEST(JsonWindows, ABadByteFarInsideCostsNothingElse) {
  auto records = random_records(1'000, 200, 7);
  records[600] = "{\"message\":\"\xFF\"}";
  records[700] = "{}";
  for (const std::string& body : {join(records, "\n"), "[" + join(records, ",") + "]"}) {
    RecordingReceiver receiver;
    ASSERT_TRUE(decode::JsonDecoder().decode(body, {}, receiver));
    EXPECT_EQ(receiver.accepted, 999u);
    ASSERT_EQ(receiver.lines.size(), 1'000u);
    EXPECT_EQ(receiver.lines[600], "600 log message=\"\xEF\xBF\xBD\"");
    EXPECT_EQ(receiver.lines[700], "700 missing_field field=message");
  }
}

TEST(JsonWindows, BrokenSyntaxFarInsideAnArrayCostsOneRecord) {
  auto records = random_records(1'000, 200, 8);
  records[600] = R"({"message":"a" "x":1})";
  RecordingReceiver receiver;
  ASSERT_TRUE(decode::JsonDecoder().decode("[" + join(records, ",") + "]", {}, receiver));
  EXPECT_EQ(receiver.accepted, 999u);
  ASSERT_EQ(receiver.lines.size(), 1'000u);
  EXPECT_EQ(receiver.lines[600], "600 invalid_json");
}

TEST(JsonWindows, EveryTruncationOfAnArrayKeepsWhatIsComplete) {
  const auto records = random_records(6, 60, 9);
  const std::string body = "[" + join(records, ",") + "]";
  for (std::size_t size = 1; size < body.size(); ++size) {
    RecordingReceiver receiver;
    ASSERT_TRUE(decode::JsonDecoder().decode(std::string_view(body).substr(0, size), {}, receiver));
    std::size_t complete = 0;
    for (std::size_t end = 1; complete < records.size() && end + records[complete].size() <= size; ++complete) {
      end += records[complete].size() + 1;
    }
    ASSERT_EQ(receiver.accepted, complete) << size;
    ASSERT_EQ(receiver.rejected, 1u) << size;
  }
}

// Each of the lines may begin an object over several lines; searching for the end of each would take minutes.
TEST(JsonWindows, ManyLinesThatGoOnWithoutEndAreNotSearchedAgainForEach) {
  for (const std::string piece : {"{\"a\":\n", "{\"a\":[\n", "{\n", "{\"a\n", "{\"a\t\":\n", "{\"a\":\n{\"a\":\n}", "{\n\\\"\n"}) {
    std::string body;
    while (body.size() < (256u << 10)) body += piece;
    RecordingReceiver receiver;
    ASSERT_TRUE(decode::JsonDecoder().decode(body, {}, receiver)) << piece;
    EXPECT_EQ(receiver.accepted, 0u) << piece;
  }
  // It takes much of that before objects over several lines are no longer found.
  std::string body;
  for (int i = 0; i < 1'000; ++i) body += "{\n\"message\":\"cut\",\n{\n\"message\":\n\"whole\"\n}\n";
  RecordingReceiver receiver;
  ASSERT_TRUE(decode::JsonDecoder().decode(body, {}, receiver));
  EXPECT_EQ(receiver.accepted, 1'000u);
}

TEST(JsonWindows, DeepNestingIsRefusedWithoutHarm) {
  for (const std::size_t depth : {65u, 1'000u, 400'000u}) {
    const std::string open(depth, '[');
    const std::string close(depth, ']');
    std::string objects = "{\"message\":\"a\",\"x\":";
    for (std::size_t i = 0; i < depth / 2; ++i) objects += "{\"x\":";
    objects += "1" + std::string(depth / 2 + 1, '}');
    RecordingReceiver receiver;
    DecodeOptions options;
    options.max_record_bytes = 16 << 20;
    const std::string arrays = "{\"message\":\"a\",\"x\":" + open + close + "}";
    ASSERT_TRUE(decode::JsonDecoder().decode(arrays + "\n" + objects + "\n" + open + close, options, receiver));
    ASSERT_EQ(receiver.lines.size(), 3u);
    EXPECT_EQ(receiver.lines[0], "0 too_deep field=x");
    EXPECT_EQ(receiver.lines[1], depth > 128 ? "1 too_deep field=x" : receiver.lines[1]);
    EXPECT_EQ(receiver.lines[2], "2 invalid_type");
  }
}

TEST(JsonWindows, LongDottedNamesCannotMultiplyMemory) {
  std::string body = "{\"message\":\"a\",\"" + std::string(2'000, 'k') + "\":{";
  for (int i = 0; i < 100; ++i) body += "\"" + std::to_string(i) + "\":1,";
  body.back() = '}';
  body += '}';
  EXPECT_EQ(decode_text(body, {}), "0 invalid_name field=" + std::string(64, 'k'));
}

TEST(JsonWindows, WireBytesAreThoseOfTheRecord) {
  RecordingReceiver receiver;
  ASSERT_TRUE(decode::JsonDecoder().decode("[ {\"message\":\"a\"} ,{\"message\":\"bcd\"}]", {}, receiver));
  EXPECT_EQ(receiver.wire_bytes, (std::vector<std::size_t>{15, 17}));
}

TEST(JsonWindows, AReceiverMayDecodeAgain) {
  struct Nested : RecordReceiver {
    void log(std::size_t, const DecodedLog& log) override {
      RecordingReceiver inner;
      EXPECT_TRUE(decode::JsonDecoder().decode(R"({"message":"inner","x":1})", {}, inner));
      messages.emplace_back(log.message);
    }
    void point(std::size_t, const DecodedPoint&) override {}
    void reject(std::size_t, Error) override {}
    std::vector<std::string> messages;
  } receiver;
  ASSERT_TRUE(decode::JsonDecoder().decode("{\"message\":\"a\\n\"}\n{\"message\":\"b\\n\"}", {}, receiver));
  EXPECT_EQ(receiver.messages, (std::vector<std::string>{"a\n", "b\n"}));
}

}  // namespace
}  // namespace penstock::test
