#include "penstock/core/ids.hpp"

#include <array>
#include <limits>

namespace penstock {
namespace {

constexpr std::string_view kDigits = "0123456789abcdefghijklmnopqrstuvwxyz";
constexpr std::size_t kJournalDigits = 13;

std::optional<std::uint64_t> parse_base36(std::string_view text) {
  if (text.empty() || text.size() > kJournalDigits) return std::nullopt;
  std::uint64_t value = 0;
  for (const char c : text) {
    std::uint64_t digit = 0;
    if (c >= '0' && c <= '9') {
      digit = static_cast<std::uint64_t>(c - '0');
    } else if (c >= 'a' && c <= 'z') {
      digit = static_cast<std::uint64_t>(c - 'a') + 10;
    } else {
      return std::nullopt;
    }
    if (value > (std::numeric_limits<std::uint64_t>::max() - digit) / 36) return std::nullopt;
    value = value * 36 + digit;
  }
  return value;
}

}  // namespace

std::string to_string(RecordId id) {
  std::string out(kJournalDigits, '0');
  auto journal = static_cast<std::uint64_t>(id.journal.value);
  for (std::size_t i = kJournalDigits; i-- > 0; journal /= 36) out[i] = kDigits[journal % 36];
  out += '-';
  std::array<char, kJournalDigits> digits{};
  std::size_t first = digits.size();
  std::uint64_t sequence = id.sequence;
  do {
    digits[--first] = kDigits[sequence % 36];
    sequence /= 36;
  } while (sequence != 0);
  return out.append(digits.data() + first, digits.size() - first);
}

std::optional<RecordId> parse_record_id(std::string_view text) {
  if (text.size() < kJournalDigits + 2 || text[kJournalDigits] != '-') return std::nullopt;
  const std::string_view sequence_text = text.substr(kJournalDigits + 1);
  if (sequence_text[0] == '0') return std::nullopt;  // one record has one spelling, and there is no record 0
  const auto journal = parse_base36(text.substr(0, kJournalDigits));
  const auto sequence = parse_base36(sequence_text);
  if (!journal || !sequence || *journal == 0) return std::nullopt;
  if (*journal > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) return std::nullopt;
  return RecordId{{static_cast<std::int64_t>(*journal)}, *sequence};
}

}  // namespace penstock
