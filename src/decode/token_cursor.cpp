#include "decode/token_cursor.hpp"

#include "decode/json_text.hpp"
#include "decode/value_extent.hpp"

namespace penstock::decode {

bool TokenCursor::unescaped(std::string_view& content) {
  return unescape(content, arena_, content) || fail_escape(content);
}

bool TokenCursor::is_between() const {
  const std::string_view text = token();
  return skip_between(text, 0) == text.size();
}

bool TokenCursor::fail_escape(std::string_view content) {
  fail("an escape that JSON knows");
  error_at_ = static_cast<std::size_t>(content.data() - data_) + invalid_escape(content);
  return false;
}

bool TokenCursor::scalar(Value& out) {
  const char c = peek();
  if (c == '"') {
    out.kind = ValueKind::string;
    return string(out.text);
  }
  if (c == '\0') return fail("a value");
  out.text = token();
  if (c == '-' || (c >= '0' && c <= '9')) {
    const NumberShape shape = number_shape(out.text);
    if (!shape.valid && out.text != "-Infinity") return fail("a number as JSON spells it");
    out.kind = !shape.valid ? ValueKind::no_number : shape.integer ? ValueKind::integer : ValueKind::real;
  } else if (out.text == "true" || out.text == "false") {
    out.kind = ValueKind::boolean;
  } else if (out.text == "null") {
    out.kind = ValueKind::null;
  } else if (out.text == "NaN" || out.text == "Infinity") {
    out.kind = ValueKind::no_number;
  } else {
    return fail("a value");
  }
  advance();
  return true;
}

bool TokenCursor::skip(std::size_t depth, bool& too_deep) {
  stack_.clear();
  has_no_number_ = false;
  const auto leaf = [this] {
    if (peek() != '"') {
      Value value;
      if (!scalar(value)) return false;
      has_no_number_ = has_no_number_ || value.kind == ValueKind::no_number;
      return true;
    }
    std::string_view content;
    if (!raw_string(content)) return false;
    if (has_escape(content) && invalid_escape(content) != content.size()) return fail_escape(content);
    advance();
    return true;
  };
  const auto name = [&] {
    if (peek() != '"') return fail("a name in quotes");
    if (!leaf()) return false;
    if (peek() != ':') return fail("a colon");
    advance();
    return true;
  };
  for (;;) {
    const char c = peek();
    if (c == '{' || c == '[') {
      const char closing = c == '{' ? '}' : ']';
      advance();
      if (stack_.size() == depth) too_deep = true;
      if (peek() != closing) {
        stack_.push_back(closing);
        if (c == '{' && !name()) return false;
        continue;
      }
      close();
    } else if (!leaf()) {
      return false;
    }
    // A value has ended: so may the containers around it.
    while (!stack_.empty() && peek() == stack_.back()) {
      close();
      stack_.pop_back();
    }
    if (stack_.empty()) return true;
    if (peek() != ',') return fail(stack_.back() == '}' ? "a comma or }" : "a comma or ]");
    advance();
    if (stack_.back() == '}' && !name()) return false;
  }
}

}  // namespace penstock::decode
