#include "agent/sender.hpp"

#include <algorithm>
#include <ostream>
#include <random>
#include <thread>

#include "agent/line_record.hpp"
#include "agent/posting.hpp"
#include "agent/transport.hpp"
#include "base/backoff.hpp"
#include "core/system_clock.hpp"

namespace penstock::agent {
namespace {

constexpr std::chrono::milliseconds kLastEffort{2'000};
constexpr std::chrono::milliseconds kIdle{60'000};

// A line of an input, for a person and to be counted.
struct Place {
  std::size_t input = 0;
  std::uint64_t line = 0;
  bool operator==(const Place&) const = default;
};

// Lines of one request.
struct Batch {
  std::string body;
  std::vector<Place> lines;            // the input line of each record
  std::vector<std::size_t> offsets;    // where each record starts
  std::chrono::steady_clock::time_point since{};  // when the first was added

  void clear() {
    body.clear();
    lines.clear();
    offsets.clear();
  }
};

}  // namespace

struct Sender::State {
  SendOptions options;
  std::unique_ptr<Transport> own_transport;
  Transport* transport = nullptr;
  std::function<bool(std::chrono::milliseconds)> sleep;

  std::ostream* err = nullptr;
  const StopFlag* stop = nullptr;
  const std::vector<NamedInput>* inputs = nullptr;
  Place at;                           // the last line that was read
  std::uint64_t sent = 0, accepted = 0, rejected = 0, shown = 0;
  bool gave_up = false;
  bool leaving_out = false;           // the rest of a line that was refused
  Place added;                        // the last line of which a record was made
  Place counted;                      // the last line among accepted or rejected, and
  bool counted_rejected = false;      // which

  void reject(const Place& place, std::string_view reason) {
    ++rejected;
    show(place, reason);
  }
  void show(const Place& place, std::string_view reason) {
    if (shown++ >= options.shown_rejections) return;
    *err << name_of(place) << ": " << reason << "\n";
  }
  std::string name_of(const Place& place) const {
    const std::string& input = (*inputs)[place.input].name;
    return (input.empty() ? "" : input + " ") + "line " + std::to_string(place.line);
  }
  bool read(Batch& batch, Input& in);
  void take(Batch& batch, LineJoiner& joiner, const LineCutter::Part& part);
  void add_joined(Batch& batch, LineJoiner& joiner);
  void add(Batch& batch, const LogLine& line);
  void count(const Place& place, bool bad);
  bool wait(std::chrono::milliseconds pause);
  Outcome deliver(const Batch& batch);
  void post(const Batch& batch);
  void post_half(const Batch& batch, std::size_t from, std::size_t to);
  void settle(const Batch& batch, const Outcome& outcome);
};

Sender::Sender(SendOptions options) : state_(std::make_unique<State>()) {
  state_->own_transport = make_http_transport({options.url, options.token, options.deployment, options.timeout, options.tls});
  state_->transport = state_->own_transport.get();
  state_->options = std::move(options);
}

Sender::Sender(SendOptions options, Transport& transport, std::function<bool(std::chrono::milliseconds)> sleep)
    : state_(std::make_unique<State>()) {
  state_->options = std::move(options);
  state_->transport = &transport;
  state_->sleep = std::move(sleep);
}

Sender::~Sender() = default;

bool Sender::State::wait(std::chrono::milliseconds pause) {
  if (sleep) return sleep(pause);
  const auto until = std::chrono::steady_clock::now() + pause;
  while (std::chrono::steady_clock::now() < until) {
    if (*stop) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  return true;
}

Outcome Sender::State::deliver(const Batch& batch) {
  const std::string key = make_idempotency_key();
  Posting posting;
  posting.path = options.metrics ? "/api/v1/metrics" : "/api/v1/logs";
  posting.idempotency_key = key;
  posting.body = batch.body;
  Backoff backoff(options.retry_min, options.retry_max, std::random_device{}());
  std::chrono::milliseconds waited{0};
  for (;;) {
    Outcome outcome = post_once(*transport, posting, batch.lines.size());
    if (outcome.verdict != Verdict::retry) return outcome;
    std::chrono::milliseconds pause = backoff.next();
    if (outcome.retry_after) pause = std::max<std::chrono::milliseconds>(pause, *outcome.retry_after);
    if (waited == std::chrono::milliseconds(0)) *err << "penstock send: " << outcome.message << "; trying again\n";
    waited += pause;
    if (waited > options.give_up || *stop || !wait(pause)) return outcome;
  }
}

// The records of a line come one after the other: it is accepted when all of them are.
void Sender::State::count(const Place& place, bool bad) {
  if (place != counted) {
    counted = place;
    counted_rejected = bad;
    ++(bad ? rejected : accepted);
  } else if (bad && !counted_rejected) {
    counted_rejected = true;
    --accepted;
    ++rejected;
  }
}

void Sender::State::settle(const Batch& batch, const Outcome& outcome) {
  std::vector<bool> bad(batch.lines.size(), outcome.verdict != Verdict::taken);
  for (const Rejection& one : outcome.rejections) {
    std::string reason = one.code;
    if (!one.field.empty()) reason += " (" + one.field + ")";
    if (!one.message.empty()) reason += ": " + one.message;
    const bool ours = one.index < batch.lines.size();
    if (ours) bad[one.index] = true;
    show(ours ? batch.lines[one.index] : batch.lines.front(), reason);
  }
  for (const Rejection& one : outcome.sample_rejections) {
    if (one.index < batch.lines.size() && !bad[one.index]) show(batch.lines[one.index], "a sample was refused (" + one.field + "): " + one.message);
  }
  for (const std::size_t index : outcome.refused) bad[index] = true;
  for (std::size_t i = 0; i < bad.size(); ++i) count(batch.lines[i], bad[i]);
  // An older server names the first ones only.
  const auto named = static_cast<std::uint64_t>(std::count(bad.begin(), bad.end(), true));
  const std::uint64_t unnamed = outcome.rejected > named ? std::min(outcome.rejected - named, accepted) : 0;
  accepted -= unnamed;
  rejected += unnamed;
  if (outcome.verdict != Verdict::taken && outcome.rejections.empty()) {
    show(batch.lines.front(), outcome.message + " (and all " + std::to_string(batch.lines.size()) + " lines of that request)");
  }
}

void Sender::State::post(const Batch& batch) {
  if (batch.lines.empty() || gave_up) return;
  const Outcome outcome = deliver(batch);
  if (outcome.verdict == Verdict::retry) {
    *err << "penstock send: giving up at " << name_of(batch.lines.front()) << ": " << outcome.message << "\n";
    gave_up = true;
    return;
  }
  if (outcome.verdict == Verdict::blocked) {
    *err << "penstock send: " << outcome.message << "; " << advice(outcome) << "\n";
    gave_up = true;
    return;
  }
  if (outcome.verdict == Verdict::too_large && batch.lines.size() > 1) {
    const std::size_t middle = batch.lines.size() / 2;
    post_half(batch, 0, middle);
    post_half(batch, middle, batch.lines.size());
    return;
  }
  settle(batch, outcome);
}

void Sender::State::post_half(const Batch& batch, std::size_t from, std::size_t to) {
  const std::size_t end = to < batch.offsets.size() ? batch.offsets[to] : batch.body.size();
  Batch half;
  half.body = batch.body.substr(batch.offsets[from], end - batch.offsets[from]);
  half.lines.assign(batch.lines.begin() + static_cast<std::ptrdiff_t>(from), batch.lines.begin() + static_cast<std::ptrdiff_t>(to));
  for (std::size_t i = from; i < to; ++i) half.offsets.push_back(batch.offsets[i] - batch.offsets[from]);
  post(half);
}

void Sender::State::take(Batch& batch, LineJoiner& joiner, const LineCutter::Part& part) {
  if (part.first) {
    ++at.line;
    leaving_out = !part.last && (options.metrics || is_for_json(part.text, options.lines));
    if (leaving_out) ++sent;
    if (leaving_out) reject(at, "this line has more than " + std::to_string(options.max_line_bytes) + " bytes, and only text is sent in parts");
  }
  if (leaving_out) return;
  if (part.first && part.last) {
    joiner.add(part.text, at.line, at.line + 1, SystemClock().now());
  } else {
    // A part of a line has no other lines to it.
    joiner.pause();
    add_joined(batch, joiner);
    add(batch, {std::string(part.text), std::nullopt, {}, at.line});
  }
  add_joined(batch, joiner);
}

void Sender::State::add_joined(Batch& batch, LineJoiner& joiner) {
  std::vector<LogLine> lines;
  std::uint64_t upto = 0;
  if (!joiner.take(lines, upto)) return;
  for (const LogLine& line : lines) add(batch, line);
}

// Posts the batch when the records make it full.
void Sender::State::add(Batch& batch, const LogLine& line) {
  const Place place{at.input, line.place};
  if (place != added) ++sent;
  added = place;
  if (batch.lines.empty()) batch.since = std::chrono::steady_clock::now();
  std::optional<std::string> reason;
  if (options.metrics) {
    const std::size_t offset = batch.body.size();
    reason = append_line_point(batch.body, line.text, options);
    if (!reason) batch.offsets.push_back(offset);
  } else {
    reason = append_line_records(batch.body, batch.offsets, line, options, SystemClock().now());
  }
  if (reason) return reject(place, *reason);
  batch.lines.resize(batch.offsets.size(), place);
  if (batch.lines.size() < options.batch && batch.body.size() < options.batch_bytes) return;
  post(batch);
  batch.clear();
}

// To the end of one input. False: it could not be read.
bool Sender::State::read(Batch& batch, Input& in) {
  LineCutter cutter(options.max_line_bytes);
  // A point is a line.
  LineOptions lines = options.lines;
  if (options.metrics) lines = {};
  if (options.metrics) lines.format = LineFormat::text;
  LineJoiner joiner(lines);
  std::string bytes;
  auto waiting_since = std::chrono::steady_clock::now();
  for (bool over = false; !over && !gave_up;) {
    const bool waiting = !batch.lines.empty() || joiner.waits_for_lines();
    const auto since = batch.lines.empty() ? waiting_since : batch.since;
    const auto gathered = [&since] { return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - since); };
    bytes.clear();
    const Result<Input::Got> got = in.read(bytes, waiting ? std::max(options.gather - gathered(), std::chrono::milliseconds(0)) : kIdle);
    over = !got || *got == Input::Got::end || *stop;
    if (!waiting || !bytes.empty()) waiting_since = std::chrono::steady_clock::now();
    cutter.add(bytes);
    if (over) cutter.end();
    for (LineCutter::Part part; !gave_up && cutter.next(part);) take(batch, joiner, part);
    if (over) joiner.finish();
    if (!over && got && *got == Input::Got::nothing) joiner.pause();
    add_joined(batch, joiner);
    if (!got) *err << "penstock send: " << got.error().message << "\n";
    if (!got) return false;
    if (over || batch.lines.empty() || (*got == Input::Got::bytes && gathered() < options.gather)) continue;
    post(batch);
    batch.clear();
  }
  return true;
}

int Sender::run(const std::vector<NamedInput>& inputs, std::ostream& out, std::ostream& err, const StopFlag& stop) {
  State& state = *state_;
  state.err = &err;
  state.stop = &stop;
  state.inputs = &inputs;
  if (state.options.batch == 0 || state.options.batch_bytes == 0 || state.options.max_line_bytes == 0) {
    err << "penstock send: the size of a batch and of a line must be at least 1\n";
    return 2;
  }
  if (const Result<void> checked = check_server_url(state.options.url); !checked) {
    err << "penstock send: " << checked.error().message << "\n";
    return 2;
  }
  state.transport->end_with(stop, kLastEffort);
  Batch batch;
  bool all_read = true;
  for (std::size_t i = 0; i < inputs.size() && !state.gave_up && !stop; ++i) {
    state.at = {i, 0};
    const Result<std::unique_ptr<Input>> in = inputs[i].open();
    if (!in) err << "penstock send: " << in.error().message << "\n";
    all_read = in && state.read(batch, **in) && all_read;
  }
  state.post(batch);
  if (state.shown > state.options.shown_rejections) err << "... and " << state.shown - state.options.shown_rejections << " more\n";
  out << "sent " << state.sent << " lines: " << state.accepted << " accepted, " << state.rejected << " rejected\n";
  out.flush();
  if (state.gave_up || !all_read) return 2;
  return state.rejected > 0 ? 1 : 0;
}

}  // namespace penstock::agent
