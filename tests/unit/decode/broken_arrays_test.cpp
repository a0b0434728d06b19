// Broken syntax within an array costs the record that it is in, and no other that can be told apart from it.
#include <random>

#include "body_case.hpp"
#include "decode/body_reader.hpp"

namespace penstock::test {
namespace {

using namespace std::string_literals;

// One letter: a log with that message. '!': invalid_json, '?': invalid_type, '^': too large.
std::string outcome(std::string_view kinds) {
  std::string lines;
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    if (i > 0) lines += '\n';
    lines += std::to_string(i) + " ";
    switch (kinds[i]) {
      case '!': lines += "invalid_json"; break;
      case '?': lines += "invalid_type"; break;
      case '^': lines += "record_too_large"; break;
      default: lines += "log message=\"" + std::string(1, kinds[i]) + "\"";
    }
  }
  return lines;
}

// `body` may say a for {"message":"a"}, and so on to f, outside of quotes.
std::string spelled_out(std::string_view body) {
  std::string text;
  bool inside = false;
  for (const char c : body) {
    if (c == '"') inside = !inside;
    if (!inside && c >= 'a' && c <= 'f') {
      text += R"({"message":")" + std::string(1, c) + R"("})";
    } else {
      text += c;
    }
  }
  return text;
}

void expect_outcomes(const std::vector<std::pair<std::string, std::string>>& bodies, const DecodeOptions& options = {}) {
  std::vector<BodyCase> cases;
  for (const auto& [body, kinds] : bodies) cases.push_back({spelled_out(body), outcome(kinds)});
  expect_cases(cases, options);
}

const std::vector<std::string>& bad_records() {
  static const std::vector<std::string> all = {
      R"({"message":Nan})",
      R"({"message" "x"})",
      R"({"message":"x",})",
      R"({,"message":"x"})",
      R"({"message":"x" "y":1})",
      R"({message:"x"})",
      R"({'message':'x'})",
      R"({"message":"x","y":01})",
      R"({"message":"\q"})",
      R"({"message":\"x"})",
      R"({"message":"]},{[","y":+1})",
      R"({"message":"x\"]},{[\\","y":+1})",
      R"({"message":"x","y":[1,[2,{"z":[tru]}]],"w":{"v":{}}})",
      R"({"message":"x","y":[1,2})",
      R"({"message":"x","y":[{"z":1],"w":2})",
      R"({"message":"x","y":1,2],"w":2})",
      R"({"message":"x","y":"z":1},"w":2})",
      R"({"message":"x","y":"z":1},"w":{"v":"]"},"u":[1,2]})",
      R"({})",
      R"({"message":Nan} tail)",
      R"({"message":Nan}})",
      R"(Nan)",
      R"(nul)",
      R"(x y z)",
      R"('text')",
      R"(1 2)",
      R"("text" "text")",
      R"(:)",
      R"(})",
      R"(})})",
      R"([1,Nan,{"a":[2,3]}])",
      R"(Nan{"a":[1,2], "b":"]},"} x)",
      "\x01",
      "{\"message\":\"x\"\x1B}",
      "{\"message\":\"x\\\ty\"}",
      "{\"message\":\"\xFF\",\"y\":Nan}",
  };
  return all;
}

TEST(BrokenArrays, ABadRecordFirstInTheMiddleOrLastCostsItself) {
  for (const std::string& bad : bad_records()) {
    const std::string kind = bad == "{}" ? " missing_field field=message" : " invalid_json";
    const std::string a = R"({"message":"a"})", b = R"({"message":"b"})";
    const std::string log_a = R"( log message="a")", log_b = R"( log message="b")";
    expect_cases({{"[" + bad + "," + a + "," + b + "]", "0" + kind + "\n1" + log_a + "\n2" + log_b},
                  {"[" + a + "," + bad + "," + b + "]", "0" + log_a + "\n1" + kind + "\n2" + log_b},
                  {"[ " + a + " , " + bad + " ,\n" + b + " ]", "0" + log_a + "\n1" + kind + "\n2" + log_b},
                  {"[" + a + "," + b + "," + bad + "]", "0" + log_a + "\n1" + log_b + "\n2" + kind},
                  {"[" + bad + "," + a + "," + bad + "," + bad + "," + b + "]",
                   "0" + kind + "\n1" + log_a + "\n2" + kind + "\n3" + kind + "\n4" + log_b},
                  {"[" + bad + "]", "0" + kind}},
                 {});
  }
}

