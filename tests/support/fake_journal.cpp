#include "support/fake_journal.hpp"

#include <algorithm>
#include <utility>

namespace penstock::test {

class FakeJournal::Reader final : public JournalReader {
 public:
  Reader(FakeJournal& journal, Sequence from) : journal_(journal), position_(from) {}

  Result<FramePtr> next() override {
    std::lock_guard lock(journal_.mutex_);
    for (const auto& frame : journal_.frames_) {
      if (frame->next() <= position_) continue;
      const bool spoilt = frame->first <= journal_.spoilt_ && journal_.spoilt_ < frame->next();
      if (spoilt && failures_++ < journal_.spoilt_failures_) return Error{ErrorCode::io_error, "A sector cannot be read.", ""};
      position_ = frame->next();
      if (!spoilt) return frame;
    }
    return FramePtr();
  }

  Sequence position() const override {
    std::lock_guard lock(journal_.mutex_);
    return position_;
  }

  bool wait(std::chrono::milliseconds at_most) override {
    std::unique_lock lock(journal_.mutex_);
    journal_.changed_.wait_for(lock, at_most, [this] { return woken_ || journal_.closed_ || journal_.end_ > position_; });
    woken_ = false;
    return journal_.end_ > position_;
  }

  void wake() override {
    {
      std::lock_guard lock(journal_.mutex_);
      woken_ = true;
    }
    journal_.changed_.notify_all();
  }

