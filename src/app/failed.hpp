// How a command ends that could not do its work.
#pragma once

#include <iostream>

#include "penstock/core/error.hpp"

namespace penstock::app {

// Tells why on standard error; gives the exit code back.
inline int failed(const Error& error, int exit_code = 1) {
  std::cerr << "penstock: " << full_text(error) << '\n';
  return exit_code;
}

}  // namespace penstock::app
