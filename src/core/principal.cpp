#include "penstock/core/principal.hpp"

namespace penstock {

const PrincipalPtr& stranger() {
  static const PrincipalPtr nobody = std::make_shared<const Principal>();
  return nobody;
}

}  // namespace penstock
