// Events: query strings, forms and JSON bodies.
#include "body_case.hpp"
#include "decode/event_decoder.hpp"
#include "decode/registry.hpp"

namespace penstock::test {
namespace {

std::string event_text(std::string_view body, const DecodeOptions& options = {}) {
  RecordingReceiver receiver;
  const Result<void> result = decode::find("event")->decode(body, options, receiver);
  if (!result) return "error " + std::string(error_name(result.error().code));
  std::string text = receiver.text();
  if (!text.empty()) text.pop_back();
  return text;
}

TEST(Registry, KnowsTheFormats) {
  ASSERT_NE(decode::find("json"), nullptr);
  EXPECT_EQ(decode::find("json")->name(), "json");
  EXPECT_EQ(decode::find("event")->name(), "event");
  EXPECT_EQ(decode::find("xml"), nullptr);
  EXPECT_EQ(decode::names().size(), 2u);
}

TEST(Events, FormsAreDecodedProperly) {
  const std::vector<BodyCase> cases = {
      {"message=hello+world", R"(0 log source=event message="hello world")"},
      {"message=a%20b%2Bc", R"(0 log source=event message="a b+c")"},
      {"message=%C3%A9", "0 log source=event message=\"\xC3\xA9\""},
      {"message=%FF%00", "0 log source=event message=\"\xEF\xBF\xBD\xEF\xBF\xBD\""},
      {"message=100%&x=%zz&y=%4", R"(0 log source=event message="100%" x=s"%zz" y=s"%4")"},
      {"page=/cart&button=buy", R"(0 log source=event message="page=/cart button=buy" page=s"/cart" button=s"buy")"},
      {"msg=a&x", R"(0 log source=event message="a" x=s"")"},
      {"message=a&&x=1&", R"(0 log source=event message="a" x=s"1")"},
      {"message=a&x=1&x=2", R"(0 log source=event message="a" x=j["1","2"])"},
      {"a=1&b=2&a=&c=3&b=%22&a=1", R"(0 log source=event message="a=[\"1\",\"\",\"1\"] b=[\"2\",\"\\\"\"] c=3" a=j["1","","1"] b=j["2","\""] c=s"3")"},
      {"message=a&x=b=c", R"(0 log source=event message="a" x=s"b=c")"},
      {"message=a&source=page", R"(0 log source=event message="a" source=s"page")"},
      {"message=a&severity=warn&deployment=shop&timestamp=1795181580123",
       R"(0 log t=1795181580123000000 deployment=shop source=event severity=WARN message="a")"},
      {"message=a&severity=loud&timestamp=noon&deployment=a+b",
       R"(0 log source=event message="a" severity=s"loud" timestamp=s"noon" deployment=s"a b")"},
      {"message=a&level=3", R"(0 log source=event message="a" level=s"3")"},
      {"message=a&level=error", R"(0 log source=event severity=ERROR message="a")"},
      {"", "error nothing_accepted"},
      {"&&", "error nothing_accepted"},
      {"just text", R"(0 log source=event message="just text=" just text=s"")"},
  };
  for (const BodyCase& one : cases) EXPECT_EQ(event_text(one.body), one.expected) << one.body;
}

TEST(Events, JsonBodiesNeedNoMessage) {
  const std::vector<BodyCase> cases = {
      {R"({"message":"a","x":1})", R"(0 log source=event message="a" x=i1)"},
      {R"({"page":"/cart","n":2})", R"(0 log source=event message="page=/cart n=2" page=s"/cart" n=i2)"},
      {R"({"page":"/cart","timestamp":"noon","severity":"loud"})",
       R"(0 log source=event message="page=/cart timestamp=noon severity=loud" page=s"/cart" timestamp=s"noon" severity=s"loud" ~invalid_timestamp:timestamp ~invalid_severity:severity)"},
      {R"({"message":"a","source":"page"})", R"(0 log source=event message="a" source=s"page")"},
      {R"([{"message":"a"},{"message":"b"}])", "0 log source=event message=\"a\"\n1 log source=event message=\"b\""},
      {R"({"message":)", "0 invalid_json"},
  };
  for (const BodyCase& one : cases) {
    const std::string text = event_text(one.body);
    EXPECT_EQ(text, one.expected) << one.body;
  }
}

TEST(Events, LimitsHold) {
  DecodeOptions options;
  options.max_record_bytes = 50;
  options.max_fields = 2;
  EXPECT_EQ(event_text("message=" + std::string(60, 'x'), options), "0 record_too_large");
  EXPECT_EQ(event_text("message=a&b=1&c=2", options), R"(0 log source=event message="a" b=s"1" c=s"2")");
  EXPECT_EQ(event_text("message=a&b=1&c=2&d=3", options), "0 too_many_fields");
}

TEST(Events, TextFromTheHeadIsRepairedLikeAnyOther) {
  const std::vector<std::pair<std::string, std::string>> parameters{{"message", "a\xFF"}, {"\xC3", std::string("x\0y", 3)}};
  RecordingReceiver receiver;
  ASSERT_TRUE(decode::decode_event(parameters, {}, receiver));
  EXPECT_EQ(receiver.text(), "0 log source=event message=\"a\xEF\xBF\xBD\" \xEF\xBF\xBD=s\"x\xEF\xBF\xBDy\"\n");
}

TEST(Events, DecodedParametersGiveTheSame) {
  const std::vector<std::pair<std::string, std::string>> parameters{{"message", "a b"}, {"x", "1"}};
  RecordingReceiver receiver;
  ASSERT_TRUE(decode::decode_event(parameters, {}, receiver));
  EXPECT_EQ(receiver.text(), event_text("message=a+b&x=1") + "\n");
}

}  // namespace
}  // namespace penstock::test
