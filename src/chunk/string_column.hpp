// A decoded column of strings.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace penstock::chunk {

// Row i is entry(index(i)). Where the column was stored as a dictionary, entry_count() is the number of distinct values, so that a
// predicate need be asked once a value.
class StringColumn {
 public:
  std::size_t size() const { return indexes_.empty() ? entry_count() : indexes_.size(); }
  std::size_t entry_count() const { return offsets_.empty() ? 0 : offsets_.size() - 1; }
  bool is_dictionary() const { return !indexes_.empty(); }
  std::size_t index(std::size_t i) const { return indexes_.empty() ? i : indexes_[i]; }
  std::string_view entry(std::size_t e) const {
    return std::string_view(bytes_).substr(offsets_[e], offsets_[e + 1] - offsets_[e]);
  }
  std::string_view operator[](std::size_t i) const { return entry(index(i)); }
  std::size_t memory_bytes() const {
    return bytes_.capacity() + (offsets_.capacity() + indexes_.capacity()) * sizeof(std::uint32_t);
  }

 private:
  friend class StringColumnDecoder;
  std::string bytes_;
  std::vector<std::uint32_t> offsets_;
  std::vector<std::uint32_t> indexes_;  // empty: one entry a row
};

}  // namespace penstock::chunk
