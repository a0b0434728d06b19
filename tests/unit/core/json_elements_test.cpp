#include "penstock/core/json_elements.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "penstock/core/record.hpp"

namespace penstock {
namespace {

std::vector<std::string> elements_of(std::string_view json) {
  std::vector<std::string> found;
  EXPECT_TRUE(each_json_element(json, [&](std::string_view element) {
    found.emplace_back(element);
    return true;
  }));
  return found;
}

using Elements = std::vector<std::string>;

TEST(JsonElements, AreWhatAnArrayHolds) {
  EXPECT_EQ(elements_of(R"(["a","b c"])"), (Elements{"a", "b c"}));
  EXPECT_EQ(elements_of(R"( [ 1 , 2.50, 1e3 ,true,null , -7 ] )"), (Elements{"1", "2.5", "1000", "true", "null", "-7"}));
  EXPECT_EQ(elements_of(R"([[1,["x"]],{"a":[1,2]},[]])"), (Elements{"1", "x", R"({"a":[1,2]})"}));
  EXPECT_EQ(elements_of(R"(["caf\u00e9","\"q\"","\ud83d\ude00","a\nb\/c","\ud800"])"), (Elements{"café", "\"q\"", "😀", "a\nb/c", "\xef\xbf\xbd"}));
  EXPECT_EQ(elements_of("[]"), Elements{});
  EXPECT_EQ(elements_of(R"(["]","[",","])"), (Elements{"]", "[", ","}));
}

TEST(JsonElements, OfWhatIsNoArrayAreTheWhole) {
  for (const char* text : {"123456789012345678901234567890", R"({"a":1})", "", "plain", R"(["open)", "[1,2", "[1] x"}) EXPECT_EQ(elements_of(text), Elements{text}) << text;
}

TEST(JsonElements, EndWhenTheyAreNotWanted) {
  int seen = 0;
  EXPECT_FALSE(each_json_element("[1,2,3]", [&](std::string_view) { return ++seen < 2; }));
  EXPECT_EQ(seen, 2);
}

TEST(FieldText, WholeRealsAreSpelledAsIntegersAre) {
  const auto text = [](double value) {
    std::string out;
    append_text(out, FieldValue::of(value));
    return out;
  };
  EXPECT_EQ(text(1000000.0), "1000000");
  EXPECT_EQ(text(-3.0), "-3");
  EXPECT_EQ(text(2.5), "2.5");
  EXPECT_EQ(text(-0.0), "-0");
  EXPECT_EQ(text(9007199254740991.0), "9007199254740991");
  EXPECT_EQ(text(1e300), "1e+300");
}

TEST(FieldText, JsonIsValidUtf8WhateverIsStored) {
  std::string out;
  append_json(out, FieldValue::of(std::string_view("a\xff\"b")));
  append_json(out, FieldValue::of_json("[\"\xfe\"]"));
  EXPECT_EQ(out, "\"a\xef\xbf\xbd\\\"b\"[\"\xef\xbf\xbd\"]");
}

}  // namespace
}  // namespace penstock
