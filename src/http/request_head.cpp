#include "http/request_head.hpp"

namespace penstock::http {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

}  // namespace

bool equals_ignoring_case(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (lower(a[i]) != lower(b[i])) return false;
  }
  return true;
}

std::string_view without_blanks(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

std::pair<std::string_view, std::string_view> RequestHead::header_at(std::size_t index) const {
  const Field& field = fields_[index];
  const std::string_view text = text_;
  return {text.substr(field.name_begin, field.name_size), text.substr(field.value_begin, field.value_size)};
}

std::string_view RequestHead::header(std::string_view name) const {
  for (std::size_t i = 0; i < fields_.size(); ++i) {
    const auto [key, value] = header_at(i);
    if (equals_ignoring_case(key, name)) return value;
  }
  return {};
}

bool RequestHead::has_header(std::string_view name) const {
  for (std::size_t i = 0; i < fields_.size(); ++i) {
    if (equals_ignoring_case(header_at(i).first, name)) return true;
  }
  return false;
}

std::optional<std::string_view> RequestHead::query_value(std::string_view name) const {
  for (const auto& [key, value] : query) {
    if (key == name) return value;
  }
  return std::nullopt;
}

std::vector<std::string_view> RequestHead::query_values(std::string_view name) const {
  std::vector<std::string_view> values;
  for (const auto& [key, value] : query) {
    if (key == name) values.emplace_back(value);
  }
  return values;
}

void RequestHead::add_header(std::string_view name, std::string_view value) {
  const auto begin = static_cast<std::uint32_t>(text_.size());
  const auto name_size = static_cast<std::uint32_t>(name.size());
  text_.append(name).append(value);
  fields_.push_back({begin, name_size, begin + name_size, static_cast<std::uint32_t>(value.size())});
}

bool RequestHead::set_target(std::string_view text) {
  std::optional<Target> parsed = parse_target(text);
  if (!parsed) return false;
  target = text;
  path = std::move(parsed->path);
  query = std::move(parsed->query);
  return true;
}

}  // namespace penstock::http
