// rooms: agent
// Any lines of a file: however the reading is interrupted, the records are the same; and each is one line of JSON.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "agent/line_record.hpp"

namespace {

using namespace penstock;
using agent::LogLine;
constexpr Timestamp kNow{1'795'181'580 * kSecond};

bool same(const LogLine& a, const LogLine& b) { return a.text == b.text && a.time == b.time && a.stream == b.stream && a.place == b.place; }

// Reads lines [place, to), appends what is complete, and gives the place to go on from.
std::uint64_t read(const std::vector<std::string_view>& lines, const agent::LineOptions& options, std::uint64_t place, std::uint64_t to, std::vector<LogLine>& out) {
  agent::LineJoiner joiner(options);
  const bool over = to == lines.size();
  for (std::uint64_t i = place; i < to; ++i) joiner.add(lines[i], i, i + 1, kNow);
  if (over) joiner.finish();
  std::vector<LogLine> taken;
  std::uint64_t upto = place;
  if (joiner.take(taken, upto)) out.insert(out.end(), taken.begin(), taken.end());
  return upto;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2 || size > 65'536) return 0;
  const std::uint8_t mode = data[0], cut = data[1];
  std::string_view text(reinterpret_cast<const char*>(data) + 2, size - 2);
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  agent::RecordOptions options;
  options.lines.format = mode % 2 == 0 ? agent::LineFormat::detect : agent::LineFormat::text;
  options.lines.multiline = static_cast<agent::Multiline>(mode / 2 % 3);
  options.lines.line_time = mode / 8 % 2 == 1;
  options.followed = mode / 16 % 2 == 1;
  options.source = "here";
  options.fields = {{"file", "/var/log/a.log"}};
  std::vector<LogLine> whole, halves;
  read(lines, options.lines, 0, lines.size(), whole);
  const std::uint64_t place = read(lines, options.lines, 0, lines.empty() ? 0 : cut % (lines.size() + 1), halves);
  if (place < lines.size()) read(lines, options.lines, place, lines.size(), halves);
  if (whole.size() != halves.size()) std::abort();
  for (std::size_t i = 0; i < whole.size(); ++i) {
    if (!same(whole[i], halves[i])) std::abort();
    std::string out;
    std::vector<std::size_t> starts;
    if (append_line_records(out, starts, whole[i], options, kNow) || starts.empty()) std::abort();
    starts.push_back(out.size());
    for (std::size_t record = 0; record + 1 < starts.size(); ++record) {
      const std::string_view line(out.data() + starts[record], starts[record + 1] - starts[record]);
      if (line.find('\n') != line.size() - 1) std::abort();
      const nlohmann::json object = nlohmann::json::parse(line, nullptr, false);
      if (!object.is_object() || !object.contains("message") || !object.contains("source")) std::abort();
    }
  }
  return 0;
}
