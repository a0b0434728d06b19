#include "decode/value_extent.hpp"

#include <string>

namespace penstock::decode {
namespace {

constexpr auto npos = std::string_view::npos;

// One past the closing quote of the string that starts at `begin`.
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

}  // namespace

std::size_t skip_space(std::string_view text, std::size_t at) {
  while (at < text.size() && (text[at] == ' ' || text[at] == '\n' || text[at] == '\r' || text[at] == '\t')) ++at;
  return at;
}

std::size_t value_end(std::string_view text, std::size_t begin) {
  if (begin >= text.size()) return npos;
  if (text[begin] == '"') return string_end(text, begin);
  if (text[begin] != '{' && text[begin] != '[') {
    const std::size_t end = text.find_first_of(",]} \n\r\t", begin);
    return end == begin ? npos : end == npos ? text.size() : end;
  }
  std::size_t depth = 0;
  for (std::size_t at = begin; at < text.size();) {
    const char c = text[at];
    if (c == '"') {
      at = string_end(text, at);
      if (at == npos) return npos;
      continue;
    }
    ++at;
    if (c == '{' || c == '[') {
      ++depth;
    } else if (c == '}' || c == ']') {
      if (--depth == 0) return at;
    }
  }
  return npos;
}

std::size_t object_end_over_lines(std::string_view text, std::size_t begin) {
  std::string open;  // the brackets around the current place
  char before = '\0';
  for (std::size_t at = begin; at < text.size();) {
    const char c = text[at];
    if (c == '"') {
      const std::size_t end = string_end(text, at);
      if (end == npos || text.substr(at, end - at).find('\n') != npos) return npos;
      before = c;
      at = end;
      continue;
    }
    ++at;
    if (c == '\n') {
      const std::size_t next = skip_space(text, at);
      const bool fits = before == ':' || (!open.empty() && open.back() == '[' && (before == '[' || before == ','));
      if (next < text.size() && text[next] == '{' && !fits) return npos;
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
  return npos;
}

}  // namespace penstock::decode
