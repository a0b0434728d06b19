#include "base/ansi.hpp"

#include <gtest/gtest.h>

namespace penstock {
namespace {

std::string shown(std::string_view text) {
  std::string out;
  append_without_ansi(out, text);
  return out;
}

TEST(Ansi, SequencesThatColourAreNotShown) {
  EXPECT_EQ(shown("\x1b[31mERROR\x1b[0m: \x1b[1;38;5;196mdisk\x1b[m full"), "ERROR: disk full");
  EXPECT_EQ(shown("\x1b]8;;https://x\x1b\\link\x1b]8;;\x07 \x1b(Bplain \x1b[2Kline\x1b[?25h"), "link plain line");
  EXPECT_EQ(shown("no colours [31m here"), "no colours [31m here");
}

TEST(Ansi, WhatIsCutOffTakesNothingElseWithIt) {
  EXPECT_EQ(shown("a\x1b"), "a");
  EXPECT_EQ(shown("a\x1b["), "a");
  EXPECT_EQ(shown("a\x1b[31"), "a");
  EXPECT_EQ(shown("a\x1b[31\nb"), "a\nb");
  EXPECT_EQ(shown("a\x1b]0;title that never ends"), "a0;title that never ends");
}

}  // namespace
}  // namespace penstock