TEST(BrokenArrays, MetricPointsToo) {
  DecodeOptions options;
  options.kind = RecordKind::metric;
  expect_cases({{R"([{"metrics":{"a":1}},{"metrics":{"a":Nan}},{"metrics":{"a":2}}])", "0 point a=1\n1 invalid_json\n2 point a=2"},
                {R"([{"metrics":{"a":-infinity}},{"metrics":{"a":1}},{"metrics":{"a":,"b":2}}])",
                 "0 invalid_json\n1 point a=1\n2 invalid_json"}},
               options);
}

TEST(BrokenArrays, CommasAndBracketsBetweenRecords) {
  expect_outcomes({
      {"[a b]", "ab"},
      {"[a\nb,c d]", "abcd"},
      {"[{\"message\":Nan} b]", "!b"},
      {"[1 b]", "?b"},
      {"[a,]", "a!"},
      {"[a , ]", "a!"},
      {"[a,,b]", "a!b"},
      {"[a,,,b]", "a!!b"},
      {"[,a]", "!a"},
      {"[,]", "!!"},
      {"[a:b,c]", "a!c"},
      {"[a},b]", "a!b"},
      {"[a}}},b]", "a!b"},
      {"[a x,b]", "a!b"},
      {"[a \"]\" ,b]", "a!b"},
      {"[a,\"x\":1},b]", "a!b"},
      {"[a,\"x\":[1,2],\"y\":3},b]", "a!b"},
      {"[a,\"x\",b]", "a?b"},
      {"[a [1],b]", "a!b"},
      {"[a", "a!"},
      {"[a,", "a!"},
      {"[a,b", "ab!"},
      {"[", "!"},
      {"[x", "!!"},
  });
}

TEST(BrokenArrays, WhatFollowsTheArrayIsToldAndItsRecordsAreKept) {
  expect_outcomes({
      {"[a] tail", "a!"},
      {"[a]]", "a!"},
      {"[a] ,", "a!"},
      {"[a]b", "a!b"},
      {"[a]\nb\nc\n", "a!bc"},
      {"[a],b,c]", "a!bc"},
      {"[a] tail, b", "a!b"},
      {"[a][b]", "a!b"},
      {"[a]\n[b,{\"message\":Nan},c]\n[d]\n", "a!b!c!d"},
      {"[a][b", "a!b!"},
      {"[][]", "!"},
      {"[a]\"open, b", "a!"},
  });
}

TEST(BrokenArrays, ARecordWithoutEndEndsTheReading) {
  expect_outcomes({
      {R"([a,{"message":"b",c])", "a!"},
      {R"([a,{"message":"open},b,c])", "a!"},
      {R"([a,{"message":"x","y":{"z":1},b,c])", "a!"},
      {R"([a,[1,2,{"y":1)", "a!"},
      {R"([a,"open)", "a!"},
      {R"([a,x{,b])", "a!"},
      {R"([a x"open,b])", "a!"},
      {R"([a,{"message":Nan} x"open,b])", "a!"},
      {R"([{)", "!"},
  });
}

std::vector<std::string> messages_of(std::string_view body, const DecodeOptions& options = {}) {
  RecordingReceiver receiver;
  EXPECT_TRUE(decode::JsonDecoder().decode(body, options, receiver)) << body;
  return receiver.messages;
}

