// What log rotation does to names and contents.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/tail_place.hpp"

namespace penstock::agent {

// The folder, with its slash, and the name in it.
std::pair<std::string, std::string> split_name(const std::string& path);

// Names, without folder, that a file may have had before it was rotated to `name`: "app.log.1.gz" → "app.log.1", "app.log", "app"; a date within
// the name, which must have six digits, is left out too: "app-2026-11-28.log" → "app.log", "app-2026-11", "app-2026", "app".
std::vector<std::string> earlier_names(std::string_view name);

// Whether a file of that name stood as `earlier` in the same folder, going by the two names: what was added has a digit in it, or is "old" or the like.
bool is_rotated_name(std::string_view name, std::string_view earlier);

// What packed a file, known by its first bytes: "gzip"; nullptr for text.
const char* packed_with(std::string_view first_bytes);

// Whether a file of `size` bytes is a copy of the one that `read` tells of, or begins with one.
enum class Copy {
  no,
  whole,     // it has all that was read of the original: what is behind that is new
  part,      // it has less, and what it has fits as far as that can be told: it is being copied, or is an older copy
};
Copy is_copy(const Descriptor& file, std::uint64_t size, const TailPlace& read);

}  // namespace penstock::agent
