// What becomes of the records of a log body, one by one.
#include <limits>

#include "body_case.hpp"

namespace penstock::test {
namespace {

using namespace std::string_literals;

TEST(JsonLogs, TellObjectsArraysAndLinesApart) {
  expect_cases(
      {
          {R"({"message":"a"})", R"(0 log message="a")"},
          {R"(  {"message":"a"}  )", R"(0 log message="a")"},
          {"\xEF\xBB\xBF{\"message\":\"a\"}", R"(0 log message="a")"},
          {R"([{"message":"a"}])", R"(0 log message="a")"},
          {R"([{"message":"a"},{"message":"b"}])", "0 log message=\"a\"\n1 log message=\"b\""},
          {" [ {\"message\":\"a\"} ,\n {\"message\":\"b\"} ] \n", "0 log message=\"a\"\n1 log message=\"b\""},
          {"{\"message\":\"a\"}\n{\"message\":\"b\"}", "0 log message=\"a\"\n1 log message=\"b\""},
          {"{\"message\":\"a\"}\r\n{\"message\":\"b\"}\r\n", "0 log message=\"a\"\n1 log message=\"b\""},
          {"\n\n{\"message\":\"a\"}\n\n  \n{\"message\":\"b\"}\n\n", "0 log message=\"a\"\n1 log message=\"b\""},
          {"{\n  \"message\": \"a\"\n}", R"(0 log message="a")"},
          {"{\n  \"message\": \"a\",\n  \"list\": [\n    {\n      \"x\": 1\n    },\n    {\"y\":2}\n  ]\n}\n{\n\"message\":\"b\"\n}",
           "0 log message=\"a\" list=j[{\"x\":1},{\"y\":2}]\n1 log message=\"b\""},
          {"{\"message\":\"a\",\n\"x\":\n{\"y\":1}}", "0 log message=\"a\" x.y=i1"},
      },
      {});
}

TEST(JsonLogs, FailAsAWholeOnlyWithoutAnyRecord) {
  expect_cases({{"", "error nothing_accepted"},
                {" \r\n\t ", "error nothing_accepted"},
                {"\xEF\xBB\xBF", "error nothing_accepted"},
                {"[]", "error nothing_accepted"},
                {" [ \n ] ", "error nothing_accepted"}},
               {});
}

TEST(JsonLogs, LoseOnlyTheBadLine) {
  const std::string a = "0 log message=\"a\"";
  expect_cases(
      {
          {"{\"message\":\"a\"}\n{oops}\n{\"message\":\"b\"}", a + "\n1 invalid_json\n2 log message=\"b\""},
          {"{\"message\":\"a\"}\n{\"message\":\"open\n{\"message\":\"b\"}", a + "\n1 invalid_json\n2 log message=\"b\""},
          {"{\"message\":\"a\"}\n{\"message\":\"x\"\n{\"message\":\"b\"}", a + "\n1 invalid_json\n2 log message=\"b\""},
          {"{\"message\":\"a\"}\n42\n\"text\"\nnull\n[1]\n{\"message\":\"b\"}",
           a + "\n1 invalid_type\n2 invalid_type\n3 invalid_type\n4 invalid_type\n5 log message=\"b\""},
          {"{\"message\":\"a\"}#{\"message\":\"x\"}\n{\"message\":\"b\"}", "0 invalid_json\n1 log message=\"b\""},
          {"{\"message\":\"a\"}\n{\"message\":\"b\"}#\n{\"message\":\"c\"}", a + "\n1 invalid_json\n2 log message=\"c\""},
          {"{\"message\":\"a\"}\n{\"message\":\"b\"}{\"message\":x}\n{\"message\":\"c\"}", a + "\n1 log message=\"b\"\n2 invalid_json\n3 log message=\"c\""},
          {"{\"message\":\"x\"\n{\"message\":\"b\"}", "0 invalid_json\n1 log message=\"b\""},
          {"{\"message\":\"x\",\n{\"message\":\"b\"}", "0 invalid_json\n1 log message=\"b\""},
          {"{\"message\":\"open\n{\"message\":\"b\"}", "0 invalid_json\n1 log message=\"b\""},
          {"plain text\n{\"message\":\"b\"}", "0 invalid_json\n1 log message=\"b\""},
          {"{\"message\":\"a\"}\n{\"message\":\"tab\there\"}\n{\"message\":\"b\"}", a + "\n1 log message=\"tab\\there\"\n2 log message=\"b\""},
          {"{\"message\":\"a\"}\n{}\n{\"message\":\"b\"}", a + "\n1 missing_field field=message\n2 log message=\"b\""},
          {"}{\n{\"message\":\"b\"}", "0 invalid_json\n1 log message=\"b\""},
      },
      {});
}

TEST(JsonLogs, RecordsMayFollowEachOtherWithoutALineEnd) {
  const std::string a = R"({"message":"a"})", b = R"({"message":"b"})", c = R"({"message":"c"})", mark = "\xEF\xBB\xBF", rs = "\x1E", nul("\0", 1);
  const std::string two = "0 log message=\"a\"\n1 log message=\"b\"", three = two + "\n2 log message=\"c\"";
  expect_cases(
      {
          {a + b + c, three},
          {a + " " + b + "\t" + c + " ", three},
          {a + b + "\n" + c, three},
          {a + "\n" + b + c, three},
          {a + "\n" + b + " " + c + "\n", three},
          {a + ",\n" + b + ",\n" + c, three},
          {a + "," + b + "," + c + ",", three},
          {a + "\n" + b + ",\n" + c, three},
          {rs + a + "\n" + rs + b + "\n" + rs + c + "\n", three},
          {rs + a + rs + b + rs + rs + c, three},
          {rs + "{\n\"message\":\n\"a\"}\n" + rs + b, two},
          {a + nul + b + nul + c + nul, three},
          {a + nul + "\n" + b + nul + "\n" + c + nul + "\n", three},
          {nul + a + nul + nul + b, two},
          {a + nul, "0 log message=\"a\""},
          {a + "\n" + nul, "0 log message=\"a\""},
          {mark + a + "\n" + mark + b + "\r\n" + c, three},
          {mark + "\n" + mark + a + mark + b, two},
          {"[" + a + "," + mark + b + "]" + mark, two},
          {mark + "[" + a + "]\n" + mark + "[" + b + "]\n", "0 log message=\"a\"\n1 invalid_json\n2 log message=\"b\""},
          {R"({"message":"a","x":{"y":"}{"}})" + b, "0 log message=\"a\" x.y=s\"}{\"\n1 log message=\"b\""},
          {a + R"({"message":Nan})" + b, "0 log message=\"a\"\n1 invalid_json\n2 log message=\"b\""},
          {R"({"message":Nan})" + a, "0 invalid_json\n1 log message=\"a\""},
          {a + b + "]" + c, two + "\n2 invalid_json\n3 log message=\"c\""},
          {a + b + "#", two + "\n2 invalid_json"},
          {"{\n\"message\":\"a\"\n},\n{\n\"message\":\"b\"\n}", two},
      },
      {});
}

TEST(JsonLogs, ALineBreakWithinTheTextOfASingleObjectIsKept) {
  expect_cases(
      {
          {"{\"message\":\"a\nb\"}", R"(0 log message="a\nb")"},
          {"{\"message\":\"a\r\nb\nc\",\n\"x\":\"\n\"}\n", R"(0 log message="a\r\nb\nc" x=s"\n")"},
          {"{\"message\":\"f() {\n{\n}\n}\"}", R"(0 log message="f() {\n{\n}\n}")"},
          {"{\"message\":\"a\nb\"}{\"message\":\"c\nd\"}", "0 log message=\"a\\nb\"\n1 log message=\"c\\nd\""},
          {"{\"message\":\"a\nb\"}\n{\"message\":\"c\nd\"}", "0 log message=\"a\\nb\"\n1 log message=\"c\\nd\""},
      },
      {});
}

TEST(JsonLogs, AnArrayLosesOnlyWhatIsBroken) {
  const std::string a = "0 log message=\"a\"";
  expect_cases(
      {
          {R"([{"message":"a"},{},{"message":"b"}])", a + "\n1 missing_field field=message\n2 log message=\"b\""},
          {R"([{"message":"a"},7,"s",null,true,[1,[2]],{"message":"b"}])",
           a + "\n1 invalid_type\n2 invalid_type\n3 invalid_type\n4 invalid_type\n5 invalid_type\n6 log message=\"b\""},
          {R"([{"message":"a"},{"message":x},{"message":"b"}])", a + "\n1 invalid_json\n2 log message=\"b\""},
          {R"([{"message":"a"},{"message":"b"])", a + "\n1 invalid_json"},
          {R"([{"message":"a"},{"message":"b")", a + "\n1 invalid_json"},
          {R"([{"message":"a"},{"message":"b)", a + "\n1 invalid_json"},
          {R"([{"message":"a"},{"message":"b"})", a + "\n1 log message=\"b\"\n2 invalid_json"},
          {R"([{"message":"a"},)", a + "\n1 invalid_json"},
          {R"([{"message":"a"},])", a + "\n1 invalid_json"},
          {R"([,{"message":"a"}])", "0 invalid_json\n1 log message=\"a\""},
          {R"([{"message":"a"},,{"message":"b"}])", a + "\n1 invalid_json\n2 log message=\"b\""},
          {R"([{"message":"a"} {"message":"b"}])", a + "\n1 log message=\"b\""},
          {R"([{"message":"a"}] tail)", a + "\n1 invalid_json"},
          {R"([{"message":"a"}]{"message":"b"})", a + "\n1 invalid_json\n2 log message=\"b\""},
          {"[", "0 invalid_json"},
          {"[{", "0 invalid_json"},
          {R"([{"message":"a",}])", "0 invalid_json"},
          {R"([{"message":Nan}])", "0 invalid_json"},
      },
      {});
}

TEST(JsonLogs, SyntaxIsJsonAndNothingElse) {
  const std::vector<std::string> broken = {
      R"({"message":"a",})",      R"({,"message":"a"})",      R"({"message" "a"})",          R"({"message":"a" "x":1})",
      R"({message:"a"})",         R"({'message':'a'})",       R"({"message":"a","x":01})",   R"({"message":"a","x":1.})",
      R"({"message":"a","x":.5})", R"({"message":"a","x":+1})", R"({"message":"a","x":1e})",   R"({"message":"a","x":0x10})",
      R"({"message":"a","x":-})", R"({"message":"a","x":tru})", R"({"message":"a","x":nulls})", R"({"message":"a","x":[1,]})",
      R"({"message":"a","x":[1 2]})", R"({"message":"a","x":{"y"}})", R"({"message":"a","x":[}})", R"({"message":"a","x":"\q"})",
      R"({"message":"\u12"})",    R"({"message":"\u12G4"})",  R"({"message":"a\"})",         R"({"message":"a"}})",
      R"({"message":"a","x":["\x"]})", R"({"message":"a"}#)",  R"({"message":"a","x":1 2})",  R"({"message":"a","x":Infinit})",
      R"({"message":"a"x})",      R"({1:"message"})",         R"({"message":"a","x":"b"c})", R"({"message":"a","x":b"c"})",
  };
  std::vector<BodyCase> cases;
  for (const std::string& body : broken) cases.push_back({body, "0 invalid_json"});
  expect_cases(cases, {});
}

TEST(JsonLogs, TheErrorNamesTheByte) {
  RecordingReceiver receiver;
  ASSERT_TRUE(decode::JsonDecoder().decode("[{\"message\":\"a\"},{\"message\" 1}]", {}, receiver));
  ASSERT_EQ(receiver.messages.size(), 1u);
  EXPECT_EQ(receiver.messages[0], "This is not valid JSON: expected a colon at byte 28 of the body.");
}

TEST(JsonLogs, UsualNamesAreUnderstood) {
  expect_cases(
      {
          {R"({"msg":"a"})", R"(0 log message="a")"},
          {R"({"_msg":"a"})", R"(0 log message="a")"},
          {R"({"log":"a"})", R"(0 log message="a")"},
          {R"({"body":"a"})", R"(0 log message="a")"},
          {R"({"body":"b","message":"a"})", R"(0 log message="a" body=s"b")"},
          {R"({"message":"a","body":"b"})", R"(0 log message="a" body=s"b")"},
          {R"({"log":"b","msg":"a"})", R"(0 log message="a" log=s"b")"},
          {R"({"message":"a","time":1})", R"(0 log t=1000000000 message="a")"},
          {R"({"message":"a","ts":1})", R"(0 log t=1000000000 message="a")"},
          {R"({"message":"a","date":1795181580})", R"(0 log t=1795181580000000000 message="a")"},
          {R"({"message":"a","date":20261120})", R"(0 log message="a" date=i20261120)"},
          {R"({"message":"a","t":5})", R"(0 log message="a" t=i5)"},
          {R"({"message":"a","@timestamp":1})", R"(0 log t=1000000000 message="a")"},
          {R"({"message":"a","_time":1})", R"(0 log t=1000000000 message="a")"},
          {R"({"message":"a","time":"x","@timestamp":1})", R"(0 log t=1000000000 message="a" time=s"x")"},
          {R"({"message":"a","@timestamp":1,"time":"x"})", R"(0 log t=1000000000 message="a" time=s"x")"},
          {R"({"date":"x","message":"a","timestamp":1})", R"(0 log t=1000000000 message="a" date=s"x")"},
          {R"({"message":"a","host":"h"})", R"(0 log source=h message="a")"},
          {R"({"message":"a","hostname":"h"})", R"(0 log source=h message="a")"},
          {R"({"message":"a","service":"h"})", R"(0 log source=h message="a")"},
          {R"({"message":"a","logger":"h"})", R"(0 log source=h message="a")"},
          {R"({"message":"a","logger":"l","service":"s","host":"h"})", R"(0 log source=h message="a" logger=s"l" service=s"s")"},
          {R"({"message":"a","level":"warning"})", R"(0 log severity=WARN message="a")"},
          {R"({"message":"a","lvl":"err"})", R"(0 log severity=ERROR message="a")"},
          {R"({"message":"a","level":30})", R"(0 log severity=INFO message="a")"},
          {R"({"message":"a","level":60})", R"(0 log severity=FATAL message="a")"},
          {R"({"message":"a","level":"boss"})", R"(0 log message="a" level=s"boss" ~invalid_severity:level)"},
          {R"({"message":"a","level":"boss","lvl":"warn"})", R"(0 log severity=WARN message="a" level=s"boss")"},
          {R"({"message":"a","deployment":"shop"})", R"(0 log deployment=shop message="a")"},
          {R"({"message":"a","log":{"level":"x"},"host":{"name":"h"},"service":["s"]})",
           R"(0 log source=h message="a" log.level=s"x" service=j["s"] ~invalid_severity:log.level)"},
      },
      {});
}

TEST(JsonLogs, AValueThatDoesNotFitStaysAFieldAndIsTold) {
  expect_cases(
      {
          {R"({"message":null})", "0 missing_field field=message"},
          {R"({})", "0 missing_field field=message"},
          {R"({"timestamp":1,"severity":"INFO"})", "0 missing_field field=message"},
          {R"({"message":""})", R"(0 log message="")"},
          {R"({"message":"","log":"b"})", R"(0 log message="b")"},
          {R"({"order":7})", R"(0 log message="" order=i7)"},
          {R"({"fields":{"order":7}})", R"(0 log message="" order=i7)"},
          {R"({"message":null,"order":7})", R"(0 log message="" order=i7)"},
          {R"({"message":12.50})", R"(0 log message="12.50")"},
          {R"({"message":true})", R"(0 log message="true")"},
          {R"({"message":{"event": "x"}})", R"(0 log message="" message.event=s"x" ~invalid_type:message)"},
          {R"({"message":{"event": "x"},"msg":"a"})", R"(0 log message="a" message.event=s"x" ~invalid_type:message)"},
          {R"({"message":["x"]})", R"(0 log message="" message=j["x"] ~invalid_type:message)"},
          {R"({"message":"a","timestamp":true})", R"(0 log message="a" timestamp=btrue ~invalid_type:timestamp)"},
          {R"({"message":"a","timestamp":{}})", R"(0 log message="a" timestamp=j{} ~invalid_type:timestamp)"},
          {R"({"message":"a","timestamp":{"at":1}})", R"(0 log message="a" timestamp.at=i1 ~invalid_type:timestamp)"},
          {R"({"message":"a","timestamp":{"at":1},"time":2})", R"(0 log t=2000000000 message="a" timestamp.at=i1 ~invalid_type:timestamp)"},
          {R"({"message":"a","timestamp":null})", R"(0 log message="a")"},
          {R"({"message":"a","timestamp":"yesterday"})", R"(0 log message="a" timestamp=s"yesterday" ~invalid_timestamp:timestamp)"},
          {R"({"message":"a","timestamp":"yesterday","time":1})", R"(0 log t=1000000000 message="a" timestamp=s"yesterday" ~invalid_timestamp:timestamp)"},
          {R"({"message":"a","time":"yesterday"})", R"(0 log message="a" time=s"yesterday" ~invalid_timestamp:time)"},
          {R"({"message":"a","timestamp":""})", R"(0 log message="a")"},
          {R"({"message":"a","timestamp":0})", R"(0 log message="a")"},
          {R"({"message":"a","timestamp":"0001-01-01T00:00:00Z","ts":1})", R"(0 log t=1000000000 message="a")"},
          {R"({"message":"a","timestamp":1e300})", R"(0 log message="a" timestamp=r1e+300 ~invalid_timestamp:timestamp)"},
          {R"({"message":"a","severity":"loud"})", R"(0 log message="a" severity=s"loud" ~invalid_severity:severity)"},
          {R"({"message":"a","severity":"loud","level":"warn"})", R"(0 log severity=WARN message="a" severity=s"loud" ~invalid_severity:severity)"},
          {R"({"message":"a","severity":9})", R"(0 log message="a" severity=i9 ~invalid_severity:severity)"},
          {R"({"message":"a","severity":false})", R"(0 log message="a" severity=bfalse ~invalid_type:severity)"},
          {R"({"message":"a","severity":{"text":"x"}})", R"(0 log message="a" severity.text=s"x" ~invalid_type:severity)"},
          {R"({"message":"a","severity":""})", R"(0 log message="a")"},
          {R"({"message":"a","severity":3})", R"(0 log severity=ERROR message="a")"},
          {R"({"message":"a","severity":"3"})", R"(0 log severity=ERROR message="a")"},
          {R"({"message":"a","severity":"Error"})", R"(0 log severity=ERROR message="a")"},
          {R"({"message":"a","severity":500})", R"(0 log severity=FATAL message="a")"},
          {R"({"message":"a","severity":"DEFAULT"})", R"(0 log severity=INFO message="a")"},
          {R"({"message":"a","severity":"30"})", R"(0 log severity=INFO message="a")"},
          {R"({"message":"a","severity":" INFO "})", R"(0 log severity=INFO message="a")"},
          {R"({"message":"a","source":["x"]})", R"(0 log message="a" source=j["x"] ~invalid_type:source)"},
          {R"({"message":"a","source":{"ip":"10.0.0.7"},"host":"h"})", R"(0 log source=h message="a" source.ip=s"10.0.0.7" ~invalid_type:source)"},
          {R"({"message":"a","source":17})", R"(0 log source=17 message="a")"},
          {"{\"message\":\"a\",\"source\":\"x\\ny\"}", R"(0 log message="a" source=s"x\ny" ~invalid_name:source)"},
          {R"({"message":"a","source":")" + std::string(201, 'x') + "\"}", R"(0 log message="a" source=s")" + std::string(201, 'x') + "\" ~invalid_name:source"},
          {R"({"message":"a","deployment":true})", R"(0 log message="a" deployment=btrue ~invalid_type:deployment)"},
          {R"({"message":"a","deployment":{"environment":"prod"}})",
           R"(0 log message="a" deployment.environment=s"prod" ~invalid_type:deployment)"},
          {R"({"message":"a","deployment":".."})", R"(0 log message="a" deployment=s".." ~invalid_name:deployment)"},
          {R"({"message":"a","fields":"x"})", R"(0 log message="a" fields=s"x" ~invalid_type:fields)"},
          {R"({"message":"a","fields":[1]})", R"(0 log message="a" fields=j[1] ~invalid_type:fields)"},
          {R"({"message":"a","fields":[[]]})", R"(0 log message="a" fields=j[[]] ~invalid_type:fields)"},
          {R"({"message":"a","fields":[ ]})", R"(0 log message="a")"},
          {R"({"message":"a","fields":null})", R"(0 log message="a")"},
          {R"({"message":"a","fields":{}})", R"(0 log message="a")"},
      },
      {});
}

