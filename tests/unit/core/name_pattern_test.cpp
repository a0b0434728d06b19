#include "penstock/core/name_pattern.hpp"

#include <gtest/gtest.h>

#include <string>

namespace penstock {
namespace {

TEST(NamePattern, StarsAndQuestionMarksStandForWhatTheySay) {
  struct Case {
    const char *pattern, *name;
    bool matches;
  };
  for (const Case& one : {Case{"web-1", "web-1", true}, Case{"web-1", "web-10", false}, Case{"web-1", "Web-1", false},
                          Case{"web-*", "web-", true}, Case{"web-*", "web-10", true}, Case{"web-*", "aweb-1", false},
                          Case{"*-1", "web-1", true}, Case{"*-1", "web-1-2", false}, Case{"*-1", "a-1-1", true},
                          Case{"*", "", true}, Case{"*", "anything", true}, Case{"", "", true}, Case{"", "a", false},
                          Case{"w?b", "web", true}, Case{"w?b", "wb", false}, Case{"a*b*c", "axxbyyc", true}, Case{"a*b*c", "axxcyyb", false},
                          Case{"a\\*b", "a*b", true}, Case{"a\\*b", "axb", false}, Case{"a\\?", "a?", true}, Case{"a\\", "a\\", true},
                          Case{"**", "x", true}, Case{"*a", "aaab", false}}) {
    EXPECT_EQ(matches_pattern(one.pattern, one.name), one.matches) << one.pattern << " and " << one.name;
  }
}

TEST(NamePattern, NoPatternTakesLongerThanBothLengthsMultiplied) {
  std::string pattern;
  for (int i = 0; i < 127; ++i) pattern += "*a";
  EXPECT_FALSE(matches_pattern(pattern + "b", std::string(10'000, 'a')));  // would not end if stars were tried all ways
}

TEST(NamePattern, ANameWithoutSignsIsNoPattern) {
  EXPECT_TRUE(is_pattern("a*"));
  EXPECT_TRUE(is_pattern("?"));
  EXPECT_FALSE(is_pattern("a.b-c"));
  EXPECT_FALSE(is_pattern("a\\*"));
}

}  // namespace
}  // namespace penstock
