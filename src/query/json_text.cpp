#include "query/json_text.hpp"

#include <cstdint>

namespace penstock::query {
namespace {

constexpr int kMaxDepth = 8;

void append_utf8(std::string& out, std::uint32_t c) {
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += static_cast<char>(0xc0u | (c >> 6));
    out += static_cast<char>(0x80u | (c & 63u));
  } else if (c < 0x10000) {
    out += static_cast<char>(0xe0u | (c >> 12));
    out += static_cast<char>(0x80u | ((c >> 6) & 63u));
    out += static_cast<char>(0x80u | (c & 63u));
  } else {
    out += static_cast<char>(0xf0u | (c >> 18));
    out += static_cast<char>(0x80u | ((c >> 12) & 63u));
    out += static_cast<char>(0x80u | ((c >> 6) & 63u));
    out += static_cast<char>(0x80u | (c & 63u));
  }
}

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  bool value(JsonText& out, int depth) {
    if (depth > kMaxDepth) return false;
    blanks();
    if (take("null")) return true;
    if (peek() == '"') {
      out.kind = JsonText::Kind::string;
      return string(out.string);
    }
    if (take("[")) {
      out.kind = JsonText::Kind::array;
      return list(']', [&] { return value(out.items.emplace_back(), depth + 1); });
    }
    if (take("{")) {
      out.kind = JsonText::Kind::object;
      return list('}', [&] {
        auto& member = out.members.emplace_back();
        blanks();
        if (!string(member.name)) return false;
        blanks();
        return take(":") && value(member.value, depth + 1);
      });
    }
    return false;
  }

  bool at_end() {
    blanks();
    return at_ == text_.size();
  }

 private:
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool take(std::string_view what) {
    if (text_.substr(at_, what.size()) != what) return false;
    at_ += what.size();
    return true;
  }
  void blanks() {
    while (at_ < text_.size() &&
           (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\t' || text_[at_] == '\r')) {
      ++at_;
    }
  }

  template <class Item>
  bool list(char close, Item item) {
    const std::string_view end(&close, 1);
    blanks();
    if (take(end)) return true;
    for (;;) {
      if (!item()) return false;
      blanks();
      if (take(end)) return true;
      if (!take(",")) return false;
    }
  }

  bool hex4(std::uint32_t& out) {
    if (text_.size() - at_ < 4) return false;
    out = 0;
    for (int i = 0; i < 4; ++i) {
      const char c = text_[at_++];
      std::uint32_t digit = 0;
      if (c >= '0' && c <= '9') digit = static_cast<std::uint32_t>(c - '0');
      else if (c >= 'a' && c <= 'f') digit = static_cast<std::uint32_t>(c - 'a' + 10);
      else if (c >= 'A' && c <= 'F') digit = static_cast<std::uint32_t>(c - 'A' + 10);
      else return false;
      out = out * 16 + digit;
    }
    return true;
  }

  bool escape(std::string& out) {
    const char c = peek();
    ++at_;
    switch (c) {
      case '"': case '\\': case '/': out += c; return true;
      case 'b': out += '\b'; return true;
      case 'f': out += '\f'; return true;
      case 'n': out += '\n'; return true;
      case 'r': out += '\r'; return true;
      case 't': out += '\t'; return true;
      case 'u': break;
      default: return false;
    }
    std::uint32_t code = 0, low = 0;
    if (!hex4(code)) return false;
    if (code >= 0xd800 && code < 0xdc00) {
      if (!take("\\u") || !hex4(low) || low < 0xdc00 || low > 0xdfff) return false;
      code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
    }
    append_utf8(out, code);
    return true;
  }

  bool string(std::string& out) {
    if (!take("\"")) return false;
    while (at_ < text_.size()) {
      const char c = text_[at_++];
      if (c == '"') return true;
      if (c != '\\') {
        out += c;
      } else if (at_ >= text_.size() || !escape(out)) {
        return false;
      }
    }
    return false;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

const JsonText* JsonText::find(std::string_view name) const {
  for (const auto& [key, value] : members) {
    if (key == name) return &value;
  }
  return nullptr;
}

std::optional<JsonText> read_json_text(std::string_view text) {
  Reader reader(text);
  JsonText out;
  if (!reader.value(out, 0) || !reader.at_end()) return std::nullopt;
  return out;
}

}  // namespace penstock::query
