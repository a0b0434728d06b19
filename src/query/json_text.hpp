// A small JSON reader for the texts that this room wrote itself: objects, arrays and strings. Bounded depth, no
// numbers.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace penstock::query {

struct JsonText {
  struct Member;
  enum class Kind { null, string, array, object };
  Kind kind = Kind::null;
  std::string string;
  std::vector<JsonText> items;  // array
  std::vector<Member> members;  // object

  const JsonText* find(std::string_view name) const;
};

struct JsonText::Member {
  std::string name;
  JsonText value;
};

// nullopt when the text is not such JSON as a whole.
std::optional<JsonText> read_json_text(std::string_view text);

}  // namespace penstock::query
