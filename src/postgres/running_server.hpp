// The private server that another process keeps running.
#pragma once

#include <optional>
#include <string>

namespace penstock::postgres {

// How to reach the private server of `directory` ("<data>/postgres"), as ConnectionOptions::url; nullopt when none runs there. Changes
// nothing and takes no lock.
std::optional<std::string> running_server_url(const std::string& directory);

}  // namespace penstock::postgres
