// The elements of an array that is kept as JSON text.
#pragma once

#include <functional>
#include <string_view>

namespace penstock {

// Calls visit(text) for each element of the array, in order, until it returns false: a string's content without escapes, a number
// as append_text() spells it, true, false, null, an object's JSON text; arrays in it count by their elements. Of text that is no array, or no JSON,
// the whole text is the one element. The view is valid during the call. False when visit() returned false.
bool each_json_element(std::string_view json, const std::function<bool(std::string_view)>& visit);

}  // namespace penstock
