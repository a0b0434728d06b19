#include "agent/line_joiner.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "agent/line_envelope.hpp"
#include "agent/line_time.hpp"

namespace penstock::agent {

void LineJoiner::add(std::string_view line, std::uint64_t begin, std::uint64_t end, Timestamp now) {
  end_ = end;
  bytes_ += line.size();
  std::optional<Envelope> envelope = options_.format == LineFormat::detect ? open_envelope(line) : std::nullopt;
  if (!envelope) {
    add_whole({{std::string(line), std::nullopt, {}, begin}, end}, now);
  } else {
    const auto part = std::find_if(parts_.begin(), parts_.end(), [&](const Open& open) { return open.line.stream == envelope->stream; });
    Open whole{{std::move(envelope->text), envelope->time, std::move(envelope->stream), begin}, end};
    if (part != parts_.end()) {
      // The line's time is that of its first part.
      part->line.text += whole.line.text;
      whole.line = std::move(part->line);
      parts_.erase(part);
    }
    if (envelope->partial && whole.line.text.size() < kMost) {
      parts_.push_back(std::move(whole));
    } else {
      add_whole(std::move(whole), now);
    }
  }
  if (waits_for_part() && bytes_ >= 2 * kMost) finish();
}

bool LineJoiner::belongs(const Open& whole, Timestamp now) {
  const std::string& before = group_->line.text;
  if (whole.line.stream != group_->line.stream || before.size() + whole.line.text.size() >= kMostLines) return false;
  // A JSON object is whole.
  if (before.starts_with('{') && before.ends_with('}')) return false;
  if (options_.multiline == Multiline::time) return !line_time(whole.line.text, now);
  return traces_.follows(whole.line.text);
}

void LineJoiner::add_whole(Open&& whole, Timestamp now) {
  if (options_.multiline == Multiline::off) return put(std::move(whole));
  if (group_ && belongs(whole, now)) {
    if (!whole.line.text.empty()) (group_->line.text += '\n') += whole.line.text;
    group_->end = whole.end;
    return;
  }
  close_group();
  // An empty line begins nothing, whatever stood before it: reading may have begun here.
  if (whole.line.text.empty()) return put(std::move(whole));
  traces_.begin(whole.line.text);
  group_ = std::move(whole);
}

void LineJoiner::put(Open&& whole) {
  done_end_ = std::max(done_end_, whole.end);
  if (whole.line.text.find_first_not_of(" \t\r") != std::string::npos) done_.push_back(std::move(whole.line));
}

void LineJoiner::close_group() {
  if (group_) put(*std::exchange(group_, std::nullopt));
}

void LineJoiner::finish() {
  close_group();
  for (Open& part : std::exchange(parts_, {})) put(std::move(part));
}

bool LineJoiner::take(std::vector<LogLine>& lines, std::uint64_t& upto) {
  std::uint64_t open = std::numeric_limits<std::uint64_t>::max();
  if (group_) open = group_->line.place;
  for (const Open& part : parts_) open = std::min(open, part.line.place);
  const bool nothing_open = open == std::numeric_limits<std::uint64_t>::max();
  // What was done lies within what is open: an interleaved stream.
  if (!nothing_open && done_end_ > open) return false;
  const std::uint64_t until = nothing_open ? end_ : open;
  if (until <= taken_ && done_.empty()) return false;
  upto = taken_ = until;
  lines = std::exchange(done_, {});
  bytes_ = 0;
  return true;
}

}  // namespace penstock::agent