TEST(JsonLogs, AStrictRequestRefusesWhatWouldBeAWarning) {
  DecodeOptions options;
  options.strict = true;
  expect_cases(
      {
          {R"({"message":"a","timestamp":"yesterday","time":1})", "0 invalid_timestamp field=timestamp"},
          {R"({"message":"a","severity":"loud"})", "0 invalid_severity field=severity"},
          {R"({"message":"a","source":{"x":1}})", "0 invalid_type field=source"},
          {R"({"message":"a","deployment":"a b"})", "0 invalid_name field=deployment"},
          {R"({"message":{"x":1}})", "0 invalid_type field=message"},
          {R"({"message":"a","level":"boss"})", "0 invalid_severity field=level"},
          {R"({"message":"a","level":"boss","lvl":"warn","host":{"x":1}})", R"(0 log severity=WARN message="a" level=s"boss" host.x=i1)"},
          {R"({"order":7})", R"(0 log message="" order=i7)"},
      },
      options);
}

TEST(JsonLogs, NestedAndDottedNamesAreTheSame) {
  expect_cases(
      {
          {R"({"message":"a","log":{"level":"warn"}})", R"(0 log severity=WARN message="a")"},
          {R"({"message":"a","log.level":"warn"})", R"(0 log severity=WARN message="a")"},
          {R"({"message":"a","log":{"level":"warn","logger":"l"},"host":{"name":"h"}})", R"(0 log source=h severity=WARN message="a" log.logger=s"l")"},
          {R"({"message":"a","timestamp":{"seconds":5,"nanos":7}})", R"(0 log t=5000000007 message="a")"},
          {R"({"message":"a","timestamp":{"nanos":7,"seconds":"5"}})", R"(0 log t=5000000007 message="a")"},
          {R"({"message":"a","timestamp":{"seconds":5,"nanos":-7}})", R"(0 log t=5000000000 message="a" timestamp.nanos=i-7 ~invalid_timestamp:timestamp.nanos)"},
          {R"({"message":"a","timestampNanos":7})", R"(0 log message="a" timestampNanos=i7)"},
          {R"({"message":"a","timestamp":5,"timestampNanos":7})", R"(0 log t=5000000000 message="a" timestampNanos=i7)"},
          {R"({"message":"a","timestamp":{"$date":"1970-01-01T00:00:05Z"}})", R"(0 log t=5000000000 message="a")"},
          {R"({"message":"a","timestamp":{"$date":{"$numberLong":"1795181580123"}}})", R"(0 log t=1795181580123000000 message="a")"},
          {R"({"fields":{"message":"a","n":1},"level":"INFO"})", R"(0 log severity=INFO message="a" n=i1)"},
          {R"({"fields":{"message":"a"},"message":"b"})", R"(0 log message="b" message=s"a")"},
          {R"({"message":"b","fields":{"message":"a","log":{"level":"warn"}}})", R"(0 log message="b" message=s"a" log.level=s"warn")"},
          {R"({"body":{"stringValue":"a"},"severityNumber":17})", R"(0 log severity=ERROR message="a")"},
          {R"({"event":"a","level":"info"})", R"(0 log severity=INFO message="a")"},
          {R"({"event":{"original":"a","code":4}})", R"(0 log message="a" event.code=i4)"},
      },
      {});
}

