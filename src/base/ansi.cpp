#include "base/ansi.hpp"

#include <algorithm>

namespace penstock::inline base {
namespace {

constexpr char kBell = '\x07';
// An OSC that nobody closes must not hide a whole message.
constexpr std::size_t kMaxOsc = 2048;

bool between(char c, char low, char high) { return c >= low && c <= high; }

std::size_t csi(std::string_view text) {
  std::size_t at = 2;
  while (at < text.size() && between(text[at], 0x30, 0x3f)) ++at;
  while (at < text.size() && between(text[at], 0x20, 0x2f)) ++at;
  return at < text.size() && between(text[at], 0x40, 0x7e) ? at + 1 : at;
}

std::size_t osc(std::string_view text) {
  const std::size_t end = std::min(text.size(), kMaxOsc);
  for (std::size_t at = 2; at < end; ++at) {
    if (text[at] == kBell) return at + 1;
    if (text[at] == kEscape) return at + 1 < text.size() && text[at + 1] == '\\' ? at + 2 : at;
  }
  return 2;
}

}  // namespace

std::size_t ansi_sequence(std::string_view text) {
  if (text.empty() || text[0] != kEscape) return 0;
  if (text.size() == 1) return 1;
  if (text[1] == '[') return csi(text);
  if (text[1] == ']') return osc(text);
  std::size_t at = 1;
  while (at < text.size() && between(text[at], 0x20, 0x2f)) ++at;
  return at < text.size() && between(text[at], 0x30, 0x7e) ? at + 1 : at;
}

void append_without_ansi(std::string& out, std::string_view text) {
  while (!text.empty()) {
    const std::size_t plain = std::min(text.find(kEscape), text.size());
    out.append(text.substr(0, plain));
    text.remove_prefix(plain);
    text.remove_prefix(ansi_sequence(text));
  }
}

}  // namespace penstock::inline base
