// application/x-www-form-urlencoded, which query strings are too (WHATWG URL Standard, section 5.1).
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace penstock::decode {

// Names and values in order, + as a blank, %XX resolved (a bad escape stays as it is), text repaired to UTF-8 without NUL.
std::vector<std::pair<std::string, std::string>> parse_form(std::string_view text);

}  // namespace penstock::decode
