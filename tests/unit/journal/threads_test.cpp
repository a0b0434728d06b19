// The journal with its threads: many producers, readers that wait, a stop in the middle. Run under the thread sanitizer.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "journal/intake.hpp"
#include "journal/wake_signal.hpp"
#include "journal_rig.hpp"
#include "support/amount.hpp"
#include "support/patience.hpp"

namespace penstock::test {
namespace {

struct Sent {
  std::mutex mutex;
  std::map<std::string, Sequence> acked;
};

// Submits `batches` and waits for each answer before the next; retries what was refused for lack of room.
void produce(journal::FileJournal& journal, int producer, int batches, Sent& sent) {
  for (int i = 0; i < batches; ++i) {
    const std::string padding(static_cast<std::size_t>(i % 700), '.');
    const std::string text = "producer " + std::to_string(producer) + " batch " + std::to_string(i) + padding;
    for (;;) {
      std::atomic<int> answer{0};
      Sequence first = 0;
      Submission submission{text, 2, {}, {}, [&](Result<Sequence> r) {
                              first = r ? *r : 0;
                              answer.store(r ? 1 : 2);
                              answer.notify_one();
                            }};
      if (const auto taken = journal.submit(std::move(submission)); !taken) {
        if (taken.error().code == ErrorCode::draining) return;
        std::this_thread::yield();
        continue;
      }
      answer.wait(0);
      if (answer.load() == 1) {
        std::lock_guard lock(sent.mutex);
        sent.acked[text] = first;
      }
      break;
    }
  }
}

std::map<std::string, Sequence> read_until(JournalReader& reader, Sequence end) {
  std::map<std::string, Sequence> read;
  while (reader.position() < end) {
    auto frame = reader.next();
    EXPECT_TRUE(frame);
    if (!frame) break;
    if (!*frame) {
      reader.wait(kPatience);
      continue;
    }
    for (const auto& batch : (*frame)->batches) {
      EXPECT_TRUE(read.emplace(batch.bytes, batch.first).second) << "read twice: " << batch.bytes;
    }
  }
  return read;
}

// The writer looks around by itself every half second, so without this a submission that wakes nobody would only be answered late.
TEST(JournalThreads, ASubmissionWakesTheWriter) {
  JournalRig rig;
  metrics::Registry registry;
  journal::JournalState state(rig.options, rig.fs, rig.clock, rig.sealer, registry);
  state.room.refresh();
  journal::Intake intake(state);
  ASSERT_TRUE(intake.submit(Submission{"alone", 1, {}, {}, [](Result<Sequence>) {}}));
  // What was notified before ends the next wait at once.
  const auto begun = std::chrono::steady_clock::now();
  intake.wait(kPatience);
  EXPECT_LT(std::chrono::steady_clock::now() - begun, kPatience / 2);
}

TEST(JournalThreads, ManyProducersAndReadersSeeTheSameRecordsInTheSameOrder) {
  JournalRig rig;
  rig.options.disk_budget = 32u << 20;
  ASSERT_TRUE(rig.open());
  rig.journal->start();
  constexpr int kProducers = 4, kBatches = 300;
  constexpr Sequence kEnd = 1 + 2 * kProducers * kBatches;
  Sent sent;
  std::vector<std::thread> threads;
  std::vector<std::map<std::string, Sequence>> read(3);
  for (auto& into : read) {
    threads.emplace_back([&rig, &into] {
      const auto reader = rig.journal->reader(1);
      into = read_until(*reader, kEnd);
    });
  }
  for (int p = 0; p < kProducers; ++p) threads.emplace_back([&rig, &sent, p] { produce(*rig.journal, p, kBatches, sent); });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(sent.acked.size(), static_cast<std::size_t>(kProducers * kBatches));
  for (const auto& each : read) EXPECT_EQ(each, sent.acked);
  rig.close();
  rig.expect_sound();
}

TEST(JournalThreads, AStopAnswersEverythingThatWasTaken) {
  for (int round = 0; round < 20; ++round) {
    JournalRig rig;
    ASSERT_TRUE(rig.open());
    rig.journal->start();
    std::atomic<int> taken{0}, answered{0};
    std::vector<std::thread> threads;
    for (int p = 0; p < 3; ++p) {
      threads.emplace_back([&] {
        for (;;) {
          const auto result = rig.journal->submit(Submission{"some batch", 1, {}, {}, [&](Result<Sequence>) { ++answered; }});
          if (result) ++taken;
          if (!result && result.error().code == ErrorCode::draining) return;
        }
      });
    }
    while (taken.load() < 10 * round) std::this_thread::yield();
    rig.journal->stop();
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(answered.load(), taken.load());
    // Only now: whoever is being refused holds a reservation for a moment, also after the stop.
    EXPECT_EQ(rig.journal->stats().queue_bytes, 0u);
  }
}

TEST(JournalThreads, AReaderThatWaitsIsWokenByACommitByWakeAndByTheEnd) {
  JournalRig rig;
  ASSERT_TRUE(rig.open());
  rig.journal->start();
  const auto reader = rig.journal->reader(1);
  std::atomic<int> woken{0};
  std::thread waiter([&] {
    EXPECT_TRUE(reader->wait(std::chrono::minutes(10)));
    (void)reader->next();
    woken = 1;
    woken.notify_one();
    EXPECT_FALSE(reader->wait(std::chrono::minutes(10)));
    woken = 2;
    woken.notify_one();
    EXPECT_FALSE(reader->wait(std::chrono::minutes(10)));
  });
  ASSERT_TRUE(rig.journal->submit(Submission{"wake up", 1, {}, {}, {}}));
  woken.wait(0);
  reader->wake();
  woken.wait(1);
  rig.journal->stop();
  waiter.join();
}

TEST(JournalThreads, ReadersKeepUpWithRetention) {
  JournalRig rig;
  rig.options.keep_consumed_bytes = 0;
  ASSERT_TRUE(rig.open());
  rig.journal->start();
  constexpr Sequence kEnd = 1 + 2 * 2 * 400;
  Sent sent;
  std::thread sink([&] {
    const auto reader = rig.journal->reader(1);
    while (reader->position() < kEnd) {
      const auto frame = reader->next();
      ASSERT_TRUE(frame);
      if (*frame) rig.journal->set_cursor("sink", (*frame)->next());
      if (!*frame) reader->wait(kPatience);
    }
  });
  std::thread straggler([&] {
    for (int i = 0; i < 200; ++i) EXPECT_TRUE(rig.journal->reader(1 + static_cast<Sequence>(i))->next());
  });
  std::thread a([&] { produce(*rig.journal, 1, 400, sent); });
  std::thread b([&] { produce(*rig.journal, 2, 400, sent); });
  for (auto* thread : {&a, &b, &sink, &straggler}) thread->join();
  EXPECT_EQ(rig.journal->stats().lost_records, 0u);
}

TEST(WakeSignal, NoNotificationIsLost) {
  journal::WakeSignal signal;
  std::atomic<int> work{0};
  constexpr int kTotal = 20'000;
  std::thread producer([&] {
    for (int i = 0; i < kTotal; ++i) {
      ++work;
      signal.notify();
      while (i % 16 == 0 && work.load() != 0) std::this_thread::yield();  // now and then the consumer falls asleep
    }
  });
  int done = 0;
  while (done < kTotal) {
    const int got = work.exchange(0);
    done += got;
    if (got == 0 && done < kTotal) {
      // A late wake-up of an earlier notification may end a wait early; only one that lasts to its end was slept through.
      const auto begun = std::chrono::steady_clock::now();
      const bool told = signal.wait(kPatience);
      ASSERT_TRUE(told || std::chrono::steady_clock::now() - begun < kPatience - std::chrono::seconds(1))
          << "slept through a notification after " << done;
    }
  }
  producer.join();
}

// The next event comes only when the one before was met: a lost wake-up would be a wait to its end.
TEST(WakeSignal, OneEventAndThenSilenceIsNeverSleptThrough) {
  journal::WakeSignal there, back;
  std::atomic<std::uint64_t> event{0}, met{0};
  const std::uint64_t events = amount("WAKE_UPS", 100'000);
  std::atomic<bool> slept_through{false};
  const auto until = [&](journal::WakeSignal& signal, const std::atomic<std::uint64_t>& counter, std::uint64_t value) {
    while (counter.load() < value && !slept_through) {
      const auto begun = std::chrono::steady_clock::now();
      if (!signal.wait(kPatience) && std::chrono::steady_clock::now() - begun > kPatience - std::chrono::seconds(1)) slept_through = true;
    }
  };
  std::thread consumer([&] {
    for (std::uint64_t i = 1; i <= events && !slept_through; ++i) {
      until(there, event, i);
      met = i;
      back.notify();
    }
  });
  for (std::uint64_t i = 1; i <= events && !slept_through; ++i) {
    event = i;
    there.notify();
    until(back, met, i);
  }
  consumer.join();
  EXPECT_FALSE(slept_through);
  EXPECT_EQ(met, events);
}

TEST(WakeSignal, ANotificationBeforeTheWaitEndsIt) {
  journal::WakeSignal signal;
  signal.notify();
  EXPECT_TRUE(signal.wait(kPatience));
  EXPECT_FALSE(signal.wait(std::chrono::nanoseconds(1)));
}

}  // namespace
}  // namespace penstock::test
