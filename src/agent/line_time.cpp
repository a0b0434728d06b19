// What a time looks like is known to core (leading_time()); here is where in a line it stands. Each rule gives a place to try, the commonest first.
#include "agent/line_time.hpp"

#include <algorithm>

#include "base/ascii.hpp"
#include "penstock/core/severity.hpp"

namespace penstock::agent {
namespace {

constexpr std::size_t kReach = 256;
// "1073741824 bytes copied" is no time of 2004.
constexpr std::int64_t kOldestBareNumber = 366 * kDay;

std::string_view past(std::string_view text, std::string_view characters) {
  text.remove_prefix(std::min(text.find_first_not_of(characters), text.size()));
  return text;
}

std::size_t word_size(std::string_view text) { return static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), is_letter) - text.begin()); }
std::size_t number_size(std::string_view text) { return static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), is_digit) - text.begin()); }

// <34>, of RFC 5424 with the version behind it.
std::string_view past_priority(std::string_view line) {
  if (!line.starts_with('<')) return line;
  const std::size_t digits = number_size(line.substr(1));
  if (digits < 1 || digits > 3 || line.substr(1 + digits, 1) != ">") return line;
  line.remove_prefix(digits + 2);
  const std::size_t version = number_size(line);
  if (version >= 1 && version <= 2 && line.substr(version, 1) == " " && version + 1 < line.size() && is_digit(line[version + 1])) line.remove_prefix(version + 1);
  return line;
}

class Line {
 public:
  explicit Line(Timestamp now) : now_(now), sense_{now, true} {}

  std::optional<Timestamp> at(std::string_view text) const {
    const auto found = leading_time(text, sense_);
    if (!found || found->time.ns > now_.ns + kFarthestAhead) return std::nullopt;
    const bool bare = found->size == 10 && number_size(text) == 10 && !text.substr(10).starts_with(']');
    if (bare && found->time.ns < now_.ns - kOldestBareNumber) return std::nullopt;
    return found->time;
  }

  // INFO 2026-…, [INFO] 2026-…, INFO  [main] 2026-…, INFO  [2026-…, I, [2026-…
  std::optional<Timestamp> behind_severity(std::string_view text) const {
    const std::size_t size = word_size(text);
    if (size == 0 || !parse_severity(text.substr(0, size))) return std::nullopt;
    text = past(text.substr(size), "]:,| \t");
    const bool bracket = text.starts_with('[');
    if (bracket) text.remove_prefix(1);
    if (auto time = at(text)) return time;
    const std::size_t end = bracket ? text.substr(0, kReach).find("] ") : std::string_view::npos;
    return end == std::string_view::npos ? std::nullopt : at(past(text.substr(end + 1), " [("));
  }

  // time="2026-…", level=info ts=1795181580.123, type=SYSCALL msg=audit(1795181580.123:456)
  std::optional<Timestamp> named(std::string_view head) const {
    constexpr std::string_view kNames[] = {"time=", "ts=", "timestamp=", "t=", "date=", "msg=audit("};
    for (const std::string_view name : kNames) {
      for (std::size_t found = head.find(name); found != std::string_view::npos; found = head.find(name, found + 1)) {
        if (found != 0 && head[found - 1] != ' ') continue;
        std::string_view value = past(head.substr(found + name.size()), "\"'");
        // An epoch ends at the colon of auditd.
        if (name.ends_with('(')) value = value.substr(0, value.find(':'));
        if (auto time = at(value.substr(0, value.find_first_of("\"'")))) return time;
      }
    }
    return std::nullopt;
  }

  // [20/Nov/2026:13:33:00 +0000], [Fri Nov 20 13:33:00 2026]: nothing else in brackets is sure to be the line's own time.
  std::optional<Timestamp> bracketed(std::string_view head) const {
    constexpr std::size_t kShortest = 20;
    for (std::size_t open = head.find('['); open != std::string_view::npos; open = head.find('[', open + 1)) {
      const std::string_view text = head.substr(open + 1);
      const bool web = text.size() > 3 && is_digit(text[1]) && text[2] == '/' && is_letter(text[3]);
      if (!web && (text.size() < 4 || !is_letter(text[0]) || text[3] != ' ')) continue;
      const auto found = leading_time(text, sense_);
      if (found && found->size >= kShortest && text.substr(found->size).starts_with(']')) return at(text);
    }
    return std::nullopt;
  }

 private:
  Timestamp now_;
  TimeSense sense_;
};

}  // namespace

std::optional<Timestamp> line_time(std::string_view line, Timestamp now) {
  const Line times(now);
  std::string_view text = past(past_priority(line), " \t");
  if (text.starts_with("- ")) text.remove_prefix(2);
  text = past(text, "[(*\"");
  if (auto time = times.at(text)) return time;
  if (auto time = times.behind_severity(text)) return time;
  // 1234:M 20 Nov 2026 13:33:00.123, of Redis.
  if (const std::size_t digits = number_size(text); digits > 0 && text.size() > digits + 3 && text[digits] == ':' && text[digits + 2] == ' ') {
    if (auto time = times.at(text.substr(digits + 3))) return time;
  }
  const std::string_view head = line.substr(0, kReach);
  if (auto time = times.named(head)) return time;
  return times.bracketed(head);
}

}  // namespace penstock::agent