TEST(BrokenArrays, TheMessageSaysWhatWasNotRead) {
  const auto of = [](const std::string& body) { return messages_of(spelled_out(body)); };
  const auto expected = [](const std::string& what) { return "This is not valid JSON: expected " + what + " of the body."; };
  const std::string end_of_17 = "a closing quote or bracket for the record that starts at byte 17";
  const std::string not_read = " What follows in the body was not read.";
  EXPECT_EQ(of(R"([a,{"message":"open},b])"), std::vector<std::string>{expected(end_of_17) + not_read});
  EXPECT_EQ(of("[a,x{,b]"), std::vector<std::string>{expected(end_of_17) + not_read});
  EXPECT_EQ(of("[a x{,b]"), std::vector<std::string>{expected("a comma or ] at byte 17") + not_read});
  EXPECT_EQ(of("[a]{,b]"), (std::vector<std::string>{expected("nothing after the array at byte 17"), expected(end_of_17) + not_read}));
}

// '#' in a body marks the byte that its only error must name; it is taken out.
std::string marked_byte(std::string body, const std::string& expected) {
  const std::size_t mark = body.find('#');
  body.erase(mark, 1);
  const std::vector<std::string> found = messages_of(body);
  const std::string wanted = "This is not valid JSON: expected " + expected + " at byte " + std::to_string(mark) + " of the body.";
  if (found.size() == 1 && found[0] == wanted) return "";
  return body + "\n  wanted: " + wanted + "\n  found:  " + (found.empty() ? "no error" : found[0]) + "\n";
}

TEST(BrokenSyntax, TheByteNamedIsWhereTheProblemIs) {
  const std::string a = R"({"message":"a"})";
  std::string wrong;
  for (const auto& [before, after] : {std::pair{"[" + a + ",", "," + a + "]"}, std::pair{a + "\n", "\n" + a}, std::pair{""s, ""s}}) {
    const auto expect = [&](const std::string& record, const std::string& expected) { wrong += marked_byte(before + record + after, expected); };
    expect(R"({"message":#Nan})", "a value");
    expect(R"({"message":"x","y":#01})", "a number as JSON spells it");
    expect(R"({"message" #1})", "a colon");
    expect(R"({"message":"x"#"y":1})", "a comma or }");
    expect(R"({"message":"x",#})", "a name in quotes");
    expect(R"({"message":"x\n\u0041yz#\q"})", "an escape that JSON knows");
    expect(R"({"message":"x\\\\#\u12G4"})", "an escape that JSON knows");
    expect(R"({"message":"x","y":["z#\x"]})", "an escape that JSON knows");
    expect("{\"message\":\"x#\\\ty\"}", "an escape that JSON knows");
    expect(R"({"message":#\"x"})", "no backslash outside of quotes");
    expect("{\"message\":\"\xFF\xFFz\xF0\x9F\xC3\xA9\",\"y\":#Nan}", "a value");
    expect("{\"message\":\"tab\there\xFF\",\"y\":#Nan}", "a value");
    expect("{\"message\":\"x\0\0\0\",\"y\":\"#\\q\"}"s, "an escape that JSON knows");
    expect("{\"message\":\"\xFF\"#\x01}", "a comma or }");
  }
  EXPECT_EQ(wrong, "");
  EXPECT_EQ(marked_byte(R"({"message":"a"}#})", "nothing more on this line"), "");
  EXPECT_EQ(marked_byte("{\"message\":\"a\xFF#", "a closing quote"), "");
  EXPECT_EQ(marked_byte("[#}," + a + "]", "a record"), "");
  EXPECT_EQ(marked_byte("[" + a + "#}," + a + "]", "a comma or ]"), "");
}

TEST(BrokenArrays, TheExtentOfABadRecordDoesNotDependOnItsPlaceInAWindow) {
  constexpr std::size_t window = decode::BodyReader::kWindow;
  for (const std::string& bad : bad_records()) {
    for (std::size_t shift = 0; shift < bad.size() + 24; shift += 1 + shift / 4) {
      // The bad record lies across the place where the first window may be cut.
      std::string body = R"([{"message":"a"},{"message":")";
      body.append(window - shift - body.size() + 8, 'x');
      body += R"("},)" + bad + R"(,{"message":"b"})";
      for (int i = 0; i < 600; ++i) body += R"(,{"message":"tail of some length"})";
      body += "]";
      RecordingReceiver receiver;
      ASSERT_TRUE(decode::JsonDecoder().decode(body, {}, receiver));
      ASSERT_EQ(receiver.lines.size(), 604u) << bad << " " << shift;
      ASSERT_EQ(receiver.rejected, 1u) << bad << " " << shift;
      ASSERT_TRUE(receiver.lines[2].starts_with("2 invalid_json") || receiver.lines[2].starts_with("2 missing_field")) << bad << " " << shift;
      ASSERT_EQ(receiver.lines[3], R"(3 log message="b")");
    }
  }
}

