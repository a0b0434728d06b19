// The addresses of a host, within a deadline. Of this room's insides.
#pragma once

#include <boost/asio/ip/address.hpp>
#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "penstock/core/result.hpp"

namespace penstock::http {

// Any thread; blocks. Errors: io_error (there is no such host, or too many look-ups hang already), timeout, canceled. `given_up` may be
// empty; else it is asked some twenty times a second on this thread.
Result<std::vector<boost::asio::ip::address>> resolve(const std::string& host, std::chrono::steady_clock::time_point deadline,
                                                      const std::function<bool()>& given_up);

}  // namespace penstock::http
