#include "agent/sender.hpp"

#include <gmock/gmock.h>

#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>

#include "agent/input.hpp"
#include "support/fake_transport.hpp"

namespace penstock::test {
namespace {

using agent::LineFormat;
using agent::Sender;
using agent::SendOptions;

// Gives its texts one after the other, then the end; an empty one stands for a second without input.
class ScriptedInput : public agent::Input {
 public:
  explicit ScriptedInput(std::vector<std::string> texts) : texts_(std::move(texts)) {}

  Result<Got> read(std::string& to, std::chrono::milliseconds) override {
    if (before_) before_(at_);
    if (at_ == texts_.size()) {
      if (failure_) return *failure_;
      return Got::end;
    }
    to += texts_[at_];
    return texts_[at_++].empty() ? Got::nothing : Got::bytes;
  }
  void end_with(Error failure) { failure_ = std::move(failure); }
  void before(std::function<void(std::size_t text)> call) { before_ = std::move(call); }

 private:
  std::vector<std::string> texts_;
  std::size_t at_ = 0;
  std::optional<Error> failure_;
  std::function<void(std::size_t)> before_;
};

class Borrowed : public agent::Input {
 public:
  explicit Borrowed(agent::Input& input) : input_(input) {}
  Result<Got> read(std::string& to, std::chrono::milliseconds patience) override { return input_.read(to, patience); }

 private:
  agent::Input& input_;
};

agent::NamedInput named(std::string name, agent::Input& input) {
  return {std::move(name), [&input]() -> Result<std::unique_ptr<agent::Input>> { return std::unique_ptr<agent::Input>(new Borrowed(input)); }};
}

class Senders : public testing::Test {
 protected:
  int send(const std::string& input) {
    ScriptedInput in({input});
    return send(in);
  }
  int send(agent::Input& in) { return send({named("", in)}); }
  int send(const std::vector<agent::NamedInput>& inputs) {
    out.str("");
    err.str("");
    Sender sender(options, transport, [this](std::chrono::milliseconds pause) {
      pauses.push_back(pause);
      return true;
    });
    return sender.run(inputs, out, err, stop);
  }
  const std::string& body(std::size_t request = 0) const { return transport.requests.at(request).body; }