 private:
  FakeJournal& journal_;
  Sequence position_;
  int failures_ = 0;
  bool woken_ = false;
};

FakeJournal::~FakeJournal() = default;

Result<void> FakeJournal::submit(Submission&& submission) {
  std::vector<Submission> now;
  {
    std::lock_guard lock(mutex_);
    if (closed_) return Error{ErrorCode::draining, "The server is shutting down: send this again in a moment.", ""};
    if (submit_error_) return *submit_error_;
    ++submitted_;
    (holding_ ? held_ : now).push_back(std::move(submission));
  }
  if (!now.empty()) commit(std::move(now));
  return {};
}

Sequence FakeJournal::append(std::string batch, std::uint32_t count, Timestamp min_time, Timestamp max_time) {
  Sequence first = durable_end();
  Submission submission{std::move(batch), count, min_time, max_time, [&first](Result<Sequence> r) { if (r) first = *r; }};
  std::vector<Submission> one;
  one.push_back(std::move(submission));
  commit(std::move(one));
  return first;
}

void FakeJournal::commit(std::vector<Submission> submissions) {
  std::vector<std::pair<std::function<void(Result<Sequence>)>, Result<Sequence>>> answers;
  {
    std::lock_guard lock(mutex_);
    auto frame = std::make_shared<Frame>();
    frame->journal = id_;
    frame->first = end_;
    frame->committed_at = now_;
    for (auto& s : submissions) {
      if (commit_error_) {
        answers.emplace_back(std::move(s.done), *commit_error_);
        continue;
      }
      const Sequence first = frame->next();
      frame->min_time = frame->batches.empty() ? s.min_time : std::min(frame->min_time, s.min_time);
      frame->max_time = frame->batches.empty() ? s.max_time : std::max(frame->max_time, s.max_time);
      frame->count += s.count;
      frame->size_bytes += s.batch.size();
      frame->batches.push_back({first, s.count, std::move(s.batch)});
      answers.emplace_back(std::move(s.done), first);
    }
    if (!frame->batches.empty()) {
      end_ = frame->next();
      frames_.push_back(std::move(frame));
    }
  }
  changed_.notify_all();
  for (auto& [done, result] : answers) {
    if (done) done(std::move(result));
  }
}

void FakeJournal::hold() {
  std::lock_guard lock(mutex_);
  holding_ = true;
}

void FakeJournal::release() {
  std::vector<Submission> all;
  {
    std::lock_guard lock(mutex_);
    holding_ = false;
    all.swap(held_);
  }
  if (!all.empty()) commit(std::move(all));
}

void FakeJournal::fail_submissions(std::optional<Error> error) {
  std::lock_guard lock(mutex_);
  submit_error_ = std::move(error);
}

void FakeJournal::fail_commits(std::optional<Error> error) {
  std::lock_guard lock(mutex_);
  commit_error_ = std::move(error);
}

void FakeJournal::set_now(Timestamp now) {
  std::lock_guard lock(mutex_);
  now_ = now;
}

void FakeJournal::spoil(Sequence sequence, int failures) {
  std::lock_guard lock(mutex_);
  spoilt_ = sequence;
  spoilt_failures_ = failures;
}

void FakeJournal::drop_below(Sequence sequence) {
  std::lock_guard lock(mutex_);
  std::erase_if(frames_, [sequence](const FramePtr& f) { return f->next() <= sequence; });
}

void FakeJournal::close() {
  {
    std::lock_guard lock(mutex_);
    closed_ = true;
  }
  changed_.notify_all();
}

Sequence FakeJournal::durable_end() const {
  std::lock_guard lock(mutex_);
  return end_;
}

Sequence FakeJournal::oldest() const {
  std::lock_guard lock(mutex_);
  return frames_.empty() ? end_ : frames_.front()->first;
}

std::unique_ptr<JournalReader> FakeJournal::reader(Sequence from) { return std::make_unique<Reader>(*this, from); }

std::vector<JournalPart> FakeJournal::parts(Sequence from, Sequence to) const {
  const Sequence known = [this] {
    std::lock_guard lock(mutex_);
    return unknown_below_;
  }();
  if (from >= known) return split({from, to, {}, {}});
  std::vector<JournalPart> parts{{from, std::min(to, known), {}, {}, false}};
  for (const JournalPart& part : split({known, to, {}, {}})) parts.push_back(part);
  return parts;
}

void FakeJournal::forget_times() {
  std::lock_guard lock(mutex_);
  unknown_below_ = end_;
}

std::vector<JournalPart> FakeJournal::split(const JournalPart& part) const {
  const auto [from, to] = std::pair(part.first, part.end);
  std::lock_guard lock(mutex_);
  std::vector<JournalPart> parts;
  for (const FramePtr& frame : frames_) {
    const Sequence first = std::max(frame->first, from), end = std::min(frame->next(), to);
    if (first < end) parts.push_back({first, end, frame->min_time, frame->max_time});
  }
  return parts;
}

void FakeJournal::set_cursor(const std::string& sink, Sequence position, CursorPolicy policy) {
  std::lock_guard lock(mutex_);
  cursors_[sink] = position;
  policies_[sink] = policy;
}

CursorPolicy FakeJournal::policy(const std::string& sink) const {
  std::lock_guard lock(mutex_);
  const auto found = policies_.find(sink);
  return found == policies_.end() ? CursorPolicy{} : found->second;
}

void FakeJournal::remove_cursor(const std::string& sink) {
  std::lock_guard lock(mutex_);
  cursors_.erase(sink);
}

void FakeJournal::renumber(Sequence from, Sequence to) {
  std::lock_guard lock(mutex_);
  for (FramePtr& frame : frames_) {
    if (frame->next() <= from) continue;
    auto moved = std::make_shared<Frame>(*frame);
    moved->first += to - from;
    for (auto& batch : moved->batches) batch.first += to - from;
    frame = std::move(moved);
  }
  end_ += to - from;
  ++renumberings_;
}

std::size_t FakeJournal::renumberings() const {
  std::lock_guard lock(mutex_);
  return renumberings_;
}

void FakeJournal::retire(Sequence before) {
  std::lock_guard lock(mutex_);
  retired_ = before;
}

Sequence FakeJournal::retired() const {
  std::lock_guard lock(mutex_);
  return retired_;
}

std::optional<Sequence> FakeJournal::cursor(const std::string& sink) const {
  std::lock_guard lock(mutex_);
  const auto found = cursors_.find(sink);
  if (found == cursors_.end()) return std::nullopt;
  return found->second;
}

std::size_t FakeJournal::submitted() const {
  std::lock_guard lock(mutex_);
  return submitted_;
}

}  // namespace penstock::test