TEST(JsonLogs, WhatPythonWritesForNoNumberIsKeptAsText) {
  expect_cases(
      {
          {R"({"message":"a","x":NaN,"y":-Infinity,"fields":{"z":Infinity}})", R"(0 log message="a" x=s"NaN" y=s"-Infinity" z=s"Infinity")"},
          {R"({"message":"a","x":[NaN,1,"NaN \" NaN",{"y":-Infinity}]})", R"(0 log message="a" x=j["NaN",1,"NaN \" NaN",{"y":"-Infinity"}])"},
          {R"([{"message":"a","timestamp":NaN},{"message":"b","source":NaN}])",
           "0 log message=\"a\" timestamp=s\"NaN\" ~invalid_timestamp:timestamp\n1 log message=\"b\" source=s\"NaN\" ~invalid_name:source"},
          {R"({"message":"a","x":nan})", "0 invalid_json"},
          {R"({"message":"a","x":+Infinity})", "0 invalid_json"},
          {R"({"message":"a","x":NaN1})", "0 invalid_json"},
      },
      {});
}

TEST(JsonLogs, NumbersAreReadBesideTheirNames) {
  expect_cases(
      {
          {R"({"message":"a","level":400,"level_name":"ERROR"})", R"(0 log severity=ERROR message="a" level=i400)"},
          {R"({"message":"a","level_name":"WARNING","level":300})", R"(0 log severity=WARN message="a" level=i300)"},
          {R"({"message":"a","levelno":30,"levelname":"WARNING"})", R"(0 log severity=WARN message="a" levelno=i30)"},
          {R"({"message":"a","levelno":40})", R"(0 log severity=ERROR message="a")"},
          {R"({"message":"a","severityNumber":"SEVERITY_NUMBER_WARN2"})", R"(0 log severity=WARN message="a")"},
          {R"({"message":"a","s":"W"})", R"(0 log severity=WARN message="a")"},
          {R"({"message":"a","s":"w"})", R"(0 log message="a" s=s"w")"},
          {R"({"message":"a","s":3})", R"(0 log message="a" s=i3)"},
      },
      {});
}

