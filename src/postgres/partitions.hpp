// The partitions of the table `chunk`: one a day of event time.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "penstock/core/result.hpp"
#include "postgres/pq_connection.hpp"

namespace pqxx {
class transaction_base;
}

namespace penstock::postgres {

// "chunk_d20777"; days before 1970 are "chunk_m1", "chunk_m2", …
std::string partition_name(std::int32_t day);

// Makes the partitions of these days that are missing, inside the current transaction. Readers are not held up: a new
// table is attached, which takes no lock that they conflict with.
Result<void> ensure_partitions(PqConnection& connection, const std::vector<std::int32_t>& days);

// The days that have a partition, oldest first; over libpqxx it throws as libpqxx does.
Result<std::vector<std::int32_t>> partition_days(PqConnection& connection);
std::vector<std::int32_t> partition_days(pqxx::transaction_base& transaction);

}  // namespace penstock::postgres
