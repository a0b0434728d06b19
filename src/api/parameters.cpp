#include "api/parameters.hpp"

#include <algorithm>
#include <charconv>

#include "base/unicode.hpp"

namespace penstock::api {
namespace {

// A + that was not escaped arrives as a blank: after "now", and behind the seconds, where no blank can stand.
std::string with_its_plus(std::string text) {
  constexpr std::size_t kUpToSeconds = std::string_view("2026-11-20T13:33:00").size();
  const std::size_t blank = text.starts_with("now ") ? 3 : text.rfind(' ');
  if (blank != std::string::npos && (blank == 3 || blank >= kUpToSeconds)) text[blank] = '+';
  return text;
}

bool is_blank(std::string_view text) { return text.find_first_not_of(" \t\r\n") == std::string_view::npos; }

}  // namespace

Parameters::Parameters(const http::RequestHead& head, Timestamp now, std::int64_t ahead_ns)
    : head_(head), now_(now), ahead_ns_(ahead_ns) {
  for (const auto& [name, value] : head.query) {
    if (clean_utf8_prefix(name) == name.size() && clean_utf8_prefix(value) == value.size()) continue;
    std::string shown;
    append_repaired_utf8(shown, std::string_view(name).substr(0, 100));
    fail(ErrorCode::invalid_request, shown, "The parameter " + shown + " is not valid UTF-8, or holds a NUL: encode its text as UTF-8 and escape it with %.");
    return;
  }
}

void Parameters::fail(ErrorCode code, std::string_view name, std::string message) {
  if (!error_) error_ = Error{code, std::move(message), std::string(name)};
}

void Parameters::refuse_empty(std::string_view name) {
  fail(ErrorCode::invalid_request, name, std::string(name) + " is given, but empty: leave it out, or give it a value.");
}

std::optional<std::string> Parameters::text(std::string_view name) {
  auto value = text_or_empty(name);
  if (value && is_blank(*value)) refuse_empty(name);
  return value;
}

std::optional<std::string> Parameters::text_or_empty(std::string_view name) {
  known_.emplace_back(name);
  const auto values = head_.query_values(name);
  if (values.size() > 1) fail(ErrorCode::invalid_request, name, "Give the parameter " + std::string(name) + " once.");
  if (values.empty()) return std::nullopt;
  return std::string(values.front());
}

std::string Parameters::text(std::string_view name, std::string_view fallback) {
  return text(name).value_or(std::string(fallback));
}

std::string Parameters::required_text(std::string_view name) {
  auto value = text(name);
  if (!value) fail(ErrorCode::invalid_request, name, "The parameter " + std::string(name) + " is needed.");
  return value.value_or("");
}

bool Parameters::given(std::string_view name) const { return head_.query_value(name).has_value(); }

AnswerFormat Parameters::format_asked() const {
  const std::string_view format = head_.query_value("format").value_or("");
  const std::string_view accept = format.empty() ? head_.header("Accept") : std::string_view();
  if (format == "csv" || accept.find("text/csv") != std::string_view::npos) return AnswerFormat::csv;
  if (format == "ndjson" || accept.find("application/x-ndjson") != std::string_view::npos) return AnswerFormat::ndjson;
  return AnswerFormat::json;
}

AnswerFormat Parameters::answer_format() {
  const std::string format = text("format", "json");
  if (format != "json" && format != "ndjson" && format != "csv") fail(ErrorCode::invalid_request, "format", "format must be json, ndjson or csv.");
  return format_asked();
}

std::vector<std::string> Parameters::all(std::string_view name) {
  known_.emplace_back(name);
  std::vector<std::string> found;
  for (const auto value : head_.query_values(name)) {
    if (is_blank(value)) refuse_empty(name);
    found.emplace_back(value);
  }
  return found;
}

std::vector<std::string> Parameters::list(std::string_view name) {
  std::vector<std::string> found;
  const auto take = [&found](std::string& item) {
    if (!item.empty() && std::find(found.begin(), found.end(), item) == found.end()) found.push_back(item);
    item.clear();
  };
  const std::vector<std::string> values = all(name);
  for (const std::string& value : values) {
    std::string item;
    for (std::size_t i = 0; i < value.size(); ++i) {
      if (value[i] == ',') {
        take(item);
      } else {
        if (value.compare(i, 2, "\\,") == 0) ++i;
        item += value[i];
      }
    }
    take(item);
  }
  if (found.empty() && !values.empty()) refuse_empty(name);  // commas alone
  return found;
}

std::vector<std::string> Parameters::list_or_empty(std::string_view name) {
  known_.emplace_back(name);
  const auto values = head_.query_values(name);
  return values.size() == 1 && values.front().empty() ? std::vector<std::string>() : list(name);
}

std::uint64_t Parameters::number(std::string_view name, std::uint64_t fallback, std::uint64_t least,
                                 std::uint64_t most) {
  const auto value = text(name);
  if (!value) return fallback;
  std::uint64_t number = 0;
  const auto [end, problem] = std::from_chars(value->data(), value->data() + value->size(), number);
  if (problem != std::errc() || end != value->data() + value->size() || number < least || number > most) {
    fail(ErrorCode::invalid_request, name,
         std::string(name) + " must be a whole number from " + std::to_string(least) + " to " + std::to_string(most) +
             ".");
    return fallback;
  }
  return number;
}

bool Parameters::flag(std::string_view name) {
  const auto value = text_or_empty(name);
  if (!value || *value == "0" || *value == "false") return false;
  if (*value != "1" && *value != "true" && !value->empty()) {
    fail(ErrorCode::invalid_request, name, std::string(name) + " must be 1 or 0.");
  }
  return true;
}

Timestamp Parameters::time(std::string_view name, std::string_view fallback) {
  const auto parsed = parse_query_time(with_its_plus(text(name, fallback)), now_);
  if (!parsed) {
    fail(ErrorCode::invalid_timestamp, name, std::string(name) + ": " + parsed.error().message);
    return now_;
  }
  return *parsed;
}

Timestamp Parameters::end_time(std::string_view name) {
  if (given(name)) return time(name, "now");
  known_.emplace_back(name);
  return saturating_add(now_, ahead_ns_ + 1);  // ends are exclusive
}

std::int64_t Parameters::duration(std::string_view name) {
  const auto value = text(name);
  if (!value) return 0;
  const auto parsed = parse_duration(*value);
  if (!parsed) {
    fail(ErrorCode::invalid_request, name, std::string(name) + ": " + parsed.error().message);
    return 0;
  }
  return *parsed;
}

ZoneName Parameters::zone(std::string_view name) {
  std::string value = text(name, "Z");
  if (value.empty()) return {};  // refused already
  std::replace(value.begin(), value.end(), ' ', '+');  // one that was not escaped
  auto zone = parse_zone_name(value);
  if (zone) return std::move(*zone);
  fail(zone.error().code, name, zone.error().message);
  return {};
}

std::vector<std::pair<std::string, std::string>> Parameters::with_prefix(std::string_view prefix) {
  prefixes_.push_back(prefix);
  std::vector<std::pair<std::string, std::string>> found;
  for (const auto& [name, value] : head_.query) {
    if (!name.starts_with(prefix) || name.size() == prefix.size()) continue;
    if (value.empty()) {
      const std::string otherwise = prefix == "field." ? ", or ask q=" + name.substr(prefix.size()) + ":=\"\" for an empty value." : ", or give it a value.";
      fail(ErrorCode::invalid_request, name, name + " is given, but empty: leave it out" + otherwise);
    }
    found.emplace_back(name.substr(prefix.size()), value);
  }
  return found;
}

std::optional<Error> Parameters::error() {
  for (const auto& [name, value] : head_.query) {
    const auto begins = [&asked = name](std::string_view prefix) { return asked.size() > prefix.size() && asked.starts_with(prefix); };
    if (error_) break;
    if (std::find(known_.begin(), known_.end(), name) == known_.end() && std::none_of(prefixes_.begin(), prefixes_.end(), begins)) {
      fail(ErrorCode::invalid_request, name,
           "There is no parameter " + name.substr(0, 100) + " here; check its spelling.");
    }
  }
  return error_;
}

}  // namespace penstock::api
