// Where the programs of Postgres are.
#pragma once

#include <optional>
#include <string>

#include "penstock/core/result.hpp"

namespace penstock::postgres {

struct ServerBinaries {
  std::string directory;  // holds postgres and initdb
  int major = 0;          // 15
};

// Looks into `given` alone when it is not empty; else PATH, then /usr/lib/postgresql/*/bin and the like, newest first.
// With `wanted`, only that major version serves (a cluster is of one version). config_error says what to install.
Result<ServerBinaries> find_server_binaries(const std::string& given, std::optional<int> wanted);

// The same for pg_dump and pg_restore of that version or a newer one; `directory` then holds those.
Result<ServerBinaries> find_client_binaries(const std::string& given, int at_least);

}  // namespace penstock::postgres
