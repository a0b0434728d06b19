#include "query/deletion_file.hpp"

#include <span>

#include "base/bytes.hpp"
#include "base/crc32c.hpp"

namespace penstock::query {
namespace {

constexpr std::uint64_t kMagic = 0x31534c4544545350;  // "PSTDELS1" as bytes
constexpr std::size_t kCrcBytes = 4;
constexpr std::uint64_t kMostBytes = 64u << 20;
constexpr const char* kScope = "deletions";

std::uint64_t bits(std::int64_t value) { return static_cast<std::uint64_t>(value); }

bool read_signed(ByteReader& in, std::int64_t& value) {
  std::uint64_t raw = 0;
  if (!in.fixed64(raw)) return false;
  value = static_cast<std::int64_t>(raw);
  return true;
}

bool read_text(ByteReader& in, std::string& text) {
  std::string_view found;
  if (!in.sized(found)) return false;
  text = found;
  return true;
}

Error damaged() { return Error{ErrorCode::corrupt, "The file of known deletions is damaged.", ""}; }

}  // namespace

Result<std::string> encode_deletions(const std::vector<Deletion>& deletions, Sealer& sealer) {
  std::string list;
  for (const Deletion& d : deletions) {
    for (const std::int64_t number : {d.id, d.from.ns, d.to.ns, d.journal.value}) append_fixed64(list, bits(number));
    append_fixed64(list, d.before);
    append_fixed64(list, bits(d.created_at.ns));
    append_sized(list, d.deployment);
    append_sized(list, d.filter_json);
  }
  const auto key = sealer.key_for(kScope);
  if (!key) return key.error();
  const auto sealed = sealer.seal(*key, kScope, list);
  if (!sealed) return sealed.error();
  std::string out;
  append_fixed64(out, kMagic);
  append_fixed64(out, *key);
  out += *sealed;
  append_fixed32(out, crc32c(out));
  return out;
}

Result<std::vector<Deletion>> decode_deletions(std::string_view bytes, Sealer& sealer) {
  ByteReader head(bytes);
  std::uint64_t magic = 0, key = 0;
  if (!head.fixed64(magic) || !head.fixed64(key) || magic != kMagic || bytes.size() < head.position() + kCrcBytes) return damaged();
  const std::string_view checked = bytes.substr(0, bytes.size() - kCrcBytes);
  if (read_fixed<std::uint32_t>(bytes.data() + checked.size()) != crc32c(checked)) return damaged();
  const auto list = sealer.open(key, kScope, checked.substr(head.position()));
  if (!list) return list.error();
  std::vector<Deletion> deletions;
  ByteReader in(*list);
  while (!in.done()) {
    Deletion d;
    std::uint64_t before = 0;
    if (!read_signed(in, d.id) || !read_signed(in, d.from.ns) || !read_signed(in, d.to.ns) || !read_signed(in, d.journal.value) ||
        !in.fixed64(before) || !read_signed(in, d.created_at.ns) || !read_text(in, d.deployment) ||
        !read_text(in, d.filter_json)) {
      return damaged();
    }
    d.before = before;
    deletions.push_back(std::move(d));
  }
  return deletions;
}

Result<std::vector<Deletion>> read_deletions(FileSystem& files, const std::string& path, Sealer& sealer) {
  if (!files.exists(path)) return std::vector<Deletion>();
  auto file = files.open_read(path);
  if (!file) return std::move(file).error();
  const auto size = (*file)->size();
  if (!size) return size.error();
  if (*size > kMostBytes) return damaged();
  std::string bytes(static_cast<std::size_t>(*size), '\0');
  const auto got = (*file)->read_at(0, std::as_writable_bytes(std::span(bytes)));
  if (!got) return got.error();
  bytes.resize(*got);
  return decode_deletions(bytes, sealer);
}

Result<void> write_deletions(FileSystem& files, const std::string& path, Sealer& sealer, const std::vector<Deletion>& deletions) {
  const auto bytes = encode_deletions(deletions, sealer);
  if (!bytes) return bytes.error();
  const std::string temporary = path + ".tmp";
  (void)files.remove(temporary);
  auto file = files.create(temporary);
  if (!file) return std::move(file).error();
  if (auto done = (*file)->write_at(0, std::as_bytes(std::span(*bytes))); !done) return done;
  if (auto done = (*file)->sync_data(); !done) return done;
  if (auto done = files.rename(temporary, path); !done) return done;
  return files.sync_directory(path.substr(0, path.rfind('/')));
}

}  // namespace penstock::query