TEST(JsonLogs, AMessageInBytesIsText) {
  expect_cases({{R"({"MESSAGE":[27,91,51,49,109,98,111,111,109,195,169,255]})", "0 log message=\"\\u001b[31mboom\xC3\xA9\xEF\xBF\xBD\""},
                {R"({"MESSAGE":[ 97, 98 ],"message":"a"})", R"(0 log message="a" MESSAGE=s"ab")"},
                {R"({"MESSAGE":[97,256]})", R"(0 log message="" MESSAGE=j[97,256])"},
                {R"({"MESSAGE":[97,"b"]})", R"(0 log message="" MESSAGE=j[97,"b"])"},
                {R"({"MESSAGE":[]})", R"(0 log message="" MESSAGE=j[])"}},
               {});
}

TEST(JsonLogs, TheLineEndOfAContainersOutputGoes) {
  expect_cases({{R"({"log":"a\n"})", R"(0 log message="a")"},
                {R"({"log":"a\r\n"})", R"(0 log message="a")"},
                {R"({"log":"a\n\n"})", R"(0 log message="a\n")"},
                {R"({"message":"a\n"})", R"(0 log message="a\n")"}},
               {});
}

TEST(JsonLogs, FieldsKeepTheirTypes) {
  expect_cases(
      {
          {R"({"message":"a","fields":{"s":"t","i":1,"n":-7,"r":1.5,"b":true,"f":false,"z":null}})",
           R"(0 log message="a" s=s"t" i=i1 n=i-7 r=r1.5 b=btrue f=bfalse z=nnull)"},
          {R"({"message":"a","x":1,"fields":{"y":2}})", R"(0 log message="a" x=i1 y=i2)"},
          {R"({"message":"a","user":{"address":{"city":"Bern"},"id":7}})", R"(0 log message="a" user.address.city=s"Bern" user.id=i7)"},
          {R"({"message":"a","fields":{"user":{"id":7}},"e":{}})", R"(0 log message="a" user.id=i7 e=j{})"},
          {R"({"message":"a","x":[1,"b",{"c":null}]})", R"(0 log message="a" x=j[1,"b",{"c":null}])"},
          {"{\"message\":\"a\",\"x\":[ 1 ]}", R"(0 log message="a" x=j[1])"},
          {R"({"message":"a","x":9223372036854775807})", R"(0 log message="a" x=i9223372036854775807)"},
          {R"({"message":"a","x":-9223372036854775808})", R"(0 log message="a" x=i-9223372036854775808)"},
          {R"({"message":"a","x":9223372036854775808})", R"(0 log message="a" x=j9223372036854775808)"},
          {R"({"message":"a","x":123456789012345678901234567890})", R"(0 log message="a" x=j123456789012345678901234567890)"},
          {R"({"message":"a","x":1e999})", R"(0 log message="a" x=j1e999)"},
          {R"({"message":"a","x":0.1234567890123456789})", R"(0 log message="a" x=j0.1234567890123456789)"},
          {R"({"message":"a","x":0.500000000000000000000})", R"(0 log message="a" x=r0.5)"},
          {R"({"message":"a","x":1,"x":2})", R"(0 log message="a" x=i2)"},
          {R"({"message":"a","x":1,"fields":{"x":2}})", R"(0 log message="a" x=i2)"},
          {R"({"message":"a","a":{"b":1},"a.b":2})", R"(0 log message="a" a.b=i2)"},
          {R"({"message":"a","message":"b"})", R"(0 log message="b")"},
          {R"({"message":"a","timestamp":1,"timestamp":2})", R"(0 log t=2000000000 message="a")"},
      },
      {});
}

