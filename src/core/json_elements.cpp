#include "penstock/core/json_elements.hpp"

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string>
#include <system_error>

#include "penstock/core/record.hpp"

namespace penstock {
namespace {

constexpr int kMaxArrays = 64;  // one in the other; deeper ones count as they are written

bool is_json_blank(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

void append_code_point(std::string& out, std::uint32_t code) {
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xc0 | code >> 6);
    out += static_cast<char>(0x80 | (code & 0x3f));
  } else if (code < 0x10000) {
    out += static_cast<char>(0xe0 | code >> 12);
    out += static_cast<char>(0x80 | (code >> 6 & 0x3f));
    out += static_cast<char>(0x80 | (code & 0x3f));
  } else {
    out += static_cast<char>(0xf0 | code >> 18);
    out += static_cast<char>(0x80 | (code >> 12 & 0x3f));
    out += static_cast<char>(0x80 | (code >> 6 & 0x3f));
    out += static_cast<char>(0x80 | (code & 0x3f));
  }
}

class ElementReader {
 public:
  ElementReader(std::string_view text, const std::function<bool(std::string_view)>& visit) : text_(text), visit_(visit) {}

  // Whether the text is one array, as far as its brackets and strings tell.
  bool is_array() {
    blanks();
    if (peek() != '[' || !skip()) return false;
    blanks();
    return at_ == text_.size();
  }

  bool each() {
    at_ = 0;
    blanks();
    return array(1);
  }

 private:
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  void blanks() {
    while (at_ < text_.size() && is_json_blank(text_[at_])) ++at_;
  }

  // One value, whatever it is. False: it does not end.
  bool skip() {
    if (peek() == '"') return skip_string();
    if (peek() != '[' && peek() != '{') {
      while (at_ < text_.size() && !is_json_blank(text_[at_]) && text_[at_] != ',' && text_[at_] != ']' && text_[at_] != '}') ++at_;
      return true;
    }
    std::size_t open = 0;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '"') {
        if (!skip_string()) return false;
        continue;
      }
      ++at_;
      if (c == '[' || c == '{') ++open;
      if ((c == ']' || c == '}') && --open == 0) return true;
    }
    return false;
  }

  bool skip_string() {
    for (++at_; at_ < text_.size(); ++at_) {
      if (text_[at_] == '\\') {
        ++at_;
      } else if (text_[at_] == '"') {
        ++at_;
        return true;
      }
    }
    return false;
  }

  bool array(int depth) {
    ++at_;
    for (;;) {
      while (at_ < text_.size() && (is_json_blank(text_[at_]) || text_[at_] == ',')) ++at_;
      if (at_ >= text_.size()) return true;
      if (peek() == ']') {
        ++at_;
        return true;
      }
      if (peek() == '[' && depth < kMaxArrays) {
        if (!array(depth + 1)) return false;
        continue;
      }
      const std::size_t begin = at_;
      skip();
      if (at_ == begin) ++at_;  // a bracket that opens nothing
      std::string_view element = text_.substr(begin, at_ - begin);
      element = element.starts_with('"') ? content(element) : spelled(element);
      if (!visit_(element)) return false;
    }
  }

  // A number as append_text() spells it, so that 1.0 is found as 1 is.
  std::string_view spelled(std::string_view text) {
    if (text.find_first_of(".eE") == std::string_view::npos || text.find_first_not_of("0123456789.eE+-") != std::string_view::npos) return text;
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) return text;
    scratch_.clear();
    append_text(scratch_, FieldValue::of(value));
    return scratch_;
  }

  // Of a string with its quotes.
  std::string_view content(std::string_view quoted) {
    quoted.remove_prefix(1);
    if (quoted.ends_with('"')) quoted.remove_suffix(1);
    if (quoted.find('\\') == std::string_view::npos) return quoted;
    scratch_.clear();
    for (std::size_t at = 0; at < quoted.size(); ++at) {
      if (quoted[at] != '\\' || at + 1 == quoted.size()) {
        scratch_ += quoted[at];
        continue;
      }
      escape(quoted, ++at);
    }
    return scratch_;
  }

  static bool unit(std::string_view text, std::size_t at, std::uint32_t& out) {
    if (at + 4 > text.size()) return false;
    out = 0;
    for (const char c : text.substr(at, 4)) {
      std::uint32_t digit = 0;
      if (c >= '0' && c <= '9') {
        digit = static_cast<std::uint32_t>(c - '0');
      } else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f') {
        digit = static_cast<std::uint32_t>((c | 0x20) - 'a') + 10;
      } else {
        return false;
      }
      out = out * 16 + digit;
    }
    return true;
  }

  // The letter of an escape stands at `at`, which moves to the escape's last character.
  void escape(std::string_view text, std::size_t& at) {
    constexpr std::string_view kLetters = "b\bf\fn\nr\rt\t";
    std::uint32_t code = 0, low = 0;
    if (text[at] == 'u' && unit(text, at + 1, code)) {
      at += 4;
      if (code >= 0xd800 && code < 0xdc00 && text.substr(at + 1, 2) == "\\u" && unit(text, at + 3, low) && low >= 0xdc00 && low < 0xe000) {
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
        at += 6;
      }
      append_code_point(scratch_, code == 0 || (code >= 0xd800 && code < 0xe000) ? 0xfffd : code);
      return;
    }
    for (std::size_t i = 0; i < kLetters.size(); i += 2) {
      if (kLetters[i] != text[at]) continue;
      scratch_ += kLetters[i + 1];
      return;
    }
    scratch_ += text[at];
  }

  std::string_view text_;
  const std::function<bool(std::string_view)>& visit_;
  std::size_t at_ = 0;
  std::string scratch_;
};

}  // namespace

bool each_json_element(std::string_view json, const std::function<bool(std::string_view)>& visit) {
  ElementReader reader(json, visit);
  return reader.is_array() ? reader.each() : visit(json);
}

}  // namespace penstock
