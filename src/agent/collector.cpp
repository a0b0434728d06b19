#include "agent/collector.hpp"

#include <algorithm>
#include <optional>

#include "base/log.hpp"
#include "penstock/core/record.hpp"

namespace penstock::agent {
namespace {

void begin_record(std::string& out, Timestamp time, std::string_view source) {
  out += "{\"timestamp\":\"";
  append_rfc3339(out, time);
  out += "\",\"source\":";
  append_json_string(out, source);
}

void append_samples(std::string& out, std::string_view prefix, const std::vector<const Sample*>& samples) {
  out += prefix;
  if (!samples[0]->labels.empty()) {
    out += ",\"labels\":{";
    for (const auto& [name, value] : samples[0]->labels) {
      if (!out.ends_with('{')) out += ',';
      append_json_string(out, name);
      out += ':';
      append_json_string(out, value);
    }
    out += '}';
  }
  out += ",\"metrics\":{";
  for (const Sample* sample : samples) {
    if (!out.ends_with('{')) out += ',';
    append_json_string(out, sample->name);
    out += ':';
    append_json(out, FieldValue::of(sample->value));
  }
  out += "}}\n";
}

}  // namespace

Collector::Collector(const AgentOptions& options, std::string source, const Clock& clock, Outbox& outbox)
    : options_(options), source_(std::move(source)),
      record_options_{.lines = options.lines, .source = source_, .severity = {}, .fields = {{"file", {}}}, .followed = true}, clock_(clock), outbox_(outbox), sampler_(options.root),
      // Once files were looked at, one that is not known was made or brought since: all of it is news.
      tails_({.globs = options.files, .from_start = options.from_start || !outbox.places().empty(), .say_unmatched = options.say_unmatched,
              .rotated = std::max<std::chrono::milliseconds>(options.partial_line * 2, std::chrono::seconds(60)), .most_rotated = 256,
              .limits = {.line_bytes = options.max_line_bytes, .partial_line = options.partial_line, .lines = options.lines}},
             parse_places(outbox.places())) {}

bool Collector::step() {
  const auto now = clock_.steady_now();
  bool put = false;
  if (options_.metrics && now >= next_sample_) {
    // On the grid of the interval, unless the machine slept.
    next_sample_ = next_sample_ + options_.interval > now ? next_sample_ + options_.interval : now + options_.interval;
    put = sample();
  }
  if (!options_.files.empty() && now >= next_look_) {
    next_look_ = now + options_.poll;
    put = read_files() || put;
  }
  if (now >= next_save_) {
    next_save_ = now + std::chrono::seconds(1);
    const bool all = now >= next_full_save_;
    if (all) next_full_save_ = now + std::chrono::minutes(1);
    if (const Result<void> saved = outbox_.save(all); !saved) {
      log::error("agent", "the state file cannot be written", {{"reason", saved.error().message}});
    }
  }
  return put;
}

bool Collector::sample() {
  const std::vector<Sample> samples = sampler_.sample(clock_.steady_now());
  if (samples.empty()) return false;
  // One record for each set of labels.
  std::vector<std::vector<const Sample*>> groups;
  for (const Sample& one : samples) {
    const auto group = std::find_if(groups.begin(), groups.end(), [&](const auto& other) { return other[0]->labels == one.labels; });
    if (group == groups.end()) {
      groups.push_back({&one});
    } else {
      group->push_back(&one);
    }
  }
  std::string prefix;
  begin_record(prefix, clock_.now(), source_);
  std::string body;
  for (const auto& group : groups) append_samples(body, prefix, group);
  const Result<void> put = outbox_.put(SpoolKind::metrics, static_cast<std::uint32_t>(groups.size()), {}, body);
  if (!put) log::error("agent", "samples could not be buffered and are lost", {{"reason", put.error().message}});
  return put.has_value();
}

void Collector::add_line(const std::string& path, const LogLine& line) {
  std::string& file = record_options_.fields.front().second;
  if (file != path) file = path;
  std::vector<std::size_t> starts;
  static_cast<void>(append_line_records(lines_, starts, line, record_options_, clock_.now()));
  line_count_ += static_cast<std::uint32_t>(starts.size());
}

bool Collector::put_lines() {
  skipped_bytes_ = tails_.skipped_bytes();
  const std::uint64_t changes = tails_.changes();
  std::string places;  // empty: as before
  if (changes != told_changes_) {
    places = format_places(tails_.places());
    if (places.empty()) places = "\n";
  }
  if (line_count_ == 0) {
    if (!places.empty()) outbox_.set_places(places);
    told_changes_ = changes;
    return true;
  }
  const Result<void> put = outbox_.put(SpoolKind::logs, line_count_, places, lines_);
  if (!put) log::error("agent", "lines could not be buffered; they are tried again, and those after them wait in their files", {{"reason", put.error().message}});
  if (put) {
    told_changes_ = changes;
    lines_.clear();
    line_count_ = 0;
  }
  return put.has_value();
}

bool Collector::read_files() {
  bool put = false;
  // What could not be buffered last time comes first; meanwhile files are found and let go, but not read.
  bool stuck = false;
  if (line_count_ > 0) {
    stuck = !put_lines();
    put = !stuck;
  }
  tails_.look(clock_.steady_now());
  constexpr int kBatchesALook = 16;  // then samples and the stop flag have their turn
  for (int batch = 0; batch < kBatchesALook; ++batch) {
    // Files keep their lines themselves: while the server takes nothing they wait there, and samples have the rest of the buffer.
    const bool waits = stuck || outbox_.bytes() > options_.buffer_bytes / 2;
    if (waits) tails_.let_go_of_unlinked(options_.buffer_bytes);
    const bool more = tails_.read(clock_.steady_now(), [&](const std::string& path, const std::vector<LogLine>& lines) {
      if (waits || lines_.size() >= options_.batch_bytes) return false;
      for (const LogLine& line : lines) add_line(path, line);
      return true;
    });
    if (stuck) return false;
    const bool lines = line_count_ > 0;
    if (!put_lines()) return put;
    put = put || lines;
    if (!more || waits) break;
    if (batch + 1 == kBatchesALook) next_look_ = clock_.steady_now();
  }
  return put;
}

}  // namespace penstock::agent
