#include "agent/sender.hpp"

#include <algorithm>
#include <ostream>
#include <random>
#include <thread>

#include "agent/input.hpp"
#include "agent/line_record.hpp"
#include "agent/posting.hpp"
#include "agent/transport.hpp"
#include "base/backoff.hpp"
#include "core/system_clock.hpp"

namespace penstock::agent {
namespace {

constexpr std::chrono::milliseconds kLastEffort{2'000};
constexpr std::chrono::milliseconds kIdle{60'000};

// Lines of one request.
struct Batch {
  std::string body;
  std::vector<std::uint64_t> lines;    // the input line of each record
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
  std::uint64_t line = 0, sent = 0, accepted = 0, rejected = 0, shown = 0;
  bool gave_up = false;
  bool leaving_out = false;           // the rest of a line that was refused
  std::uint64_t counted = 0;          // the last line among accepted or rejected, and
  bool counted_rejected = false;      // which

  void reject(std::uint64_t at_line, std::string_view reason) {
    ++rejected;
    show(at_line, reason);
  }
  void show(std::uint64_t at_line, std::string_view reason) {
    if (shown++ < options.shown_rejections) *err << "line " << at_line << ": " << reason << "\n";
  }
  void take(Batch& batch, const LineCutter::Part& part);
  void add(Batch& batch, std::string_view part);
  void count(std::uint64_t at_line, bool bad);
  bool wait(std::chrono::milliseconds pause);
  Outcome deliver(const Batch& batch);
  void post(const Batch& batch);
  void post_half(const Batch& batch, std::size_t from, std::size_t to);
  void settle(const Batch& batch, const Outcome& outcome);
};

Sender::Sender(SendOptions options) : state_(std::make_unique<State>()) {
  state_->own_transport = make_http_transport({options.url, options.token, options.deployment, options.timeout});
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
void Sender::State::count(std::uint64_t at_line, bool bad) {
  if (at_line != counted) {
    counted = at_line;
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
    show(ours ? batch.lines[one.index] : 0, reason);
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
    *err << "penstock send: giving up at line " << batch.lines.front() << ": " << outcome.message << "\n";
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

void Sender::State::take(Batch& batch, const LineCutter::Part& part) {
  if (part.first) {
    ++line;
    leaving_out = part.last && part.text.find_first_not_of(" \t") == std::string_view::npos;
    if (leaving_out) return;
    ++sent;
    leaving_out = !part.last && goes_whole(part.text, options);
    if (leaving_out) reject(line, "this line has more than " + std::to_string(options.max_line_bytes) + " bytes, and only text is sent in parts");
  }
  for (std::string_view rest = part.text; !leaving_out && !rest.empty();) {
    const std::string_view record = rest.substr(0, record_part(rest, options));
    rest.remove_prefix(record.size());
    add(batch, record);
  }
}

// Posts the batch when the record makes it full.
void Sender::State::add(Batch& batch, std::string_view part) {
  const std::size_t offset = batch.body.size();
  if (const auto reason = append_line_record(batch.body, part, options, SystemClock().now())) return reject(line, *reason);
  if (batch.lines.empty()) batch.since = std::chrono::steady_clock::now();
  batch.lines.push_back(line);
  batch.offsets.push_back(offset);
  if (batch.lines.size() < options.batch && batch.body.size() < options.batch_bytes) return;
  post(batch);
  batch.clear();
}

int Sender::run(Input& in, std::ostream& out, std::ostream& err, const StopFlag& stop) {
  State& state = *state_;
  state.err = &err;
  state.stop = &stop;
  if (state.options.batch == 0 || state.options.batch_bytes == 0 || state.options.max_line_bytes == 0) {
    err << "penstock send: the size of a batch and of a line must be at least 1\n";
    return 2;
  }
  if (const Result<void> checked = check_server_url(state.options.url); !checked) {
    err << "penstock send: " << checked.error().message << "\n";
    return 2;
  }
  state.transport->end_with(stop, kLastEffort);
  LineCutter cutter(state.options.max_line_bytes);
  Batch batch;
  std::string bytes;
  Result<Input::Got> got = Input::Got::bytes;
  for (bool over = false; !over && !state.gave_up;) {
    const auto gathered = [&] { return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - batch.since); };
    bytes.clear();
    got = in.read(bytes, batch.lines.empty() ? kIdle : std::max(state.options.gather - gathered(), std::chrono::milliseconds(0)));
    over = !got || *got == Input::Got::end || stop;
    cutter.add(bytes);
    if (over) cutter.end();
    for (LineCutter::Part part; !state.gave_up && cutter.next(part);) state.take(batch, part);
    if (over || batch.lines.empty() || (*got == Input::Got::bytes && gathered() < state.options.gather)) continue;
    state.post(batch);
    batch.clear();
  }
  state.post(batch);
  if (!got) err << "penstock send: " << got.error().message << "\n";
  if (state.shown > state.options.shown_rejections) err << "... and " << state.shown - state.options.shown_rejections << " more\n";
  out << "sent " << state.sent << " lines: " << state.accepted << " accepted, " << state.rejected << " rejected\n";
  out.flush();
  if (state.gave_up || !got) return 2;
  return state.rejected > 0 ? 1 : 0;
}

}  // namespace penstock::agent
