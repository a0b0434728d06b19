// The brackets that are open at a place of a JSON text.
#pragma once

#include <cstddef>
#include <vector>

namespace penstock::decode {

// One bit a level, since a body may be nothing but brackets.
class OpenBrackets {
 public:
  bool none() const { return open_.empty(); }
  // Whether `closing` ('}' or ']') has an opening one.
  bool has(char closing) const { return count_[is_square(closing)] > 0; }
  // Whether it closes the one that was opened last.
  bool fits(char closing) const { return !none() && open_.back() == is_square(closing); }
  // Whether nothing is open once it is closed.
  bool is_outermost(char closing) const { return has(closing) && count_[is_square(closing)] == 1 && open_.front() == is_square(closing); }

  void open(char opening) {
    const bool square = opening == '[';
    open_.push_back(square);
    ++count_[square];
  }
  // has(closing). What was opened within and not closed counts as closed.
  void close(char closing) {
    bool square = false;
    do {
      square = open_.back();
      open_.pop_back();
      --count_[square];
    } while (square != is_square(closing));
  }

 private:
  static bool is_square(char closing) { return closing == ']'; }

  std::vector<bool> open_;  // true: square
  std::size_t count_[2] = {0, 0};
};

}  // namespace penstock::decode
