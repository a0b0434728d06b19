#include "journal_rig.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/log.hpp"
#include "journal/segment_format.hpp"

namespace penstock::test {

std::string Ledger::send(std::uint32_t count, std::size_t size, std::mt19937_64& random) {
  std::string payload = "payload " + std::to_string(sent_.size()) + " ";
  while (payload.size() < size) payload += static_cast<char>('a' + random() % 26);
  sent_[payload].count = count;
  return payload;
}

void Ledger::settle(const std::string& payload, Fate fate, Sequence first) {
  Entry& entry = sent_.at(payload);
  if (entry.fate != Fate::unknown) broken_.push_back("answered twice: " + payload.substr(0, 20));
  entry.fate = fate;
  entry.first = first;
}

void Ledger::store(const Frame& frame) {
  for (const Frame::Batch& batch : frame.batches) {
    stored_[batch.bytes].insert(batch.first);
    const auto [at, fresh] = by_sequence_.emplace(batch.first, batch.bytes);
    if (!fresh && at->second != batch.bytes) broken_.push_back("two batches at sequence " + std::to_string(batch.first));
    const auto sent = sent_.find(batch.bytes);
    if (sent != sent_.end() && sent->second.count != batch.count) broken_.push_back("another count at " + std::to_string(batch.first));
  }
}

void Ledger::forget_stored() {
  stored_.clear();
  by_sequence_.clear();
}

std::vector<std::string> Ledger::complaints() const {
  std::vector<std::string> all = broken_;
  for (const auto& [payload, entry] : sent_) {
    if (entry.fate != Fate::acked) continue;
    const auto stored = stored_.find(payload);
    if (stored == stored_.end()) {
      all.push_back("acknowledged and lost: sequence " + std::to_string(entry.first));
    } else if (!stored->second.contains(entry.first)) {
      all.push_back("stored elsewhere than acknowledged: sequence " + std::to_string(entry.first));
    }
  }
  for (const auto& [payload, places] : stored_) {
    const auto sent = sent_.find(payload);
    if (sent == sent_.end()) all.push_back("stored and never sent: " + payload.substr(0, 20));
    if (sent != sent_.end() && sent->second.fate == Fate::refused) all.push_back("refused and stored: " + payload.substr(0, 20));
    if (places.size() > 1) all.push_back("stored twice: " + payload.substr(0, 20));
  }
  return all;
}

std::size_t Ledger::acked() const {
  std::size_t n = 0;
  for (const auto& [payload, entry] : sent_) n += entry.fate == Fate::acked;
  return n;
}

std::uint64_t Ledger::acked_records() const {
  std::uint64_t n = 0;
  for (const auto& [payload, entry] : sent_) n += entry.fate == Fate::acked ? entry.count : 0;
  return n;
}

std::uint64_t Ledger::stored_records() const {
  std::uint64_t n = 0;
  for (const auto& [payload, places] : stored_) {
    const auto sent = sent_.find(payload);
    n += sent == sent_.end() ? 0 : sent->second.count;
  }
  return n;
}

JournalRig::JournalRig() {
  log::set_level("off");
  options.directory = kDirectory;
  options.segment_bytes = 16u << 10;
  options.disk_budget = 4u << 20;
  options.free_reserve_bytes = 64u << 10;
  options.reserve_file_bytes = 4096;
  options.keep_consumed_bytes = 24u << 10;
  options.compress_above = 1024;
  options.live_window_bytes = 8u << 10;
  options.random = [this] { return random(); };
}

Result<void> JournalRig::open() {
  journal.reset();
  registry = std::make_unique<metrics::Registry>();
  auto opened = journal::FileJournal::open(options, fs, clock, sealer, *registry);
  if (!opened) return opened.error();
  journal = std::move(opened).value();
  journal->set_cursor("sink", delivered);
  return {};
}

void JournalRig::close() {
  if (journal) journal->stop();
  journal.reset();
}

void JournalRig::crash(std::uint64_t seed) {
  fs.cut_power_at(1);
  journal.reset();
  fs.crash(seed);
}

bool JournalRig::commit(std::size_t batches, std::size_t size, std::uint32_t count) {
  std::size_t acked = 0;
  for (std::size_t i = 0; i < batches; ++i) {
    Submission submission;
    submission.batch = ledger.send(count, size, random);
    submission.count = count;
    submission.min_time = submission.max_time = clock.now();
    submission.done = [this, &acked, payload = submission.batch](Result<Sequence> result) {
      acked += result.has_value();
      if (result) ledger.settle(payload, Ledger::Fate::acked, *result);
    };
    const std::string payload = submission.batch;
    if (!journal->submit(std::move(submission))) ledger.settle(payload, Ledger::Fate::refused);
  }
  journal->commit_once();
  return acked == batches;
}

std::uint64_t JournalRig::read_all(Sequence from) {
  std::uint64_t records = 0;
  const auto reader = journal->reader(from);
  for (;;) {
    auto frame = reader->next();
    if (!frame) {
      ADD_FAILURE_AT(__FILE__, __LINE__) << frame.error().message;
      return records;
    }
    if (!*frame) return records;
    records += (*frame)->count;
    ledger.store(**frame);
  }
}

std::uint64_t JournalRig::read_parts(Sequence from) {
  std::uint64_t records = 0;
  std::vector<JournalPart> parts;
  for (const JournalPart& part : journal->parts(from, journal->durable_end())) {
    const auto pieces = part.times_known ? std::vector{part} : journal->split(part);
    parts.insert(parts.end(), pieces.begin(), pieces.end());
  }
  for (auto part = parts.rbegin(); part != parts.rend(); ++part) {
    const auto reader = journal->reader(part->first);
    for (;;) {
      auto frame = reader->next();
      if (!frame) {
        ADD_FAILURE_AT(__FILE__, __LINE__) << frame.error().message;
        return records;
      }
      if (!*frame || (*frame)->first >= part->end) break;
      records += (*frame)->count;
      EXPECT_GE((*frame)->next(), part->first);
      EXPECT_LE((*frame)->next(), part->end);
      EXPECT_GE((*frame)->min_time, part->min_time);
      EXPECT_LE((*frame)->max_time, part->max_time);
    }
  }
  return records;
}

void JournalRig::deliver() {
  const auto reader = journal->reader(delivered);
  for (;;) {
    auto frame = reader->next();
    if (!frame || !*frame) break;
    ledger.store(**frame);
    delivered = (*frame)->next();
  }
  journal->set_cursor("sink", delivered);
}

std::vector<std::string> JournalRig::segment_paths() const {
  std::vector<std::string> paths;
  const auto files = fs.list(kDirectory);
  for (const std::string& file : *files) {
    if (journal::parse_segment_file_name(file)) paths.push_back(std::string(kDirectory) + "/" + file);
  }
  return paths;
}

void JournalRig::expect_sound() const {
  EXPECT_THAT(ledger.complaints(), testing::IsEmpty());
  EXPECT_THAT(fs.violations(), testing::IsEmpty());
  EXPECT_EQ(sealer.reused_places(), 0u);
  EXPECT_EQ(sealer.reused_scopes(), 0u);
}

}  // namespace penstock::test
