// Memory for text that has to be made while a record is read: unescaped strings, dotted names. Addresses stay valid until clear().
#pragma once

#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

namespace penstock::decode {

// One thread.
class Arena {
 public:
  // `size` bytes, uninitialised.
  char* take(std::size_t size) {
    if (size > left_) grow(size);
    char* bytes = next_;
    next_ += size;
    left_ -= size;
    return bytes;
  }
  // Gives back the end of what take() gave last.
  void give_back(std::size_t size) {
    next_ -= size;
    left_ += size;
  }
  std::string_view copy(std::string_view text) {
    char* bytes = take(text.size());
    if (!text.empty()) std::memcpy(bytes, text.data(), text.size());
    return {bytes, text.size()};
  }
  // Forgets all text; keeps the first block, so that steady work allocates nothing.
  void clear() {
    if (blocks_.empty()) return;
    if (blocks_.size() > 1) blocks_.resize(1);
    next_ = blocks_[0].bytes.get();
    left_ = blocks_[0].size;
  }
  std::size_t kept_bytes() const { return blocks_.empty() ? 0 : blocks_[0].size; }
  void release() {
    blocks_.clear();
    next_ = nullptr;
    left_ = 0;
  }

 private:
  static constexpr std::size_t kBlock = 16 << 10;
  struct Block {
    std::unique_ptr<char[]> bytes;
    std::size_t size = 0;
  };

  void grow(std::size_t size) {
    const std::size_t wanted = size > kBlock ? size : kBlock;
    blocks_.push_back({std::unique_ptr<char[]>(new char[wanted]), wanted});
    next_ = blocks_.back().bytes.get();
    left_ = wanted;
  }

  std::vector<Block> blocks_;
  char* next_ = nullptr;
  std::size_t left_ = 0;
};

}  // namespace penstock::decode
