#include "agent/line_envelope.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace penstock::agent {
namespace {

std::optional<Envelope> docker(std::string_view line) {
  const nlohmann::json object = nlohmann::json::parse(line, nullptr, false);
  if (!object.is_object()) return std::nullopt;
  const auto text_of = [&object](const char* name) -> const std::string* {
    const auto found = object.find(name);
    return found == object.end() || !found->is_string() ? nullptr : &found->get_ref<const std::string&>();
  };
  const std::string* const log = text_of("log");
  const std::string* const stream = text_of("stream");
  const std::string* const time = text_of("time");
  if (log == nullptr || stream == nullptr || time == nullptr) return std::nullopt;
  // "attrs": labels of the container, when asked for. More than that is a program's own record.
  if (object.size() != (object.contains("attrs") ? 4u : 3u)) return std::nullopt;
  const Result<Timestamp> when = parse_timestamp(*time);
  if (!when) return std::nullopt;
  Envelope envelope{*log, *when, *stream, !log->ends_with('\n')};
  if (!envelope.partial) envelope.text.pop_back();
  if (!envelope.partial && envelope.text.ends_with('\r')) envelope.text.pop_back();
  return envelope;
}

std::optional<Envelope> cri(std::string_view line) {
  const auto word = [&line] {
    const std::size_t size = std::min(line.find(' '), line.size());
    const std::string_view taken = line.substr(0, size);
    line.remove_prefix(std::min(size + 1, line.size()));
    return taken;
  };
  constexpr std::size_t kLongestTime = 35;
  const std::string_view time = word(), stream = word();
  if (time.size() < 20 || time.size() > kLongestTime || time[10] != 'T' || (stream != "stdout" && stream != "stderr")) return std::nullopt;
  const std::string_view tags = word();
  const std::string_view first = tags.substr(0, tags.find(':'));
  if (first != "F" && first != "P") return std::nullopt;
  const Result<Timestamp> when = parse_timestamp(time);
  if (!when) return std::nullopt;
  return Envelope{std::string(line), *when, std::string(stream), first == "P"};
}

}  // namespace

std::optional<Envelope> open_envelope(std::string_view line) {
  if (line.starts_with("{\"log\":\"")) return docker(line);
  if (line.size() >= 29 && line[4] == '-' && line[10] == 'T') return cri(line);
  return std::nullopt;
}

}  // namespace penstock::agent
