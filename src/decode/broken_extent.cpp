#include "decode/broken_extent.hpp"

#include "decode/open_brackets.hpp"
#include "decode/value_extent.hpp"

namespace penstock::decode {
namespace {

// A comma, a name and a colon: no element of an array starts so, they belong to an object that was closed too early.
bool is_next_member(std::string_view text, std::size_t at) {
  if (at >= text.size() || text[at] != ',') return false;
  at = skip_space(text, at + 1);
  if (at >= text.size() || text[at] != '"') return false;
  const std::size_t end = string_end(text, at);
  if (end == std::string_view::npos) return false;
  at = skip_space(text, end);
  return at < text.size() && text[at] == ':';
}

// The same where brackets are closed before; few, so that many of them are not looked at again for each.
bool is_rest_of_object(std::string_view text, std::size_t at) {
  at = skip_space(text, at);
  for (int closed = 0; closed < 8 && at < text.size() && (text[at] == '}' || text[at] == ']'); ++closed) at = skip_space(text, at + 1);
  return is_next_member(text, at);
}

}  // namespace

bool ends_element(std::string_view text, std::size_t at) {
  at = skip_between(text, at);
  return at == text.size() || text[at] == ',' || text[at] == ']' || text[at] == '{';
}

std::size_t element_end(std::string_view text, std::size_t at) {
  OpenBrackets open;
  while (at < text.size()) {
    const char c = text[at];
    if (open.none() && (c == ']' || (c == ',' && !is_next_member(text, at)))) return at;
    if (c == '"') {
      at = string_end(text, at);
      if (at == std::string_view::npos) return std::string_view::npos;
      continue;
    }
    ++at;
    if (c == '{' || c == '[') {
      open.open(c);
    } else if ((c == '}' || c == ']') && open.has(c)) {
      open.close(c);
    }
  }
  return open.none() ? text.size() : std::string_view::npos;
}

std::size_t broken_end(std::string_view text, std::size_t begin) {
  if (text[begin] != '{' && text[begin] != '[') return element_end(text, begin);
  OpenBrackets open;
  for (std::size_t at = begin; at < text.size();) {
    const char c = text[at];
    if (c == '"') {
      at = string_end(text, at);
      if (at == std::string_view::npos) return std::string_view::npos;
      continue;
    }
    ++at;
    if (c == '{' || c == '[') {
      open.open(c);
    } else if (c == '}' || c == ']') {
      if (!open.has(c)) continue;
      if (!open.is_outermost(c)) {
        open.close(c);
      } else if (!is_rest_of_object(text, at)) {
        return ends_element(text, at) ? at : element_end(text, at);
      }
    }
  }
  return std::string_view::npos;
}

}  // namespace penstock::decode
