// One bit a row of a row group.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace penstock::query {

class RowMask {
 public:
  RowMask() = default;
  RowMask(std::size_t rows, bool set) : words_((rows + 63) / 64, set ? ~std::uint64_t{0} : 0) {
    if (set && rows % 64 != 0) words_.back() = (std::uint64_t{1} << (rows % 64)) - 1;
  }

  bool test(std::size_t row) const { return ((words_[row / 64] >> (row % 64)) & 1u) != 0; }
  void set(std::size_t row) { words_[row / 64] |= std::uint64_t{1} << (row % 64); }
  void clear(std::size_t row) { words_[row / 64] &= ~(std::uint64_t{1} << (row % 64)); }
  bool any() const {
    for (const auto word : words_) {
      if (word != 0) return true;
    }
    return false;
  }
  std::size_t count() const {
    std::size_t n = 0;
    for (const auto word : words_) n += static_cast<std::size_t>(std::popcount(word));
    return n;
  }
  void operator&=(const RowMask& other) {
    for (std::size_t i = 0; i < words_.size(); ++i) words_[i] &= other.words_[i];
  }
  void operator|=(const RowMask& other) {
    for (std::size_t i = 0; i < words_.size(); ++i) words_[i] |= other.words_[i];
  }
  void remove(const RowMask& other) {
    for (std::size_t i = 0; i < words_.size(); ++i) words_[i] &= ~other.words_[i];
  }

  // Calls visit(row) for every set row, ascending; the row at hand may be cleared meanwhile.
  template <class Visit>
  void each(Visit visit) const {
    for (std::size_t w = 0; w < words_.size(); ++w) {
      for (std::uint64_t word = words_[w]; word != 0; word &= word - 1) {
        visit(w * 64 + static_cast<std::size_t>(std::countr_zero(word)));
      }
    }
  }

 private:
  std::vector<std::uint64_t> words_;
};

}  // namespace penstock::query
