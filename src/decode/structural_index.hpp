// Where the tokens of a JSON text start.
//
// simdjson's first stage (Langdale and Lemire, "Parsing Gigabytes of JSON per Second", 2019) finds them with the widest vectors the
// CPU has, and checks UTF-8, control characters and quotes on the way. Its second stage and its on-demand front end want a whole
// document in one piece and padded; here the tokens are walked directly (TokenCursor), so that a window may hold many records, a
// broken record costs only itself, and values point into the body without being copied. bench/decode_bench.cpp compares the ways.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace penstock::decode {

enum class IndexStatus { ok, bad_utf8, bad_character, open_string, empty, failed };

// One thread.
class StructuralIndex {
 public:
  StructuralIndex();
  ~StructuralIndex();

  // Reads no byte outside of `text`, which is shorter than 4 GiB. bad_character: a raw control character inside a string.
  IndexStatus build(std::string_view text);
  // The same, but takes raw control characters inside strings as they come, all but NUL. For a text of which build() said bad_character.
  IndexStatus build_with_controls(std::string_view text);
  // Offsets of operators, opening quotes and first characters of other scalars, ascending, and then text.size(). Until the next
  // build().
  const std::uint32_t* offsets() const { return offsets_; }

  std::size_t kept_bytes() const;
  void release();  // gives the memory back

 private:
  struct State;
  std::unique_ptr<State> state_;
  std::string masked_;  // a text without its control characters
  const std::uint32_t* offsets_ = nullptr;
};

}  // namespace penstock::decode
