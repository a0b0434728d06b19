// The q text as a tree, before names and numbers are understood.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace penstock::query {

struct Node {
  enum class Kind { all, any, negation, condition };
  enum class Form { bare, quoted, regex };
  enum class Compare { matches, exactly, greater, greater_equal, less, less_equal };

  Kind kind = Kind::all;       // all without children holds always
  std::vector<Node> children;  // all, any: any number; negation: one

  // A condition:
  std::string field;           // empty: none was named
  Form form = Form::bare;
  Compare compare = Compare::matches;
  std::string text;
  std::string written;         // of name:value in one piece without quotes: these characters; else empty
  bool ignore_case = false;    // of a regex
  std::size_t column = 1;
};

}  // namespace penstock::query
