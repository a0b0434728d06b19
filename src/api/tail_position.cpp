#include "api/tail_position.hpp"

#include <charconv>

namespace penstock::api {

namespace {

// Before the first record of a journal is a position, but no record's identity.
std::optional<RecordId> parse_after(std::string_view text) {
  constexpr std::string_view kBeginning = "-0";
  if (!text.ends_with(kBeginning)) return parse_record_id(text);
  auto first = parse_record_id(std::string(text.substr(0, text.size() - 1)) + '1');
  if (first) first->sequence = 0;
  return first;
}

}  // namespace

std::string to_string(const TailPosition& position) {
  std::string text = penstock::to_string(position.after);
  if (position.end > 0) text += ':' + std::to_string(position.end) + ':' + position.cursor;
  return text;
}

std::optional<TailPosition> parse_tail_position(std::string_view text) {
  TailPosition position;
  const std::size_t first = text.find(':');
  const auto after = parse_after(text.substr(0, first));
  if (!after) return std::nullopt;
  position.after = *after;
  if (first == std::string_view::npos) return position;
  text.remove_prefix(first + 1);
  const std::size_t second = text.find(':');
  if (second == std::string_view::npos) return std::nullopt;
  const char* const digits_end = text.data() + second;
  const auto [end, problem] = std::from_chars(text.data(), digits_end, position.end);
  if (problem != std::errc() || end != digits_end || position.end <= after->sequence) return std::nullopt;
  position.cursor = text.substr(second + 1);
  return position;
}

}  // namespace penstock::api
