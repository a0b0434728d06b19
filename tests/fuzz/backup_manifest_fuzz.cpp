// rooms: backup
// A manifest of arbitrary bytes is refused, or says the same again; none of its paths leads out of the backup.
// First byte: bit 0 = the checksum of the last line is made right, so that what stands before it is reached.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "backup/manifest.hpp"
#include "base/sha256.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace penstock;
  if (size == 0) return 0;
  std::string text;
  for (std::size_t i = 1; i < size; ++i) text.push_back(static_cast<char>(data[i]));
  if (data[0] & 1) text += "sha256 " + sha256_hex(text) + "\n";
  const auto manifest = backup::parse_manifest(text);
  if (!manifest) return 0;
  for (const auto& file : manifest->files) {
    if (file.path.empty() || file.path[0] == '/' || ("/" + file.path + "/").find("/../") != std::string::npos) std::abort();
  }
  const auto again = backup::parse_manifest(backup::to_text(*manifest));
  if (!again || again->files != manifest->files || again->end != manifest->end) std::abort();
  return 0;
}