  SendOptions options;
  StopFlag stop{false};
  FakeTransport transport;
  std::vector<std::chrono::milliseconds> pauses;
  std::ostringstream out, err;
};

TEST_F(Senders, TextLinesBecomeMessages) {
  options.source = "host-1";
  options.severity = "WARN";
  options.fields = {{"room", "attic"}, {"n", "1"}};
  EXPECT_EQ(send("hello \"you\"\r\n\n  \nsecond"), 0);
  ASSERT_EQ(transport.requests.size(), 1u);
  EXPECT_EQ(transport.requests[0].path, "/api/v1/logs");
  EXPECT_EQ(transport.requests[0].key.size(), 32u);
  EXPECT_EQ(body(), "{\"source\":\"host-1\",\"severity\":\"WARN\",\"message\":\"hello \\\"you\\\"\",\"fields\":{\"room\":\"attic\",\"n\":\"1\"}}\n"
                    "{\"source\":\"host-1\",\"severity\":\"WARN\",\"message\":\"second\",\"fields\":{\"room\":\"attic\",\"n\":\"1\"}}\n");
  EXPECT_EQ(out.str(), "sent 2 lines: 2 accepted, 0 rejected\n");
  EXPECT_EQ(err.str(), "");
}

TEST_F(Senders, TextLinesGetTheTimeTheyBeginWithWhenAskedTo) {
  options.lines.line_time = true;
  EXPECT_EQ(send("2026-11-20T13:33:00.5Z started\nno time\n{\"message\":\"2026-11-20T13:33:00Z\"}\n"), 0);
  EXPECT_EQ(body(), "{\"timestamp\":\"2026-11-20T13:33:00.500Z\",\"message\":\"2026-11-20T13:33:00.5Z started\"}\n"
                    "{\"message\":\"no time\"}\n"
                    "{\"message\":\"2026-11-20T13:33:00Z\"}\n");
}

TEST_F(Senders, LongTextGoesInPartsThatAServerTakesHoweverMuchMustBeEscaped) {
  constexpr std::size_t kLimit = 1 << 20;  // of a record
  std::string escaped(400'000, '\x01'), umlauts;
  while (umlauts.size() < 300'000) umlauts += "a\u00e4";
  const std::string json = "{\"message\":\"" + std::string(700'000, 'j') + "\"}";
  EXPECT_EQ(send(escaped + "\n" + umlauts + "\n" + json + "\n"), 0);
  std::map<char, std::string> found;
  int of_json = 0;
  for (const auto& request : transport.requests) {
    std::istringstream lines(request.body);
    for (std::string line; std::getline(lines, line);) {
      EXPECT_LT(line.size(), kLimit);
      const std::string message = nlohmann::json::parse(line)["message"];
      found[message.front() == '\xc3' ? 'a' : message.front()] += message;
      if (message.front() == 'j') ++of_json;
    }
  }
  EXPECT_TRUE(found['\x01'] == escaped);
  EXPECT_TRUE(found['a'] == umlauts) << "cut before characters only";
  EXPECT_EQ(of_json, 1);
}

TEST_F(Senders, JsonLinesAreReadAsTheServerReadsThemAndGetWhatTheyLack) {
  options.source = "host-1";
  options.severity = "WARN";
  options.fields = {{"room", "attic"}};
  EXPECT_EQ(send("{\"message\":\"a\",\"n\":123456789012345678901234567890,\"r\":1.50,\"deep\":{\"list\":[1,2]}}\n"
                 " {\"msg\":\"b\",\"host\":\"h\",\"level\":\"info\",\"room\":7}\n{}\n{broken\n"),
            0);
  EXPECT_EQ(body(), "{\"source\":\"host-1\",\"severity\":\"WARN\",\"message\":\"a\",\"fields\":{\"n\":123456789012345678901234567890,\"r\":1.5,\"deep.list\":[1,2],\"room\":\"attic\"}}\n"
                    "{\"source\":\"h\",\"severity\":\"INFO\",\"message\":\"b\",\"fields\":{\"room\":7}}\n"
                    "{\"source\":\"host-1\",\"severity\":\"WARN\",\"message\":\"{}\",\"fields\":{\"room\":\"attic\"}}\n"
                    "{\"source\":\"host-1\",\"severity\":\"WARN\",\"message\":\"{broken\",\"fields\":{\"room\":\"attic\"}}\n");
}

TEST_F(Senders, TheSourceIsADefaultAlsoWhereAHostIsAnObject) {
  options.source = "host-1";
  EXPECT_EQ(send("{\"message\":\"a\",\"host\":{\"ip\":\"10.0.0.1\"}}\n{\"message\":\"c\",\"host\":\"h\"}\n"), 0);
  EXPECT_EQ(body(), "{\"source\":\"host-1\",\"message\":\"a\",\"fields\":{\"host.ip\":\"10.0.0.1\"}}\n"
                    "{\"source\":\"h\",\"message\":\"c\"}\n");
}

TEST_F(Senders, NamesOfMembersCanBeTold) {
  options.lines.message_field = "event.text";
  options.lines.time_field = "when";
  options.lines.severity_field = "sev";
  options.lines.source_field = "unit,box";
  EXPECT_EQ(send(R"({"event":{"text":"started","id":7},"when":1795181580,"sev":"error","box":"b1","message":"other"})" "\n"), 0);
  EXPECT_EQ(body(), R"({"timestamp":"2026-11-20T13:33:00Z","source":"b1","severity":"ERROR","message":"started","fields":{"event.id":7,"message":"other"}})" "\n");
}

TEST_F(Senders, LinesOfContainersLoseTheirEnvelopeAndPartsAreJoined) {
  const std::string input =
      R"({"log":"plain\n","stream":"stdout","time":"2026-11-20T13:33:00.1Z"})" "\n"
      R"({"log":"{\"level\":\"warn\",\"msg\":\"of a program\",\"n\":1}\n","stream":"stderr","time":"2026-11-20T13:33:00.2Z"})" "\n"
      R"({"log":"first ","stream":"stdout","time":"2026-11-20T13:33:00.3Z"})" "\n"
      R"({"log":"other\n","stream":"stderr","time":"2026-11-20T13:33:00.4Z"})" "\n"
      R"({"log":"second\n","stream":"stdout","time":"2026-11-20T13:33:00.5Z"})" "\n"
      "2026-11-20T13:33:00.6+00:00 stdout P one \n2026-11-20T13:33:00.7+00:00 stdout F two\n"
      "2026-11-20T13:33:00.8+00:00 stderr F {\"msg\":\"json\",\"time\":\"2026-11-20T13:00:00Z\"}\n"
      "2026-11-20T13:33:00.9+00:00 stdin F x\n";
  EXPECT_EQ(send(input), 0);
  EXPECT_EQ(body(), R"({"timestamp":"2026-11-20T13:33:00.100Z","message":"plain","fields":{"stream":"stdout"}})" "\n"
                    R"({"timestamp":"2026-11-20T13:33:00.200Z","severity":"WARN","message":"of a program","fields":{"n":1,"stream":"stderr"}})" "\n"
                    R"({"timestamp":"2026-11-20T13:33:00.400Z","message":"other","fields":{"stream":"stderr"}})" "\n"
                    R"({"timestamp":"2026-11-20T13:33:00.300Z","message":"first second","fields":{"stream":"stdout"}})" "\n"
                    R"({"timestamp":"2026-11-20T13:33:00.600Z","message":"one two","fields":{"stream":"stdout"}})" "\n"
                    R"({"timestamp":"2026-11-20T13:00:00Z","message":"json","fields":{"stream":"stderr"}})" "\n"
                    R"({"message":"2026-11-20T13:33:00.9+00:00 stdin F x"})" "\n");
  EXPECT_EQ(out.str(), "sent 7 lines: 7 accepted, 0 rejected\n") << "what is joined counts once";
}

TEST_F(Senders, ATraceIsOneRecordWhenAskedForWhetherOrNotMoreComes) {
  options.lines.multiline = agent::Multiline::traces;
  ScriptedInput in({"a\nb\n\tat x\n", "\tat y\n", "", "c\n"});
  std::vector<std::size_t> requests;
  in.before([&](std::size_t) { requests.push_back(transport.requests.size()); });
  EXPECT_EQ(send(in), 0);
  EXPECT_EQ(transport.stored, "{\"message\":\"a\"}\n{\"message\":\"b\\n\\tat x\\n\\tat y\"}\n{\"message\":\"c\"}\n");
  EXPECT_THAT(requests, testing::ElementsAre(0u, 0u, 0u, 1u, 1u)) << "it does not wait for a line that does not come";
  EXPECT_EQ(out.str(), "sent 3 lines: 3 accepted, 0 rejected\n");
}

TEST_F(Senders, SeveralInputsGoOneAfterTheOtherAndErrorsNameThem) {
  options.lines.format = LineFormat::json;
  ScriptedInput first({"{\"message\":\"a\"}"}), second({"{\"message\":\"b\"}\nno\n"});
  const agent::NamedInput absent{"gone.log", []() -> Result<std::unique_ptr<agent::Input>> { return Error{ErrorCode::io_error, "gone.log is not there", ""}; }};
  EXPECT_EQ(send({named("a.log", first), absent, named("b.log", second)}), 2);
  EXPECT_EQ(transport.stored, "{\"message\":\"a\"}\n{\"message\":\"b\"}\n") << "the end of a file ends its last line";
  EXPECT_THAT(err.str(), testing::HasSubstr("b.log line 2: this line is not"));
  EXPECT_THAT(err.str(), testing::HasSubstr("gone.log is not there"));
}

TEST_F(Senders, TheFormatCanBeForced) {
  options.lines.format = LineFormat::text;
  EXPECT_EQ(send("{\"a\":1}\n"), 0);
  EXPECT_EQ(body(), "{\"message\":\"{\\\"a\\\":1}\"}\n");
  options.lines.format = LineFormat::json;
  EXPECT_EQ(send("text\n{\"message\":\"a\"}\n"), 1);
  EXPECT_EQ(out.str(), "sent 2 lines: 1 accepted, 1 rejected\n");
  EXPECT_EQ(err.str(), "line 1: this line is not a JSON object that holds a record\n");
}

TEST_F(Senders, MetricsAreJsonOrNameAndValue) {
  options.metrics = true;
  options.source = "pi";
  options.fields = {{"room", "attic"}};
  EXPECT_EQ(send("cpu.usage 12.5\nram=7 \nload 1 1795181580\n{\"name\":\"a\",\"value\":1}\nrubbish\nx NaN\na b c d\n"), 1);
  ASSERT_EQ(transport.requests.size(), 1u);
  EXPECT_EQ(transport.requests[0].path, "/api/v1/metrics");
  EXPECT_EQ(body(), "{\"source\":\"pi\",\"labels\":{\"room\":\"attic\"},\"name\":\"cpu.usage\",\"value\":12.5}\n"
                    "{\"source\":\"pi\",\"labels\":{\"room\":\"attic\"},\"name\":\"ram\",\"value\":7}\n"
                    "{\"source\":\"pi\",\"timestamp\":\"1795181580\",\"labels\":{\"room\":\"attic\"},\"name\":\"load\",\"value\":1}\n"
                    "{\"source\":\"pi\",\"room\":\"attic\",\"name\":\"a\",\"value\":1}\n");
  EXPECT_EQ(out.str(), "sent 7 lines: 4 accepted, 3 rejected\n");
}

TEST_F(Senders, BatchesAreBoundedInLinesAndBytes) {
  options.batch = 3;
  EXPECT_EQ(send("1\n2\n3\n4\n5\n6\n7\n"), 0);
  EXPECT_EQ(transport.requests.size(), 3u);
  EXPECT_NE(transport.requests[0].key, transport.requests[1].key);
  transport.requests.clear();
  options.batch = 1'000;
  options.batch_bytes = 30;
  EXPECT_EQ(send("1\n2\n3\n4\n"), 0);
  EXPECT_EQ(transport.requests.size(), 2u);
}

TEST_F(Senders, OverloadIsWaitedOutUnderTheSameKey) {
  transport.answer(503, {}, std::chrono::seconds(7));
  transport.fail("connection reset");
  transport.answer(429);
  transport.answer(408);
  EXPECT_EQ(send("a\n"), 0);
  ASSERT_EQ(transport.requests.size(), 5u);
  for (const auto& request : transport.requests) EXPECT_EQ(request.key, transport.requests[0].key);
  ASSERT_EQ(pauses.size(), 4u);
  EXPECT_EQ(pauses[0], std::chrono::seconds(7)) << "Retry-After";
  EXPECT_EQ(out.str(), "sent 1 lines: 1 accepted, 0 rejected\n");
}

TEST_F(Senders, GivesUpAfterALongTime) {
  transport.set_down(true);
  options.batch = 1;
  EXPECT_EQ(send("a\nb\n"), 2);
  EXPECT_THAT(err.str(), testing::HasSubstr("giving up at line 1: connection refused"));
  EXPECT_EQ(out.str(), "sent 1 lines: 0 accepted, 0 rejected\n");
  std::chrono::milliseconds waited{0};
  for (const auto pause : pauses) waited += pause;
  EXPECT_GT(waited, std::chrono::minutes(4));
  EXPECT_LE(waited, std::chrono::minutes(5));
}

TEST_F(Senders, RejectionsAreNamedByLineAndTheFirstTwentyShown) {
  std::string errors;
  std::string input = "\n";  // so that lines and indexes differ
  for (int i = 0; i < 25; ++i) {
    errors += (i > 0 ? "," : "") + std::string(R"({"index":)") + std::to_string(i) + R"(,"field":"timestamp","code":"timestamp_too_old","message":"too old"})";
    input += "x\n";
  }
  transport.answer(200, R"({"accepted":1,"rejected":25,"errors":[)" + errors + "]}");
  EXPECT_EQ(send(input + "good\n"), 1);
  EXPECT_EQ(out.str(), "sent 26 lines: 1 accepted, 25 rejected\n");
  EXPECT_THAT(err.str(), testing::StartsWith("line 2: timestamp_too_old (timestamp): too old\n"));
  EXPECT_THAT(err.str(), testing::HasSubstr("line 21: "));
  EXPECT_THAT(err.str(), testing::Not(testing::HasSubstr("line 22: ")));
  EXPECT_THAT(err.str(), testing::HasSubstr("... and 5 more\n"));
}

TEST_F(Senders, ARefusedRequestIsNotTriedAgainAndTheNextGoesOn) {
  options.batch = 1;
  transport.answer(422, R"({"error":{"code":"nothing_accepted","message":"no"},"accepted":0,"rejected":1,"errors":[{"index":0,"code":"c","message":"m"}]})");
  EXPECT_EQ(send("a\nb\n"), 1);
  EXPECT_EQ(transport.requests.size(), 2u);
  EXPECT_EQ(out.str(), "sent 2 lines: 1 accepted, 1 rejected\n");
  EXPECT_EQ(err.str(), "line 1: c: m\n");
}

TEST_F(Senders, WithoutARightItStopsAtOnce) {
  options.batch = 1;
  transport.answer(401, R"({"error":{"code":"unauthorized","message":"give a token"}})");
  EXPECT_EQ(send("a\nb\nc\n"), 2);
  EXPECT_EQ(transport.requests.size(), 1u);
  EXPECT_THAT(err.str(), testing::HasSubstr("unauthorized: give a token"));
}

TEST_F(Senders, ATooLargeRequestIsHalved) {
  transport.answer(413);
  transport.answer(413);
  EXPECT_EQ(send("1\n2\n3\n4\n"), 0);
  EXPECT_EQ(out.str(), "sent 4 lines: 4 accepted, 0 rejected\n");
  EXPECT_EQ(transport.stored, body());
}

TEST_F(Senders, LongLinesAreSplitBetweenCharacters) {
  options.max_line_bytes = 16;
  EXPECT_EQ(send("0123456789abcdefXYZ\n0123456789abcde\xC3\xA9z\n0123456789abcdef\nend"), 0);
  EXPECT_EQ(body(), "{\"message\":\"0123456789abcdef\"}\n{\"message\":\"XYZ\"}\n{\"message\":\"0123456789abcde\"}\n"
                    "{\"message\":\"\xC3\xA9z\"}\n{\"message\":\"0123456789abcdef\"}\n{\"message\":\"end\"}\n");
}

TEST_F(Senders, BytesThatAreNoTextAreRepaired) {
  EXPECT_EQ(send("a\xFFz\n"), 0);
  EXPECT_EQ(body(), "{\"message\":\"a\xEF\xBF\xBDz\"}\n");
}

TEST_F(Senders, LinesThatComeInPiecesAreCutAsIfTheyCameAtOnce) {
  options.max_line_bytes = 16;
  options.gather = std::chrono::hours(1);
  const std::string input = "0123456789abcdefXYZ\r\n0123456789abcdef\r\n0123456789abcde\xC3\xA9z\n\nend\r";
  EXPECT_EQ(send(input), 0);
  const std::string whole = body();
  std::vector<std::string> bytes;
  for (const char c : input) bytes.emplace_back(1, c);
  transport.requests.clear();
  ScriptedInput in(bytes);
  EXPECT_EQ(send(in), 0);
  EXPECT_EQ(body(), whole);
  EXPECT_EQ(out.str(), "sent 4 lines: 4 accepted, 0 rejected\n");
}

TEST_F(Senders, LinesDoNotWaitForOthersThatDoNotCome) {
  ScriptedInput in({"a\nb\nhalf", "", " a line\n", "", ""});
  std::vector<std::size_t> requests;
  in.before([&](std::size_t) { requests.push_back(transport.requests.size()); });
  EXPECT_EQ(send(in), 0);
  EXPECT_THAT(requests, testing::ElementsAre(0u, 0u, 1u, 1u, 2u, 2u));
  EXPECT_EQ(body(), "{\"message\":\"a\"}\n{\"message\":\"b\"}\n");
  EXPECT_EQ(body(1), "{\"message\":\"half a line\"}\n");
}

TEST_F(Senders, LinesDoNotWaitForOthersThatKeepComing) {
  options.gather = std::chrono::milliseconds(0);
  ScriptedInput in({"a\n", "b\n"});
  EXPECT_EQ(send(in), 0);
  EXPECT_EQ(transport.requests.size(), 2u);
}

TEST_F(Senders, WhenToldToStopItSendsWhatWasReadAndReadsNoMore) {
  ScriptedInput in({"a\nb", "", "\nnever read\n"});
  in.before([&](std::size_t text) { stop = text == 1; });
  EXPECT_EQ(send(in), 0);
  EXPECT_EQ(transport.stored, "{\"message\":\"a\"}\n{\"message\":\"b\"}\n");
}

TEST_F(Senders, AnInputThatCannotBeReadIsSaidAfterWhatWasReadIsSent) {
  ScriptedInput in({"a\n"});
  in.end_with({ErrorCode::io_error, "the input cannot be read: it is a folder", ""});
  EXPECT_EQ(send(in), 2);
  EXPECT_EQ(transport.stored, "{\"message\":\"a\"}\n");
  EXPECT_THAT(err.str(), testing::HasSubstr("it is a folder"));
}

TEST_F(Senders, AnOverlongLineOfJsonIsOneRefusedLine) {
  options.max_line_bytes = 20;
  const std::string longer = "{\"message\":\"" + std::string(100, 'x') + "\"}\n";
  for (const LineFormat format : {LineFormat::json, LineFormat::detect}) {
    options.lines.format = format;
    transport.stored.clear();
    EXPECT_EQ(send("{\"message\":\"a\"}\n" + longer + "{\"message\":\"b\"}\n"), 1);
    EXPECT_EQ(transport.stored, "{\"message\":\"a\"}\n{\"message\":\"b\"}\n");
    EXPECT_EQ(out.str(), "sent 3 lines: 2 accepted, 1 rejected\n");
    EXPECT_EQ(err.str(), "line 2: this line has more than 20 bytes, and only text is sent in parts\n");
  }
}

TEST_F(Senders, TheSummaryCountsLinesAlsoOfTextThatGoesInParts) {
  options.max_line_bytes = 16;
  options.batch = 2;
  const std::string part(16, 'x');
  transport.answer(200);
  transport.answer(200, R"({"accepted":1,"rejected":1,"errors":[{"index":0,"code":"x","message":"y"}]})");
  EXPECT_EQ(send(part + part + part + "\nb\n"), 1);
  EXPECT_EQ(out.str(), "sent 2 lines: 1 accepted, 1 rejected\n");
}

TEST_F(Senders, AUrlThatCannotBeUsedIsSaidAtOnce) {
  for (const char* url : {"", "localhost:8080", "http://", "http://host:port", "ftp://host", "http://a b"}) {
    options.url = url;
    EXPECT_EQ(send("a\n"), 2) << url;
    EXPECT_THAT(err.str(), testing::HasSubstr("The URL cannot be used")) << url;
  }
  EXPECT_TRUE(transport.requests.empty());
}

TEST_F(Senders, WrongOptionsAreSaid) {
  options.batch = 0;
  EXPECT_EQ(send("a\n"), 2);
  EXPECT_NE(err.str(), "");
}

}  // namespace
}  // namespace penstock::test
