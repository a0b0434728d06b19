// What becomes of the records of a metrics body, one by one.
#include "body_case.hpp"

namespace penstock::test {
namespace {

DecodeOptions points() {
  DecodeOptions options;
  options.kind = RecordKind::metric;
  return options;
}

TEST(JsonPoints, ManySamplesOrNameAndValue) {
  expect_cases(
      {
          {R"({"timestamp":1,"deployment":"shop","source":"pi-3","labels":{"room":"attic"},"metrics":{"cpu.usage":12.5,"gpu.usage":0}})",
           R"(0 point t=1000000000 deployment=shop source=pi-3 {room="attic"} cpu.usage=12.5 gpu.usage=0)"},
          {R"({"name":"cpu","value":1.5})", "0 point cpu=1.5"},
          {R"({"metrics":{"a":1},"name":"b","value":2})", "0 point a=1 b=2"},
          {R"({"metrics":{"cpu":{"user":1,"sys":2.5}}})", "0 point cpu.user=1 cpu.sys=2.5"},
          {R"({"metrics":{"a":1,"b":null}})", "0 point a=1"},
          {R"({"metrics":{"a":1,"a":2}})", "0 point a=2"},
          {R"({"metrics":{"a":9007199254740993}})", "0 point a=9007199254740992"},
          {R"({"metrics":{"a":1e-400}})", "0 point a=0"},
          {R"({"time":"2026-11-20T13:33:00Z","host":"h","metrics":{"a":1}})", "0 point t=1795181580000000000 source=h a=1"},
          {"{\"name\":\"a\",\"value\":1}\n{\"name\":\"b\",\"value\":2}", "0 point a=1\n1 point b=2"},
          {R"([{"name":"a","value":1},{"name":"b","value":2}])", "0 point a=1\n1 point b=2"},
      },
      points());
}

TEST(JsonPoints, LabelsAreText) {
  expect_cases(
      {
          {R"({"metrics":{"a":1},"labels":{"s":"x","n":7,"r":1.50,"b":true,"z":null}})", R"(0 point {s="x"} {n="7"} {r="1.50"} {b="true"} a=1)"},
          {R"({"metrics":{"a":1},"room":"attic","port":8080})", R"(0 point {room="attic"} {port="8080"} a=1)"},
          {R"({"metrics":{"a":1},"name":"n"})", R"(0 point {name="n"} a=1)"},
          {R"({"metrics":{"a":1},"source":"s","host":"h"})", R"(0 point source=s {host="h"} a=1)"},
          {R"({"metrics":{"a":1},"labels":{"x":"1","x":"2"}})", R"(0 point {x="2"} a=1)"},
          {R"({"metrics":{"a":1},"labels":{"x":{}}})", "0 point a=1"},
          {R"({"metrics":{"a":1},"labels":{"x":{"y":"z"}}})", R"(0 point {x.y="z"} a=1)"},
          {R"({"metrics":{"a":1},"labels":"x"})", R"(0 point {labels="x"} a=1 ~invalid_type:labels)"},
          {R"({"metrics":{"a":1},"labels":[]})", "0 point a=1"},
          {R"({"metrics":{"a":1},"labels":null})", "0 point a=1"},
          {R"({"metrics":{"a":1},"extra":[1]})", R"(0 point {extra="[1]"} a=1)"},
          {R"({"metrics":{"a":1},"extra":{"b":2}})", R"(0 point {extra.b="2"} a=1)"},
          {R"({"metrics":{"a":1},"host":{"name":"h"}})", "0 point source=h a=1"},
          {R"({"metrics":{"a":1},"tags":{"room":"attic"}})", R"(0 point {room="attic"} a=1)"},
          {R"({"metrics":{"a":1},"tags":["env:prod","canary",7]})", R"(0 point {env="prod"} {canary="true"} a=1 ~invalid_type:tags)"},
          {R"({"metric":"sys.load","value":1,"tags":{"host":"h"}})", R"(0 point {host="h"} sys.load=1)"},
          {R"({"name":"cpu","tags":{"cpu":"0"},"fields":{"idle":98.5,"up":true},"timestamp":1})", R"(0 point t=1000000000 {cpu="0"} {name="cpu"} idle=98.5 up=1)"},
      },
      points());
}

TEST(JsonPoints, AValueThatDoesNotFitCostsItself) {
  expect_cases(
      {
          {R"({"metrics":{"a":"1"}})", "0 point a=1"},
          {R"({"metrics":{"a":" 1"}})", "0 invalid_value field=a"},
          {R"({"metrics":{"a":"x","b":2}})", "0 point b=2 ~invalid_value:a"},
          {R"({"metrics":{"a":"NaN","b":2}})", "0 point b=2 ~invalid_value:a"},
          {R"({"metrics":{"a":NaN,"b":2,"c":-Infinity}})", "0 point b=2 ~invalid_value:a ~invalid_value:c"},
          {R"({"metrics":{"a":NaN}})", "0 invalid_value field=a"},
          {R"({"metrics":{"a":true,"b":false}})", "0 point a=1 b=0"},
          {R"({"metrics":{"a":[1]}})", "0 invalid_value field=a"},
          {R"({"metrics":{"a":[1],"b":2}})", "0 point b=2 ~invalid_value:a"},
          {R"({"metrics":{"a":1e999}})", "0 invalid_value field=a"},
          {R"({"metrics":{"a":-1e999,"b":2}})", "0 point b=2 ~invalid_value:a"},
          {R"({"metrics":{"a":{"b":"x"}}})", "0 invalid_value field=a.b"},
          {R"({"metrics":{"a":{"b":"x","c":1}}})", "0 point a.c=1 ~invalid_value:a.b"},
          {R"({"metrics":{"a":null}})", "0 missing_field field=metrics"},
          {R"({"metrics":{}})", "0 missing_field field=metrics"},
          {R"({"metrics":7})", "0 invalid_type field=metrics"},
          {R"({"metrics":[1]})", "0 invalid_type field=metrics"},
          {R"({"metrics":7,"name":"b","value":2})", "0 point b=2 ~invalid_type:metrics"},
          {R"({})", "0 missing_field field=metrics"},
          {R"({"cpu.usage":1})", "0 missing_field field=metrics"},
          {R"({"name":"a"})", "0 missing_field field=value"},
          {R"({"value":1})", "0 missing_field field=name"},
          {R"({"metrics":{"a":1},"value":1})", "0 point a=1 ~missing_field:name"},
          {R"({"name":"a","value":null})", "0 invalid_value field=value"},
          {R"({"name":"a","value":"1"})", "0 point a=1"},
          {R"({"name":"a","value":true})", "0 point a=1"},
          {R"({"name":"a","value":{}})", "0 invalid_type field=value"},
          {R"({"name":7,"value":1})", "0 invalid_type field=name"},
          {R"({"metrics":{"a":1},"timestamp":"x"})", "0 point a=1 ~invalid_timestamp:timestamp"},
          {R"({"metrics":{"a":1},"timestamp":1,"time":2})", "0 point t=1000000000 a=1"},
          {R"({"metrics":{"a":1},"deployment":"a b"})", R"(0 point {deployment="a b"} a=1 ~invalid_name:deployment)"},
          {"{\"metrics\":{\"a\":\"x\"}}\n{\"metrics\":{\"a\":1}}", "0 invalid_value field=a\n1 point a=1"},
      },
      points());
  DecodeOptions strict = points();
  strict.strict = true;
  expect_cases({{R"({"metrics":{"a":"x","b":2}})", "0 invalid_value field=a"}, {R"({"metrics":{"a":true}})", "0 point a=1"}}, strict);
}

TEST(JsonPoints, LimitsHold) {
  DecodeOptions options = points();
  options.max_fields = 2;
  options.max_depth = 4;
  expect_cases(
      {
          {R"({"metrics":{"a":1,"b":2}})", "0 point a=1 b=2"},
          {R"({"metrics":{"a":1,"b":2,"c":3}})", "0 too_many_fields field=c"},
          {R"({"metrics":{"a":1},"labels":{"a":1,"b":2,"c":3}})", "0 too_many_fields field=c"},
          {R"({"metrics":{"a":{"b":{"c":1}}}})", "0 point a.b.c=1"},
          {R"({"metrics":{"a":{"b":{"c":{}}}}})", "0 too_deep field=c"},
      },
      options);
}

}  // namespace
}  // namespace penstock::test
