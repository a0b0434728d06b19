// rooms: query
// A file of known deletions of arbitrary bytes is read or refused; with its checksum put right, too.
#include <cstdint>
#include <string>

#include "base/bytes.hpp"
#include "base/crc32c.hpp"
#include "query/deletion_file.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace penstock;
  std::string bytes;
  for (std::size_t i = 0; i < size; ++i) bytes.push_back(static_cast<char>(data[i]));
  PlainSealer sealer;
  (void)query::decode_deletions(bytes, sealer);
  append_fixed32(bytes, crc32c(bytes));
  (void)query::decode_deletions(bytes, sealer);
  return 0;
}
