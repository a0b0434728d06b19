#include "agent/sender.hpp"

#include <algorithm>
#include <istream>
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

// Lines of one request.
struct Batch {
  std::string body;
  std::vector<std::uint64_t> lines;    // the input line of each record
  std::vector<std::size_t> offsets;    // where each record starts

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

  void reject(std::uint64_t at_line, std::string_view reason) {
    ++rejected;
    show(at_line, reason);
  }
  void show(std::uint64_t at_line, std::string_view reason) {
    if (shown++ < options.shown_rejections) *err << "line " << at_line << ": " << reason << "\n";
  }
  void add(Batch& batch, std::string_view part);
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

void Sender::State::settle(const Batch& batch, const Outcome& outcome) {
  accepted += outcome.accepted;
  rejected += outcome.rejected;
  for (const Rejection& one : outcome.rejections) {
    std::string reason = one.code;
    if (!one.field.empty()) reason += " (" + one.field + ")";
    if (!one.message.empty()) reason += ": " + one.message;
    show(one.index < batch.lines.size() ? batch.lines[one.index] : 0, reason);
  }
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

// A line, or a part of a long one; posts the batch when that makes it full.
void Sender::State::add(Batch& batch, std::string_view part) {
  ++sent;
  const std::size_t offset = batch.body.size();
  if (const auto reason = append_line_record(batch.body, part, options, SystemClock().now())) return reject(line, *reason);
  batch.lines.push_back(line);
  batch.offsets.push_back(offset);
  if (batch.lines.size() < options.batch && batch.body.size() < options.batch_bytes) return;
  post(batch);
  batch.clear();
}

int Sender::run(std::istream& in, std::ostream& out, std::ostream& err, const StopFlag& stop) {
  State& state = *state_;
  state.err = &err;
  state.stop = &stop;
  if (state.options.batch == 0 || state.options.batch_bytes == 0 || state.options.url.empty()) {
    err << "penstock send: the size of a batch must be at least 1, and a URL is needed\n";
    return 2;
  }
  LineReader reader(in, state.options.max_line_bytes);
  Batch batch;
  std::string line;
  while (!stop && !state.gave_up && reader.next(line)) {
    ++state.line;
    if (line.find_first_not_of(" \t") == std::string::npos) continue;
    for (std::string_view rest = line; !rest.empty();) {
      const std::string_view part = rest.substr(0, record_part(rest, state.options));
      rest.remove_prefix(part.size());
      state.add(batch, part);
    }
  }
  state.post(batch);
  if (state.shown > state.options.shown_rejections) err << "... and " << state.shown - state.options.shown_rejections << " more\n";
  out << "sent " << state.sent << " lines: " << state.accepted << " accepted, " << state.rejected << " rejected\n";
  out.flush();
  if (state.gave_up) return 2;
  return state.rejected > 0 ? 1 : 0;
}

}  // namespace penstock::agent
