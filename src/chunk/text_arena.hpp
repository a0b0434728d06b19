// Keeps copies of strings in large blocks; views stay valid until clear().
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

namespace penstock::chunk {

// Not thread-safe.
class TextArena {
 public:
  std::string_view add(std::string_view text) {
    if (text.size() > static_cast<std::size_t>(end_ - at_)) make_room(text.size());
    char* const copy = at_;
    // An empty view may have no address, which memcpy must not be given.
    if (!text.empty()) std::memcpy(copy, text.data(), text.size());
    at_ += text.size();
    return {copy, text.size()};
  }

  std::size_t memory_bytes() const { return memory_bytes_; }

  void clear() {
    blocks_.clear();
    at_ = end_ = nullptr;
    memory_bytes_ = 0;
  }

 private:
  static constexpr std::size_t kBlockBytes = 64u << 10;
  static constexpr std::size_t kFirstBlockBytes = 4u << 10;  // many builders hold little

  void make_room(std::size_t size) {
    const std::size_t block = std::max(size, blocks_.empty() ? kFirstBlockBytes : kBlockBytes);
    blocks_.push_back(std::make_unique_for_overwrite<char[]>(block));
    at_ = blocks_.back().get();
    end_ = at_ + block;
    memory_bytes_ += block;
  }

  std::vector<std::unique_ptr<char[]>> blocks_;
  char* at_ = nullptr;
  char* end_ = nullptr;
  std::size_t memory_bytes_ = 0;
};

}  // namespace penstock::chunk
