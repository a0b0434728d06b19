// Walks the tokens of JSON records that a StructuralIndex found, checking the grammar on the way.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

#include "decode/arena.hpp"

namespace penstock::decode {

// no_number: NaN, Infinity and -Infinity, which are no JSON, and which Python writes all the same.
enum class ValueKind : std::uint8_t { null, boolean, integer, real, no_number, string, object, array };

struct Value {
  ValueKind kind = ValueKind::null;
  std::string_view text;  // string: unescaped; number, boolean, object, array: as it stands in the body
};

// One window of text, one thread. Strings may hold raw control characters, which stay as they are. Functions that return bool return
// false after a syntax error; then expected() and error_position() say what was expected where, and ran_out() whether the tokens ended too
// early (more text could mend it). Nothing may be read after that.
class TokenCursor {
 public:
  // `offsets` ends with text.size(), behind the last token. `stack` is working memory for nested values.
  TokenCursor(std::string_view text, const std::uint32_t* offsets, Arena& arena, std::vector<char>& stack)
      : data_(text.data()), at_(offsets), size_(static_cast<std::uint32_t>(text.size())), limit_(size_), arena_(arena), stack_(stack) {}

  // Tokens from `offset` on are as if they were not there (the end of a line).
  void set_limit(std::size_t offset) { limit_ = static_cast<std::uint32_t>(offset); }
  // Moves on to the first token at or after `offset`.
  void skip_to(std::size_t offset) {
    while (*at_ < offset) ++at_;
  }
  bool done() const { return *at_ >= limit_; }
  char peek() const { return done() ? '\0' : data_[*at_]; }
  void advance() { ++at_; }
  // Moves past what may stand between records (skip_between()).
  void skip_between_records() {
    while (!done() && (data_[*at_] == '\0' || data_[*at_] == '\x1E' || data_[*at_] == '\xEF') && is_between()) ++at_;
  }
  // Whether a record may end here: nothing follows up to the limit, or what another record may come after.
  bool at_record_end() const {
    if (done() || data_[*at_] == '{') return true;
    if (data_[*at_] == ',') return at_[1] >= limit_ || data_[at_[1]] == '{';
    return (data_[*at_] == '\0' || data_[*at_] == '\x1E' || data_[*at_] == '\xEF') && is_between();
  }
  // Where the next token starts, or the limit.
  std::size_t position() const { return done() ? limit_ : *at_; }
  // Where the last operator that was read ended; after an object or array, the end of that.
  std::size_t last_end() const { return last_end_; }

  // A string token (peek() is '"'), unescaped.
  [[gnu::always_inline]] bool string(std::string_view& out) {
    if (!raw_string(out)) return false;
    if (next_escape_ < out.data() + out.size() && has_escape(out) && !unescaped(out)) return false;
    ++at_;
    return true;
  }
  // Any value but an object or array (peek() tells).
  bool scalar(Value& out);
  // A value of any kind, checked to its end. In it has_no_number() tells of a no_number. `depth` levels are allowed within it; `too_deep` is set when it has more.
  bool skip(std::size_t depth, bool& too_deep);
  bool has_no_number() const { return has_no_number_; }

  // The members of an object (peek() is '{'): `member(key)` reads one value. Returns to just after the '}'.
  template <class Member>
  bool object(Member&& member) {
    advance();
    if (peek() == '}') return close();
    for (;;) {
      std::string_view key;
      if (peek() != '"') return fail("a name in quotes");
      if (!string(key)) return false;
      if (peek() != ':') return fail("a colon");
      advance();
      if (!member(key)) return false;
      const char c = peek();
      if (c == '}') return close();
      if (c != ',') return fail("a comma or }");
      advance();
    }
  }

  // The elements of an array (peek() is '['): `element()` reads one value. Returns to just after the ']'.
  template <class Element>
  bool array(Element&& element) {
    advance();
    if (peek() == ']') return close();
    for (;;) {
      if (!element()) return false;
      const char c = peek();
      if (c == ']') return close();
      if (c != ',') return fail("a comma or ]");
      advance();
    }
  }

  bool fail(const char* expected) {
    expected_ = expected;
    error_at_ = position();
    ran_out_ = done();
    return false;
  }
  const char* expected() const { return expected_; }
  std::size_t error_position() const { return error_at_; }
  bool ran_out() const { return ran_out_; }

 private:
  bool is_between() const;
  bool close() {
    last_end_ = *at_ + std::size_t{1};
    ++at_;
    return true;
  }
  static bool is_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }
  // The token's text without white space after it.
  std::string_view token() const {
    const char* const begin = data_ + *at_;
    const char* stop = data_ + (at_[1] < limit_ ? at_[1] : limit_);
    while (static_cast<unsigned char>(stop[-1]) <= ' ' && is_space(stop[-1])) --stop;  // a token does not start with a space
    return {begin, static_cast<std::size_t>(stop - begin)};
  }
  bool raw_string(std::string_view& content) {
    const std::string_view text = token();
    if (text.size() < 2 || text.data()[text.size() - 1] != '"') return fail("a closing quote");
    content = {text.data() + 1, text.size() - 2};
    return true;
  }
  // Whether a backslash lies within content. One pass over the window in all.
  bool has_escape(std::string_view content) {
    const char* const begin = content.data();
    if (next_escape_ < begin) {
      const void* found = std::memchr(begin, '\\', static_cast<std::size_t>(data_ + size_ - begin));
      next_escape_ = found ? static_cast<const char*>(found) : data_ + size_;
    }
    return next_escape_ < begin + content.size();
  }
  bool unescaped(std::string_view& content);
  // After a string with an escape that JSON does not have.
  bool fail_escape(std::string_view content);

  const char* data_;
  const std::uint32_t* at_;
  std::uint32_t size_;
  std::uint32_t limit_;
  Arena& arena_;
  std::vector<char>& stack_;
  const char* next_escape_ = nullptr;
  std::size_t last_end_ = 0;
  const char* expected_ = "";
  std::size_t error_at_ = 0;
  bool ran_out_ = false;
  bool has_no_number_ = false;
};

}  // namespace penstock::decode
