#include "journal/sealed_with.hpp"

#include <set>
#include <span>

#include "journal/segment_format.hpp"

namespace penstock::journal {

Result<std::vector<KeyId>> sealed_with(FileSystem& files, const std::string& directory) {
  if (!files.exists(directory)) return std::vector<KeyId>();
  auto listed = files.list(directory);
  if (!listed) return std::move(listed).error();
  std::set<KeyId> keys;
  for (const std::string& name : *listed) {
    if (!parse_segment_file_name(name)) continue;
    auto file = files.open_read(directory + "/" + name);
    if (!file) continue;
    std::string head(kSegmentHeaderBytes, '\0');
    const auto got = (*file)->read_at(0, std::as_writable_bytes(std::span(head)));
    const auto header = got ? decode_segment_header(head) : std::nullopt;
    if (header && header->key != 0) keys.insert(header->key);
  }
  return std::vector<KeyId>(keys.begin(), keys.end());
}

}  // namespace penstock::journal
