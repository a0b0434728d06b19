#include "agent/refused_lines.hpp"

#include <algorithm>
#include <charconv>

#include "base/base64.hpp"
#include "base/hex.hpp"

namespace penstock::agent {
namespace {

constexpr std::string_view kRefusedPlace = "penstock refused records 1";
constexpr std::string_view kSealedBegin = "{\"sealed\":\"", kSealedEnd = "\"}";
constexpr std::size_t kKeyDigits = 16;

Result<std::string> open_line(Sealer& sealer, std::string_view line) {
  std::string_view text = line.substr(kSealedBegin.size(), line.size() - kSealedBegin.size() - kSealedEnd.size());
  KeyId key = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + std::min(text.size(), kKeyDigits), key, 16);
  const bool whole = problem == std::errc() && text.size() > kKeyDigits && end == text.data() + kKeyDigits && text[kKeyDigits] == ':';
  const auto sealed = whole ? from_base64url(text.substr(kKeyDigits + 1)) : std::nullopt;
  if (!sealed) return Error{ErrorCode::corrupt, "A line of refused records is damaged.", ""};
  return sealer.open(key, kRefusedPlace, *sealed);
}

}  // namespace

Result<std::string> seal_lines(Sealer* sealer, std::string_view lines) {
  if (sealer == nullptr || lines.empty()) return std::string(lines);
  auto key = sealer->key_for("refused");
  if (!key) return key.error();
  if (*key == 0) return std::string(lines);
  auto sealed = sealer->seal(*key, kRefusedPlace, lines);
  if (!sealed) return sealed;
  std::string line(kSealedBegin);
  append_hex(line, *key);
  line += ":" + to_base64url(*sealed);
  return line.append(kSealedEnd).append("\n");
}

Result<std::string> open_lines(Sealer& sealer, std::string_view text) {
  std::string all;
  while (!text.empty()) {
    const std::size_t size = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, size);
    text.remove_prefix(std::min(size + 1, text.size()));
    if (line.starts_with(kSealedBegin) && line.ends_with(kSealedEnd) && line.size() >= kSealedBegin.size() + kSealedEnd.size()) {
      auto opened = open_line(sealer, line);
      if (!opened) return opened;
      all += *opened;
      if (!all.empty() && all.back() != '\n') all += '\n';
    } else if (!line.empty()) {
      all.append(line) += '\n';
    }
  }
  return all;
}

}  // namespace penstock::agent