TEST(JsonLogs, TimesInEveryForm) {
  const auto with = [](const std::string& time) { return R"({"message":"a","timestamp":)" + time + "}"; };
  const auto log = [](const std::string& ns) { return "0 log t=" + ns + R"( message="a")"; };
  expect_cases(
      {
          {with(R"("2026-11-20T13:33:00.123456789Z")"), log("1795181580123456789")},
          {with(R"("2026-11-20T14:33:00+01:00")"), log("1795181580000000000")},
          {with("1795181580"), log("1795181580000000000")},
          {with("1795181580123"), log("1795181580123000000")},
          {with("1795181580123456"), log("1795181580123456000")},
          {with("1795181580123456789"), log("1795181580123456789")},
          {with("1795181580.123456789"), log("1795181580123456789")},
          {with("1795181580.1"), log("1795181580100000000")},
          {with("1795181580123.25"), log("1795181580123250000")},
          {with(R"("1795181580")"), log("1795181580000000000")},
          {with(R"("1795181580.000000001")"), log("1795181580000000001")},
          {with("1.795181580e9"), log("1795181580000000000")},
          {with("-1"), log("-1000000000")},
      },
      {});
}

TEST(JsonLogs, TextIsRepairedAndNotRefused) {
  const std::string fffd = "\xEF\xBF\xBD";
  expect_cases(
      {
          {"{\"message\":\"a\xFFz\"}", "0 log message=\"a" + fffd + "z\""},
          {"{\"message\":\"a\xE2\x82\"}", "0 log message=\"a" + fffd + "\""},
          {"{\"message\":\"a\0z\"}"s, "0 log message=\"a" + fffd + "z\""},
          {"{\"message\":\"a\\u0000z\"}", "0 log message=\"a" + fffd + "z\""},
          {R"({"message":"a\ud800z"})", "0 log message=\"a" + fffd + "z\""},
          {R"({"message":"a\udc00z"})", "0 log message=\"a" + fffd + "z\""},
          {R"({"message":"a\ud800\ud83d\ude00"})", "0 log message=\"a" + fffd + "\xF0\x9F\x98\x80\""},
          {R"({"message":"\u00e9\t\/"})", "0 log message=\"\xC3\xA9\\t/\""},
          {R"({"mess\u0061ge":"a","k\u0065y":1})", "0 log message=\"a\" key=i1"},
          {"{\"message\":\"a\",\"x\":[\"\\u0000\",\"\\ud800\"]}", R"(0 log message="a" x=j["�","�"])"},
          {"{\"message\":\"a\"}\n{\"message\":\"\xFF\"}\n{\"message\":\"b\"}",
           "0 log message=\"a\"\n1 log message=\"" + fffd + "\"\n2 log message=\"b\""},
          {"[{\"message\":\"a\"},{\"message\":\"\xFF\"},{\"message\":\"b\"}]",
           "0 log message=\"a\"\n1 log message=\"" + fffd + "\"\n2 log message=\"b\""},
          {"{\"message\":\"a\"\0}"s, "0 invalid_json"},
      },
      {});
}

