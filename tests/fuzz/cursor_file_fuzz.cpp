// rooms: journal
// A cursor file of arbitrary bytes opens, and keeps what is stored in it.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "journal/cursor_file.hpp"
#include "support/sim_file_system.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace penstock;
  std::string bytes;
  for (std::size_t i = 0; i < size; ++i) bytes.push_back(static_cast<char>(data[i]));
  test::SimFileSystem fs;
  fs.put_content("/c/cursor", bytes);
  auto cursor = journal::CursorFile::open(fs, "/c/cursor", JournalId{7}, 1);
  if (!cursor || !cursor->store(12345)) std::abort();
  const auto again = journal::CursorFile::open(fs, "/c/cursor", JournalId{7}, 1);
  if (!again || again->position() != 12345) std::abort();
  return 0;
}
