#include "journal/cursor_file.hpp"

#include <array>
#include <optional>
#include <span>

#include "base/bytes.hpp"
#include "base/crc32c.hpp"
#include "base/failpoint.hpp"

namespace penstock::journal {
namespace {

constexpr std::uint64_t kMagic = 0x3152535243545350;  // "PSTCRSR1" as bytes
constexpr std::size_t kSlotBytes = 36;
constexpr std::uint64_t kSlotDistance = 4096;         // no write of one slot touches the other's block
constexpr std::uint64_t kFileBytes = 2 * kSlotDistance;

struct Slot {
  std::uint64_t generation = 0;
  JournalId journal;
  Sequence position = 0;
};

std::string encode(const Slot& slot) {
  std::string out;
  append_fixed64(out, kMagic);
  append_fixed64(out, slot.generation);
  append_fixed64(out, static_cast<std::uint64_t>(slot.journal.value));
  append_fixed64(out, slot.position);
  append_fixed32(out, crc32c(out));
  return out;
}

std::optional<Slot> decode(std::string_view bytes) {
  ByteReader in(bytes);
  std::uint64_t magic = 0, journal = 0;
  std::uint32_t crc = 0;
  Slot slot;
  if (!in.fixed64(magic) || !in.fixed64(slot.generation) || !in.fixed64(journal) || !in.fixed64(slot.position) ||
      !in.fixed32(crc)) {
    return std::nullopt;
  }
  if (magic != kMagic || crc != crc32c(bytes.substr(0, kSlotBytes - sizeof crc))) return std::nullopt;
  slot.journal.value = static_cast<std::int64_t>(journal);
  return slot;
}

std::optional<Slot> newest(const File& file) {
  std::optional<Slot> best;
  for (std::uint64_t at = 0; at < kFileBytes; at += kSlotDistance) {
    std::array<char, kSlotBytes> bytes{};
    const auto got = file.read_at(at, std::as_writable_bytes(std::span(bytes)));
    if (!got) continue;
    const auto slot = decode(std::string_view(bytes.data(), *got));
    if (slot && (!best || slot->generation > best->generation)) best = slot;
  }
  return best;
}

std::string directory_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == std::string::npos ? "." : path.substr(0, slash);
}

Result<void> write(File& file, const Slot& slot) {
  const std::string bytes = encode(slot);
  const std::uint64_t at = slot.generation % 2 * kSlotDistance;
  failpoint("journal.cursor.before");
  if (auto done = file.write_at(at, std::as_bytes(std::span(bytes))); !done) return done;
  failpoint("journal.cursor.written");
  return file.sync_data();
}

}  // namespace

CursorFile::CursorFile(FileSystem& files, std::string path, JournalId journal)
    : files_(&files), path_(std::move(path)), journal_(journal) {}

Result<CursorFile> CursorFile::open(FileSystem& files, const std::string& path, JournalId journal, Sequence initial) {
  CursorFile cursor(files, path, journal);
  if (files.exists(path)) {
    auto file = files.open(path);
    if (!file) return std::move(file).error();
    if (const auto slot = newest(**file)) {
      cursor.generation_ = slot->generation;
      if (slot->journal == journal) {
        cursor.position_ = slot->position;
        cursor.file_ = std::move(file).value();
        return cursor;
      }
    }
  }
  if (auto made = cursor.make(initial); !made) return std::move(made).error();
  return cursor;
}

Result<void> CursorFile::store(Sequence position) {
  if (!file_) return make(position);
  if (auto written = write_slot(position); !written) {
    file_.reset();
    return written;
  }
  return {};
}

Result<void> CursorFile::write_slot(Sequence position) {
  if (auto written = write(*file_, {generation_ + 1, journal_, position}); !written) return written;
  ++generation_;
  position_ = position;
  return {};
}

// Also after a failed sync: the old file's pages are of unknown fate, so it is replaced, not written again.
Result<void> CursorFile::make(Sequence initial) {
  const std::string temporary = path_ + ".tmp";
  (void)files_->remove(temporary);
  auto file = files_->create(temporary);
  if (!file) return std::move(file).error();
  if (auto done = (*file)->allocate(kFileBytes); !done) return done;
  if (auto done = write(**file, {generation_ + 1, journal_, initial}); !done) return done;
  failpoint("journal.cursor.synced");
  if (auto done = files_->rename(temporary, path_); !done) return done;
  failpoint("journal.cursor.renamed");
  if (auto done = files_->sync_directory(directory_of(path_)); !done) return done;
  file_ = std::move(file).value();
  ++generation_;
  position_ = initial;
  return {};
}

}  // namespace penstock::journal