TEST(JsonLogs, RawControlCharactersInTextsAreKept) {
  const std::string fffd = "\xEF\xBF\xBD";
  const std::string a = R"({"message":"a"})", log_a = R"( log message="a")";
  std::string all, kept;
  for (char c = 1; c < 0x20; ++c) {
    if (c != '\n') all += c;
  }
  append_json_string(kept, all);
  const std::string record = "{\"message\":\"" + all + "\"}";
  expect_cases(
      {
          {record, "0 log message=" + kept},
          {a + "\n" + record + "\n" + a, "0" + log_a + "\n1 log message=" + kept + "\n2" + log_a},
          {"{\n" + record.substr(1, record.size() - 2) + "\n}", "0 log message=" + kept},
          {"[" + a + "," + record + "," + a + "]", "0" + log_a + "\n1 log message=" + kept + "\n2" + log_a},
          {"[{\"message\":\"x\ny\r\n\"},\n" + a + "]", "0 log message=\"x\\ny\\r\\n\"\n1" + log_a},
          {"{\"message\":\"\x1B[1m\xFF\0\t\"}"s, "0 log message=\"\\u001b[1m" + fffd + fffd + "\\t\""},
          {"[{\"message\":\"\x1B[1m\xFF\0\t\"}]"s, "0 log message=\"\\u001b[1m" + fffd + fffd + "\\t\""},
          {"{\"message\":\"a\",\"k\ty\":\"\x01\\n\",\"o\":{\"p\x02\":1}}", "0 log message=\"a\" k\ty=s\"\\u0001\\n\" o.p\x02=i1"},
          {"[{\"message\":\"a\",\"x\":[\"\x1B\b\f\n\r\t\x1F\",\n1]}]", R"(0 log message="a" x=j["\u001b\b\f\n\r\t\u001f",1])"},
          {"{\"message\":\"a\",\"x\":[{\"text\":\"a\tb\"}]}", R"(0 log message="a" x=j[{"text":"a\tb"}])"},
          {"{\"message\":\"a\"\x01}", "0 invalid_json"},
          {"{\"message\":\"a\",\"x\":1\x0C}", "0 invalid_json"},
          {"{\"message\":\"a\\\tb\"}", "0 invalid_json"},
      },
      {});
  // As escapes they may take more room than a record may have.
  DecodeOptions options;
  options.max_record_bytes = 100;
  expect_cases({{"{\"message\":\"" + std::string(80, '\x1B') + "\"}", "0 log message=" + [] {
                   std::string text;
                   append_json_string(text, std::string(80, '\x1B'));
                   return text;
                 }()},
                {"{\"message\":\"a\",\"x\":[\"" + std::string(60, '\x1B') + "\"]}", "0 record_too_large"}},
               options);
}