TEST(BrokenArrays, TooLargeAndBrokenRecordsAreToldApart) {
  DecodeOptions options;
  options.max_record_bytes = 100;
  const std::string big = R"({"message":")" + std::string(100, 'x') + "\"}";
  const std::string bad_big = R"({"message":Nan,"y":")" + std::string(100, 'x') + "\"}";
  expect_outcomes({{"[a," + big + ",b]", "a^b"}, {"[a,Nan," + bad_big + ",b," + big + ",c]", "a!^b^c"}}, options);
}

// What a decoder does with many records, counted.
struct Counts : RecordReceiver {
  void log(std::size_t, const DecodedLog&) override { ++accepted; }
  void point(std::size_t, const DecodedPoint&) override { ++accepted; }
  void reject(std::size_t, Error error) override { ++(error.code == ErrorCode::invalid_json ? invalid : other); }
  std::size_t accepted = 0, invalid = 0, other = 0;
};

Counts counts_of(const std::string& body) {
  Counts counts;
  const Result<void> result = decode::JsonDecoder().decode(body, {}, counts);
  EXPECT_TRUE(result || result.error().code == ErrorCode::nothing_accepted);
  return counts;
}

void expect_alternating(const std::string& bad, std::size_t bytes) {
  const std::string pair = R"({"message":"good"},)" + bad + ",";
  std::string body = "[";
  std::size_t pairs = 0;
  for (; body.size() < bytes; ++pairs) body += pair;
  body.back() = ']';
  const Counts counts = counts_of(body);
  EXPECT_EQ(counts.accepted, pairs) << bad;
  EXPECT_EQ(counts.invalid, pairs) << bad;
  EXPECT_EQ(counts.other, 0u) << bad;
}

// Were the rest of the body, or of a window, looked at again for each record, these would take minutes.
TEST(BrokenArrays, ManyBadRecordsAreOnlyAsMuchWorkAsTheyAreMany) {
  for (const std::string bad : {R"({"message":Nan})", "x", R"({"message":"x","y":[1,2})"}) expect_alternating(bad, 4 << 20);
  for (const std::string& bad : bad_records()) {
    if (bad != "{}") expect_alternating(bad, 200 << 10);
  }
}

TEST(BrokenArrays, BodiesMadeToBeSlowAreNot) {
  constexpr std::size_t size = 256 << 10;
  const auto repeated = [](std::string_view piece) {
    std::string body = "[";
    while (body.size() < size) body += piece;
    return body;
  };
  const std::vector<std::string_view> pieces = {
      "[", "{", "]", "}", ",", "\"", ":", "x", "1", "1 ", "\t", "\x01", "x{", "{]", "[}", "]\"", "[]", "{}", "{}][", "{},][", "{}x,", "{}\n[]",
      "{}}", "\\\"", "\"\\\"", "\"a\" ", "\"a\":", "{\"a\":[", "{\"a\",", "{\"a\":{},{", "{\"\x01\":", "{\"a\":[}}}}}}}}", "{}}}}}}}},\"a\":",
      "{\"a\":\"}\"}{\"a\":\"\\\"}", "{x},\"long text\",", "{\"message\":\"\x01\"},", "{\"message\":\"\xFF\"},", "{\"message\":\"a\",\"open},",
  };
  for (const std::string_view piece : pieces) {
    const std::string body = repeated(piece);
    for (const std::string& one : {body, body + "]", "[1," + body}) {
      const Counts counts = counts_of(one);
      EXPECT_LE(counts.accepted + counts.invalid + counts.other, one.size()) << piece;
    }
  }
}

