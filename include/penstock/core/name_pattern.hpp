// Names of sources and metrics as people write them for many at once.
#pragma once

#include <string_view>

namespace penstock {

// Whether a name is what the pattern says: * stands for any number of characters, ? for one (a UTF-8 character is as many as its bytes), a backslash
// takes the meaning from what follows it; all else stands for itself, case included. Pure, without allocation; at most as many steps as both lengths
// multiplied.
bool matches_pattern(std::string_view pattern, std::string_view name);
// Whether it may stand for more than one name.
bool is_pattern(std::string_view text);

}  // namespace penstock