TEST(JsonLogs, OverridesGoBeforeTheUsualNames) {
  DecodeOptions options;
  options.time_field = "when,meta.at";
  options.message_field = "text";
  options.severity_field = "grade";
  options.source_field = "app.name";
  expect_cases(
      {
          {R"({"text":"a","when":1})", R"(0 log t=1000000000 message="a")"},
          {R"({"text":"a","message":"b","when":1,"timestamp":2})", R"(0 log t=1000000000 message="a" message=s"b" timestamp=i2)"},
          {R"({"message":"b"})", R"(0 log message="b")"},
          {R"({"text":"a","meta":{"at":3,"x":1}})", R"(0 log t=3000000000 message="a" meta.x=i1)"},
          {R"({"text":"a","meta":{"at":3},"when":1})", R"(0 log t=1000000000 message="a" meta.at=i3)"},
          {R"({"text":"a","grade":"err","severity":"INFO"})", R"(0 log severity=ERROR message="a" severity=s"INFO")"},
          {R"({"text":"a","grade":"none such"})", R"(0 log message="a" grade=s"none such" ~invalid_severity:grade)"},
          {R"({"text":"a","grade":"none such","level":"warn"})", R"(0 log severity=WARN message="a" grade=s"none such" ~invalid_severity:grade)"},
          {R"({"text":"a","when":"never"})", R"(0 log message="a" when=s"never" ~invalid_timestamp:when)"},
          {R"({"text":"a","when":{"x":1},"meta":{"at":3}})", R"(0 log t=3000000000 message="a" when.x=i1 ~invalid_type:when)"},
          {R"({"text":"a","app":{"name":{"x":1}},"source":"s"})", R"(0 log source=s message="a" app.name.x=i1)"},
          {R"({"text":"a","app":{"name":"shop"},"source":"s"})", R"(0 log source=shop message="a" source=s"s")"},
      },
      options);
}

