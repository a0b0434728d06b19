// A server that outlived the Penstock that started it.
#pragma once

#include <chrono>
#include <string>

#include "penstock/core/result.hpp"

namespace penstock::postgres {

// Ends the server that runs on this cluster, if any: fast shutdown, after `at_most` immediately. A postmaster.pid that
// names some other process (numbers are used again) is removed, or a new server would refuse to start. The caller holds
// the lock that keeps others out.
Result<void> end_stale_server(const std::string& data, std::chrono::milliseconds at_most);

// What postmaster.pid says; pid 0 when there is no such file.
struct PostmasterFile {
  int pid = 0;
  bool ready = false;  // takes connections
};
PostmasterFile read_postmaster_file(const std::string& data);

}  // namespace penstock::postgres
