#include "decode/value_extent.hpp"

#include <algorithm>
#include <string>

#include "decode/open_brackets.hpp"

namespace penstock::decode {
namespace {

constexpr auto npos = std::string_view::npos;

// Whether a line within the string starts as a record does: more likely its closing quote is missing.
bool has_cut(std::string_view string) {
  for (std::size_t end = string.find('\n'); end != npos; end = string.find('\n', end)) {
    end = skip_space(string, end);
    if (end < string.size() && string[end] == '{') return true;
  }
  return false;
}

}  // namespace

std::size_t string_end(std::string_view text, std::size_t begin) {
  for (std::size_t at = begin + 1;;) {
    const std::size_t quote = text.find('"', at);
    if (quote == npos) return npos;
    std::size_t slashes = 0;
    while (quote - slashes > begin + 1 && text[quote - slashes - 1] == '\\') ++slashes;
    if (slashes % 2 == 0) return quote + 1;
    at = quote + 1;
  }
}

std::size_t skip_space(std::string_view text, std::size_t at) {
  while (at < text.size() && (text[at] == ' ' || text[at] == '\n' || text[at] == '\r' || text[at] == '\t')) ++at;
  return at;
}

std::size_t skip_between(std::string_view text, std::size_t at) {
  constexpr std::string_view kMark = "\xEF\xBB\xBF";
  for (;;) {
    at = skip_space(text, at);
    if (at == text.size()) return at;
    if (text[at] == '\0' || text[at] == '\x1E') {
      ++at;
    } else if (text.substr(at, kMark.size()) == kMark) {
      at += kMark.size();
    } else {
      return at;
    }
  }
}

std::size_t value_end(std::string_view text, std::size_t begin) {
  if (begin >= text.size()) return npos;
  if (text[begin] == '"') return string_end(text, begin);
  if (text[begin] != '{' && text[begin] != '[') {
    const std::size_t end = text.find_first_of(",{}[]\" \n\r\t", begin);
    return end == begin ? npos : end == npos ? text.size() : end;
  }
  OpenBrackets open;
  for (std::size_t at = begin; at < text.size();) {
    const char c = text[at];
    if (c == '"') {
      at = string_end(text, at);
      if (at == npos) return npos;
      continue;
    }
    ++at;
    if (c == '{' || c == '[') {
      open.open(c);
    } else if (c == '}' || c == ']') {
      if (!open.fits(c)) return npos;
      open.close(c);
      if (open.none()) return at;
    }
  }
  return npos;
}

std::size_t stray_backslash(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] == '\\') return at;
    at = text[at] == '"' ? string_end(text, at) : at + 1;
  }
  return npos;
}

std::size_t object_end_over_lines(std::string_view text, std::size_t begin, std::size_t& reach) {
  text = text.substr(0, begin + std::min(reach, text.size() - begin));
  // Without an end.
  const auto looked_at = [&](std::size_t end) {
    reach -= std::min(end, text.size()) - begin;
    return npos;
  };
  std::string open;  // the brackets around the current place
  char before = '\0';
  for (std::size_t at = begin; at < text.size();) {
    const char c = text[at];
    if (c == '"') {
      const std::size_t end = string_end(text, at);
      if (end == npos || has_cut(text.substr(at, end - at))) return looked_at(end);
      before = c;
      at = end;
      continue;
    }
    ++at;
    if (c == '\n') {
      const std::size_t next = skip_space(text, at);
      const bool fits = before == ':' || (!open.empty() && open.back() == '[' && (before == '[' || before == ','));
      if (next < text.size() && text[next] == '{' && !fits) return looked_at(next);
      at = next;
      continue;
    }
    if (c == '{' || c == '[') {
      open.push_back(c);
    } else if (c == '}' || c == ']') {
      open.pop_back();
      if (open.empty()) return at;
    }
    if (c != ' ' && c != '\r' && c != '\t') before = c;
  }
  return looked_at(text.size());
}

}  // namespace penstock::decode
