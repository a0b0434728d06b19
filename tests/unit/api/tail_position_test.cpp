#include "api/tail_position.hpp"

#include <gtest/gtest.h>

namespace penstock::api {
namespace {

TEST(TailPosition, ComesBackFromItsText) {
  const RecordId id{JournalId{123456789}, 42};
  for (const TailPosition& position : {TailPosition{id, 0, ""}, TailPosition{id, 43, "AbC-_"}, TailPosition{id, 99, ""}, TailPosition{{id.journal, 0}, 0, ""}, TailPosition{{id.journal, 0}, 5, "x"}}) {
    const auto back = parse_tail_position(to_string(position));
    ASSERT_TRUE(back) << to_string(position);
    EXPECT_EQ(back->after, position.after);
    EXPECT_EQ(back->end, position.end);
    EXPECT_EQ(back->cursor, position.cursor);
  }
}

TEST(TailPosition, RefusesWhatItNeverWrote) {
  const std::string id = to_string(RecordId{JournalId{1}, 42});
  for (const std::string& text : {std::string(), std::string("x"), id + ":", id + ":43", id + ":x:c", id + ":-1:c", id + ":42:c", id + ":99999999999999999999999:c", id + " "}) {
    EXPECT_FALSE(parse_tail_position(text)) << text;
  }
}

}  // namespace
}  // namespace penstock::api
