// The one way this room says that stored bytes are not what was written.
#pragma once

#include <string>
#include <string_view>

#include "penstock/core/error.hpp"

namespace penstock::chunk {

inline Error corrupt(std::string_view what) {
  return Error{ErrorCode::corrupt, "A stored chunk is damaged (" + std::string(what) + "): restore it from a backup or delete it.", ""};
}

}  // namespace penstock::chunk
