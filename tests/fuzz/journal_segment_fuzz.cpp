// rooms: journal metrics
// A journal whose newest segment holds arbitrary bytes opens, is read to the end, takes a record, and opens again.
// First byte: bit 0 = checksums of frames are made right where a frame header is found, so that what lies behind them is reached.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "base/bytes.hpp"
#include "base/crc32c.hpp"
#include "base/log.hpp"
#include "journal/file_journal.hpp"
#include "journal/inspect.hpp"
#include "journal/record_text.hpp"
#include "journal/segment_format.hpp"
#include "journal/walk.hpp"
#include "metrics/registry.hpp"
#include "support/fake_clock.hpp"
#include "support/sim_file_system.hpp"

namespace {

using namespace penstock;

constexpr journal::SegmentName kName{1, 0x100000001};
constexpr std::uint32_t kLargestPayload = 1u << 20;

void mend_checksums(std::string& bytes) {
  for (std::size_t at = journal::kSegmentHeaderBytes; at + journal::kFrameHeaderBytes <= bytes.size();) {
    const journal::FramePlace place{kName.id, at};
    char* const header = bytes.data() + at;
    const auto payload_bytes = read_fixed<std::uint32_t>(header + 24);
    if (read_fixed<std::uint32_t>(header) != 0x31465350 || payload_bytes > bytes.size() - at - journal::kFrameHeaderBytes) {
      at += 8;
      continue;
    }
    // What a real frame cannot hold would only make the fuzzer run out of memory.
    if (read_fixed<std::uint32_t>(header + 28) > kLargestPayload) write_fixed(header + 28, kLargestPayload);
    write_fixed(header + 72, crc32c(std::string_view(header + journal::kFrameHeaderBytes, payload_bytes), place.checksum_seed()));
    write_fixed(header + 76, crc32c(std::string_view(header, 76), place.checksum_seed()));
    at += static_cast<std::size_t>(journal::frame_bytes(payload_bytes));
  }
}

void require(bool condition) {
  if (!condition) std::abort();
}

void open_read_and_append(test::SimFileSystem& fs) {
  test::FakeClock clock;
  PlainSealer sealer;
  metrics::Registry registry;
  journal::Options options;
  options.directory = "/j";
  options.segment_bytes = 8192;
  options.reserve_file_bytes = 0;
  options.free_reserve_bytes = 0;
  auto opened = journal::FileJournal::open(options, fs, clock, sealer, registry);
  require(opened.has_value());
  auto& journal = **opened;
  // Sequences near the end of 64 bits were never given out; a journal that claims so is read, not written.
  if (journal.durable_end() < (std::uint64_t{1} << 62)) {
    bool done = false;
    Submission submission{"fresh", 1, {}, {}, [&](Result<Sequence> r) { done = r.has_value(); }};
    require(journal.submit(std::move(submission)).has_value());
    journal.commit_once();
    require(done);
  }
  const auto reader = journal.reader(1);
  for (;;) {
    const auto frame = reader->next();
    if (!frame && frame.error().code == ErrorCode::key_mismatch) break;
    require(frame.has_value());
    if (!*frame) {
      require(reader->position() >= journal.durable_end());
      break;
    }
  }
}

// As `penstock journal dump` does.
void walk_and_print(test::SimFileSystem& fs) {
  PlainSealer sealer;
  journal::Visitor visitor;
  std::string text;
  visitor.frame = [&text](const journal::WalkedFrame& walked) -> Result<void> {
    std::uint64_t records = 1000;
    (void)journal::append_dump(text, walked, 0, records);
    text.clear();
    return {};
  };
  visitor.lost = [](Sequence from, Sequence to) { require(from < to); };
  (void)journal::walk(fs, "/j", sealer, 0, UINT64_MAX, visitor);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0 || size > 64u << 10) return 0;
  log::set_level("off");
  std::string bytes(size - 1, '\0');
  for (std::size_t i = 1; i < size; ++i) bytes[i - 1] = static_cast<char>(data[i]);
  if (data[0] & 1) mend_checksums(bytes);
  test::SimFileSystem fs;
  fs.put_content("/j/" + journal::segment_file_name(kName), bytes);
  (void)journal::inspect(fs, "/j", nullptr);
  walk_and_print(fs);
  open_read_and_append(fs);
  open_read_and_append(fs);
  return 0;
}
