#include "query/language/foreign.hpp"

#include <algorithm>
#include <array>

namespace penstock::query {
namespace {

constexpr std::string_view kQuote = " To search for these characters, put the text in quotes.";

bool is_digit_of(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_name_character(char c) { return is_letter(c) || is_digit_of(c) || c == '_' || c == '.' || c == '-' || c == '@'; }

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
  return out;
}

template <std::size_t n>
bool is_one_of(std::string_view text, const std::array<std::string_view, n>& names) {
  return std::find(names.begin(), names.end(), text) != names.end();
}

// The length of a field's name at the front.
std::size_t name_length(std::string_view word) {
  if (word.empty() || !(is_letter(word[0]) || word[0] == '_' || word[0] == '@')) return 0;
  return static_cast<std::size_t>(std::find_if_not(word.begin(), word.end(), is_name_character) - word.begin());
}

// name!=value, name>=5 and the like.
std::optional<std::string> compared(std::string_view word, const WordPlace& place) {
  const std::size_t end = name_length(word);
  if (end == 0 || end == word.size()) return std::nullopt;
  const std::string name(word.substr(0, end));
  const std::string_view sign = word.substr(end);
  if (sign.starts_with("!=") || sign.starts_with("<>")) return "“not equal” is written -" + name + ":value.";
  if (sign.starts_with("=~")) return "an expression is written " + name + ":/…/.";
  if (sign.starts_with("!~")) return "an expression that must not hold is written -" + name + ":/…/.";
  if (sign.starts_with("==")) return "a field's value is written " + name + ":value.";
  if (sign == "=" && place.next == '"') return "a field's value is written " + name + ":\"a value\".";
  for (const std::string_view op : {">=", "<=", ">", "<"}) {
    if (!sign.starts_with(op)) continue;
    const std::string_view value = sign.substr(op.size());
    const bool number = !value.empty() && (is_digit_of(value[0]) || (value[0] == '-' && value.size() > 1 && is_digit_of(value[1])));
    if (number) return "a comparison is written " + name + ":" + std::string(op) + std::string(value) + ".";
    return std::nullopt;
  }
  return std::nullopt;
}

std::optional<std::string> spaced_sign(std::string_view word, const WordPlace& place) {
  if (place.first || place.last) return std::nullopt;
  if (word == "=" || word == "==") return "a field's value is written name:value, without blanks.";
  if (word == "!=" || word == "<>") return "“not equal” is written -name:value.";
  if (word == ">" || word == ">=" || word == "<" || word == "<=") return "a comparison is written name:" + std::string(word) + "5, without blanks.";
  if (word == "=~" || word == "!~") return "an expression is written name:/…/, or -name:/…/ where it must not hold.";
  return std::nullopt;
}

// Lucene's roam~2 and error^4.
bool is_fuzzy(std::string_view word) {
  const std::size_t sign = word.find_first_of("~^");
  if (sign == 0 || sign == std::string_view::npos) return false;
  const std::string_view before = word.substr(0, sign), behind = word.substr(sign + 1);
  if (!std::all_of(before.begin(), before.end(), [](char c) { return is_letter(c) || is_digit_of(c) || c == '_'; })) return false;
  if (!std::all_of(behind.begin(), behind.end(), [](char c) { return is_digit_of(c) || c == '.'; })) return false;
  return word[sign] == '~' || !behind.empty();
}

bool opens_single_quotes(std::string_view word, std::string_view rest) {
  if (!word.starts_with('\'') || (word.size() > 1 && word.ends_with('\''))) return false;
  for (std::size_t at = rest.find('\''); at != std::string_view::npos; at = rest.find('\'', at + 1)) {
    if (at + 1 == rest.size() || rest[at + 1] == ' ' || rest[at + 1] == ')') return true;
  }
  return false;
}

}  // namespace

std::optional<std::string> foreign_word(std::string_view word, const WordPlace& place) {
  const std::string small = lower(word);
  const auto with_quote = [](std::string text) { return text + std::string(kQuote); };
  if (!place.first && !place.last && (small == "or" || small == "and")) {
    return small + " in small letters is a word to look for: write " + (small == "or" ? "OR" : "AND") + ", or put it (or the whole sentence) in quotes.";
  }
  if (place.first && !place.last && small == "not" && word != "NOT") {
    return "not in small letters is a word to look for: write NOT or a - before what must not be there, or put it in quotes.";
  }
  if (word == "||") return with_quote("“or” is written OR.");
  if (word == "&&") return with_quote("“and” is written AND, or left out.");
  if (word.starts_with("|~") || (word.starts_with('|') && place.first == false && word.starts_with("|="))) return with_quote("there are no pipes: what must be in the text too is written behind a blank, an expression as /…/.");
  if (word.starts_with('|') && (word.size() == 1 || word[1] == '=' || is_letter(word[1]))) {
    return with_quote("there are no pipes: a query is one condition. Counts are given by the histogram and by facets.");
  }
  if (word.starts_with('{') && (word.find('=') != std::string_view::npos || word.find("!~") != std::string_view::npos)) {
    return with_quote("labels are written as fields: name:value.");
  }
  if (word == "!" || (word.size() > 1 && word[0] == '!' && (is_letter(word[1]) || word[1] == '_'))) {
    return with_quote("“not” is written -" + std::string(word == "!" ? "word" : word.substr(1)) + ".");
  }
  if (word.size() > 1 && word[0] == '+' && is_letter(word[1])) return with_quote("a word must be there anyway: leave out the +.");
  if (place.next == '(' && small == "in") return with_quote("one of several values is written name:(a OR b).");
  if (small == "in" && !place.first && place.rest.find_first_not_of(' ') != std::string_view::npos && place.rest[place.rest.find_first_not_of(' ')] == '(') {
    return with_quote("one of several values is written name:(a OR b).");
  }
  if (place.next == ')' && word.size() > 1 && word.size() < 6 && word[0] == '?' && is_letter(word[1])) {
    return with_quote("an expression is written /…/, and /…/i where case does not count.");
  }
  if (is_fuzzy(word)) return with_quote("words like another are not looked for: leave out the " + std::string(1, word[word.find_first_of("~^")]) + ", or use * or /…/.");
  if (opens_single_quotes(word, place.rest)) return "a phrase is written in double quotes: \"…\".";
  if (auto hint = spaced_sign(word, place)) return with_quote(*hint);
  if (auto hint = compared(word, place)) return with_quote(*hint);
  return std::nullopt;
}

std::optional<std::string> foreign_name(std::string_view name) {
  if (name == "_exists_") return "that a field is there is written name:*.";
  if (name == "_time" || name == "@timestamp") return "the time is not part of the query: use from= and to=.";
  if (name.size() > 1 && name[0] == '!') return "“not” is written -" + std::string(name.substr(1)) + ":value.";
  if (name.size() > 1 && name[0] == '+') return "a condition must hold anyway: leave out the +.";
  if (name.find('*') != std::string_view::npos && name != "*") return "a field's name has no *: name one field, or look for the value in all of them by leaving out the name.";
  return std::nullopt;
}

std::optional<std::string> foreign_value(std::string_view name, std::string_view value, const WordPlace& place) {
  const std::string field(name);
  if (value.starts_with('[') || value.starts_with('{')) {
    const std::size_t to = place.rest.find(" TO ");
    const std::size_t end = place.rest.find_first_of("]}");
    if (to != std::string_view::npos && (end == std::string_view::npos || to < end)) {
      return "a range is written " + field + ":(>=500 <=599).";
    }
  }
  if (place.next == '(') {
    constexpr std::array<std::string_view, 12> kFunctions = {"in", "contains_any", "contains_all", "range", "re", "exact", "seq", "i", "len_range", "string_range", "ipv4_range", "not"};
    if (is_one_of(lower(value), kFunctions)) {
      return "there are no functions: write " + field + ":(a OR b), " + field + ":(>=5 <=9), " + field + ":/…/ or " + field + ":=value.";
    }
  }
  if (value.size() > 1 && value[0] == '!' && value[1] != '=') return "“not” is written -" + field + ":" + std::string(value.substr(1)) + ".";
  if (value.starts_with("!=")) return "“not” is written -" + field + ":=" + std::string(value.substr(2)) + ".";
  if (value.starts_with("~")) return "an expression is written " + field + ":/…/.";
  if (value.starts_with('\'') && (value.size() == 1 || value.ends_with('\'') || opens_single_quotes(value, place.rest))) {
    return "a value is written in double quotes: " + field + ":\"…\".";
  }
  return std::nullopt;
}

std::size_t equals_sign(std::string_view word) {
  const std::size_t end = name_length(word);
  if (end == 0 || end + 1 >= word.size() || word[end] != '=') return std::string_view::npos;
  return word[end + 1] == '=' || word[end + 1] == '~' ? std::string_view::npos : end;
}

}  // namespace penstock::query
