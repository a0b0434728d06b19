// A small JSON reader for the texts that this room wrote itself: objects, arrays and strings. Bounded depth, no
// numbers.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace penstock::query {

struct JsonText {
  enum class Kind { null, string, array, object };
  Kind kind = Kind::null;
  std::string string;
  std::vector<JsonText> items;                            // array
  std::vector<std::pair<std::string, JsonText>> members;  // object

  const JsonText* find(std::string_view name) const;
};

// nullopt when the text is not such JSON as a whole.
std::optional<JsonText> read_json_text(std::string_view text);

}  // namespace penstock::query
