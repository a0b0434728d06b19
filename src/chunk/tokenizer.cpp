#include "chunk/tokenizer.hpp"

#include <algorithm>

namespace penstock::chunk {

bool equals_folded(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return fold(x) == fold(y); });
}

bool next_token(std::string_view& rest, std::string_view& token) {
  const auto begin = std::find_if(rest.begin(), rest.end(), is_token_byte);
  if (begin == rest.end()) {
    rest = {};
    return false;
  }
  const auto end = std::find_if_not(begin, rest.end(), is_token_byte);
  token = std::string_view(begin, end);
  rest = std::string_view(end, rest.end());
  return true;
}

std::vector<std::string_view> tokens_of(std::string_view text) {
  std::vector<std::string_view> tokens;
  std::string_view token;
  while (next_token(text, token)) tokens.push_back(token);
  return tokens;
}

bool contains_token(std::string_view text, std::string_view word) {
  if (word.empty()) return false;
  const char lower = fold(word[0]);
  std::size_t at = 0;
  while (at + word.size() <= text.size()) {
    if (fold(text[at]) == lower && (at == 0 || !is_token_byte(text[at - 1])) &&
        (at + word.size() == text.size() || !is_token_byte(text[at + word.size()])) &&
        equals_folded(text.substr(at, word.size()), word)) {
      return true;
    }
    ++at;
  }
  return false;
}

}  // namespace penstock::chunk
