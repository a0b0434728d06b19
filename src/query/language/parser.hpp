// Reads the q text: recursive descent over
//   any       := all ("OR" all)*
//   all       := negation ("AND"? negation)*
//   negation  := ("-" | "NOT")* primary
//   primary   := "(" any ")" | field ( "(" any ")" | compare? value ) | value
// where inside field "(" … ")" each value may have a compare before it, and no field may be named.
#pragma once

#include <string_view>

#include "penstock/core/result.hpp"
#include "query/language/ast.hpp"

namespace penstock::query {

inline constexpr std::size_t kMaxQueryBytes = 4096;
inline constexpr std::size_t kMaxQueryDepth = 32;
inline constexpr std::size_t kMaxConditions = 256;

// Errors: invalid_query with the column. From language 2 on (log_query.hpp) what other query languages mean by their signs is told
// in the words of this one instead of being looked for.
Result<Node> parse_query(std::string_view text, int language);

}  // namespace penstock::query