TEST(JsonLogs, LimitsRefuseTheRecordAndNotItsNeighbours) {
  DecodeOptions options;
  options.max_fields = 3;
  options.max_depth = 4;
  options.max_record_bytes = 100;
  const std::string big(100, 'x');
  expect_cases(
      {
          {R"({"message":"a","b":1,"c":2,"d":3})", R"(0 log message="a" b=i1 c=i2 d=i3)"},
          {R"({"message":"a","b":1,"c":2,"d":3,"e":4})", "0 too_many_fields field=e"},
          {R"({"message":"a","b":{"c":{"d":1}}})", R"(0 log message="a" b.c.d=i1)"},
          {R"({"message":"a","b":{"c":{"d":{"e":1}}}})", R"(0 log message="a" b.c.d.e=i1)"},
          {R"({"message":"a","b":{"c":{"d":{"e":{}}}}})", "0 too_deep field=e"},
          {R"({"message":"a","b":[[[1]]]})", R"(0 log message="a" b=j[[[1]]])"},
          {R"({"message":"a","b":[[[[1]]]]})", "0 too_deep field=b"},
          {R"({"message":[[[[1]]]]})", "0 too_deep field=message"},
          {"{\"message\":\"a\"}\n{\"message\":\"" + big + "\"}\n{\"message\":\"b\"}",
           "0 log message=\"a\"\n1 record_too_large\n2 log message=\"b\""},
          {"[{\"message\":\"a\"},{\"message\":\"" + big + "\"},{\"message\":\"b\"}]",
           "0 log message=\"a\"\n1 record_too_large\n2 log message=\"b\""},
          {"{\"message\":\"" + big + "\"}", "0 record_too_large"},
          {"{\n\"message\":\"" + big + "\"}", "0 record_too_large"},
      },
      options);
}

}  // namespace
}  // namespace penstock::test
