#include "journal/id_file.hpp"

#include <array>
#include <span>

#include "base/bytes.hpp"
#include "base/crc32c.hpp"
#include "journal/cursor_file.hpp"

namespace penstock::journal {
namespace {

constexpr std::uint64_t kIdMagic = 0x3144494c4e524a50;  // "PJRNLID1" as bytes
constexpr std::size_t kBytes = 20;

std::string path_in(const std::string& directory) { return directory + "/journal-id"; }
// A cursor file whose position is the id: so builds before this one kept it.
std::string earlier_path_in(const std::string& directory) { return directory + "/identity"; }

std::string encode(JournalId id) {
  std::string out;
  append_fixed64(out, kIdMagic);
  append_fixed64(out, static_cast<std::uint64_t>(id.value));
  append_fixed32(out, crc32c(out));
  return out;
}

std::optional<JournalId> decode_id(std::string_view bytes) {
  ByteReader in(bytes);
  std::uint64_t magic = 0, id = 0;
  std::uint32_t crc = 0;
  if (!in.fixed64(magic) || !in.fixed64(id) || !in.fixed32(crc)) return std::nullopt;
  if (magic != kIdMagic || crc != crc32c(bytes.substr(0, kBytes - sizeof crc))) return std::nullopt;
  return JournalId{static_cast<std::int64_t>(id)};
}

std::optional<JournalId> read_own(FileSystem& files, const std::string& directory) {
  const auto file = files.open_read(path_in(directory));
  if (!file) return std::nullopt;
  std::array<char, kBytes> bytes{};
  const auto got = (*file)->read_at(0, std::as_writable_bytes(std::span(bytes)));
  return got ? decode_id(std::string_view(bytes.data(), *got)) : std::nullopt;
}

}  // namespace

std::optional<JournalId> read_id_file(FileSystem& files, const std::string& directory) {
  if (auto id = read_own(files, directory)) return id;
  if (!files.exists(earlier_path_in(directory))) return std::nullopt;
  const auto earlier = CursorFile::open(files, earlier_path_in(directory), JournalId{0}, 0);
  if (!earlier || earlier->position() == 0) return std::nullopt;
  return JournalId{static_cast<std::int64_t>(earlier->position())};
}

Result<void> write_id_file(FileSystem& files, const std::string& directory, JournalId id) {
  if (const auto known = read_own(files, directory); known && known->value == id.value) return {};
  const std::string path = path_in(directory), fresh = path + ".tmp";
  if (files.exists(fresh)) (void)files.remove(fresh);
  auto file = files.create(fresh);
  if (!file) return std::move(file).error();
  const std::string bytes = encode(id);
  if (auto done = (*file)->write_at(0, std::as_bytes(std::span(bytes))); !done) return done;
  if (auto done = (*file)->sync_data(); !done) return done;
  if (auto done = files.rename(fresh, path); !done) return done;
  if (auto done = files.sync_directory(directory); !done) return done;
  // Two files that say who the journal is would be one too many.
  if (files.exists(earlier_path_in(directory))) (void)files.remove(earlier_path_in(directory));
  return {};
}

}  // namespace penstock::journal