// A record of `index` with a number, a list and an object in it, and texts full of brackets.
std::string record_of(std::size_t index, std::mt19937& random) {
  static const std::vector<std::string> texts = {"plain", "]},{[", "a\\\"b", "\\\\", "\\u00e9", ": ,", "{\\\"a\\\":[1,2]}", ""};
  const auto text = [&] { return "\"" + texts[random() % texts.size()] + "\""; };
  return R"({"n":)" + std::to_string(index) + R"(,"list":[1,)" + text() + R"(,{"x":null}],"object":{"a":)" + text() +
         R"(,"b":-1.5},"message":)" + text() + "}";
}

// Where a token starts that is no string and not one of `but`.
std::size_t random_token(const std::string& record, std::string_view but, std::mt19937& random) {
  std::vector<std::size_t> places;
  bool inside = false;
  for (std::size_t i = 0; i < record.size(); ++i) {
    if (inside && record[i] == '\\') {
      ++i;
    } else if (record[i] == '"') {
      inside = !inside;
    } else if (!inside && but.find(record[i]) == std::string_view::npos) {
      places.push_back(i);
    }
  }
  return places[random() % places.size()];
}

// A place within a string where no escape is torn.
std::size_t random_place_in_text(const std::string& record, std::mt19937& random) {
  const std::size_t message = record.find("\"message\":\"") + 11;
  return random() % 2 == 0 ? message : 2;
}

TEST(BrokenArrays, OneBrokenRecordLeavesAllOthersTheirPlaces) {
  std::mt19937 random(20261126);
  for (int round = 0; round < 3'000; ++round) {
    const std::size_t count = 1 + random() % (round % 100 == 0 ? 900 : 12);
    const std::size_t broken = random() % count;
    std::vector<std::string> records;
    for (std::size_t i = 0; i < count; ++i) records.push_back(record_of(i, random));
    enum { kept, refused, either } fate = either;
    std::string& victim = records[broken];
    switch (random() % 3) {
      case 0:
        victim.insert(random_place_in_text(victim, random), 1, static_cast<char>(random() % 32));
        fate = kept;
        break;
      case 1:
        // Not the first or last bracket, nor one that closes an object: then the end of the record cannot be told. Numbers with fewer
        // digits are still numbers.
        victim.erase(1 + random_token(victim.substr(1, victim.size() - 2), "}0123456789nul", random), 1);
        break;
      default:
        victim.replace(victim.find("-1.5"), 4, "Nan");
        fate = refused;
    }
    std::string body = "[";
    for (const std::string& record : records) body += (body.size() > 1 ? "," : "") + record;
    body += "]";
    RecordingReceiver receiver;
    ASSERT_TRUE(decode::JsonDecoder().decode(body, {}, receiver));
    ASSERT_EQ(receiver.lines.size(), count) << body;
    for (std::size_t i = 0; i < count; ++i) {
      const bool accepted = receiver.lines[i].starts_with(std::to_string(i) + " log ");
      if (i != broken) {
        ASSERT_TRUE(accepted) << body;
        ASSERT_NE(receiver.lines[i].find(" n=i" + std::to_string(i) + " "), std::string::npos) << body;
      } else if (fate != either) {
        ASSERT_EQ(accepted, fate == kept) << body;
      }
    }
  }
}

}  // namespace
}  // namespace penstock::test
