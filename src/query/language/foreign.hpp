// Signs of other query languages (Lucene, KQL, LogQL, LogsQL, SPL, SQL) that would be looked for as text, and find nothing. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace penstock::query {

// What stands around a word without quotes.
struct WordPlace {
  bool first = true;         // nothing before it in its group
  bool last = true;          // nothing behind it in its group
  char next = '\0';          // the character right behind it, '\0' at the end of the text
  std::string_view rest;     // of the text, from behind it on
};

// What to write instead of such a word; nullopt: it is text.
std::optional<std::string> foreign_word(std::string_view word, const WordPlace& place);
// The same for the name of a field, and for a value without quotes behind `name:`.
std::optional<std::string> foreign_name(std::string_view name);
std::optional<std::string> foreign_value(std::string_view name, std::string_view value, const WordPlace& place);

// name=value, as logfmt writes it: the place of '='; npos: the word is something else.
std::size_t equals_sign(std::string_view word);

}  // namespace penstock::query
