// rooms: chunk core base
// Any bytes as text: its words are the same however often it is folded, the filter that is made of it holds each of them, and an array's
// elements can be walked.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/ansi.hpp"
#include "base/unicode.hpp"
#include "chunk/token_filter.hpp"
#include "chunk/tokenizer.hpp"
#include "penstock/core/json_elements.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace penstock;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::string folded = chunk::folded_words(text);
  if (!is_valid_utf8(folded) || !is_valid_utf8(chunk::folded_value(text))) std::abort();

  chunk::TokenFilterBuilder builder;
  builder.add_tokens(text);
  const auto filter = chunk::TokenFilter::parse(builder.finish());
  if (!filter) std::abort();
  std::string_view rest = folded, word;
  while (chunk::next_word(rest, word)) {
    if (!filter->may_contain_token(word)) std::abort();
    const auto at = static_cast<std::size_t>(word.data() - folded.data());
    if (chunk::is_inside_word(folded, at) || chunk::is_inside_word(folded, at + word.size())) std::abort();
  }

  std::string shown;
  append_without_ansi(shown, text);
  if (shown.find(kEscape) != std::string::npos) std::abort();
  std::size_t elements = 0;
  each_json_element(text, [&](std::string_view) { return ++elements < 1000; });
  return 0;
}
