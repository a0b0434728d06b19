// The wire formats by name. To add one: a file pair, a line in registry.cpp, a golden file, a fuzz target.
#pragma once

#include <string_view>
#include <vector>

#include "penstock/ports/decoder.hpp"

namespace penstock::decode {

// The decoder of a format ("json", "event"), or nullptr. Lives for ever; thread-safe.
const Decoder* find(std::string_view name);
std::vector<std::string_view> names();

}  // namespace penstock::decode
