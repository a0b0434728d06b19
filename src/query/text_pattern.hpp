// Text to look for, as words, phrases and wildcards of the query language are.
//
// One rule for all: the pattern's characters stand in the text as they are, case aside, from the border of a word to the border of a word
// where the pattern begins or ends with part of one. A star stands for any run of parts of words, also none; at an end of the pattern it
// means that the word may go on. Words are those of chunk/tokenizer.hpp.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace penstock::query {

// Immutable; any thread.
class TextPattern {
 public:
  // Without stars: a phrase.
  static TextPattern phrase(std::string_view text);
  // A run of '*' is a star.
  static TextPattern with_stars(std::string_view text);

  // In any text.
  bool found_in(std::string_view text) const;
  // Folded words that every text in which it is found holds.
  std::vector<std::string> required_words() const;
  // Whether text of only these characters may hold it.
  bool may_be_made_of(std::string_view characters) const;

 private:
  TextPattern(std::vector<std::string> parts);
  bool found_in_words(std::string_view text) const;
  bool part_found(std::string_view text) const;
  bool parts_found(std::string_view text) const;

  std::vector<std::string> parts_;      // folded; between two of them stands a star; the first and last are empty where it begins or ends with one
  std::vector<std::string> required_;
  bool bound_start_ = false, bound_end_ = false;
};

// A whole value with stars, each for anything: case aside.
class ValuePattern {
 public:
  explicit ValuePattern(std::string_view text);
  bool fits(std::string_view value) const;
  bool may_be_made_of(std::string_view characters) const;

 private:
  std::vector<std::string> parts_;  // folded, at least two
};

}  // namespace penstock::query
