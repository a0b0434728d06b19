#include "postgres/partitions.hpp"

#include <pqxx/pqxx>

namespace penstock::postgres {

namespace {

constexpr const char* kSelectPartitionDays =
    "SELECT CASE substr(relname, 7, 1) WHEN 'd' THEN 1 ELSE -1 END * substr(relname, 8)::integer FROM pg_inherits "
    "JOIN pg_class ON pg_class.oid = inhrelid WHERE inhparent = 'chunk'::regclass AND relname ~ '^chunk_[dm][0-9]+$' "
    "ORDER BY 1";

// Who makes partitions at the same time as we do waits for us here, and then finds them made.
constexpr const char* kLock = "SELECT pg_advisory_xact_lock(8099000947049456492)";

Result<std::vector<std::int32_t>> missing_of(PqConnection& connection, const std::vector<std::int32_t>& days) {
  std::vector<std::string> names;
  for (const auto day : days) names.push_back(partition_name(day));
  PqParams params;
  params.add_array(names);
  auto found = connection.run(
      "SELECT (place - 1)::integer FROM unnest($1::text[]) WITH ORDINALITY AS wanted(name, place) "
      "WHERE to_regclass(name) IS NULL ORDER BY place",
      "look for partitions", params);
  if (!found) return found.error();
  std::vector<std::int32_t> missing;
  for (int row = 0; row < found->rows(); ++row) {
    missing.push_back(days[static_cast<std::size_t>(found->number(row, 0))]);
  }
  return missing;
}

}  // namespace

std::string partition_name(std::int32_t day) {
  return day >= 0 ? "chunk_d" + std::to_string(day) : "chunk_m" + std::to_string(-static_cast<std::int64_t>(day));
}

Result<void> ensure_partitions(PqConnection& connection, const std::vector<std::int32_t>& days) {
  if (days.empty()) return {};
  auto missing = missing_of(connection, days);
  if (!missing) return missing.error();
  if (missing->empty()) return {};
  if (auto locked = connection.run(kLock, "make a partition"); !locked) return locked.error();
  missing = missing_of(connection, *missing);
  if (!missing) return missing.error();
  for (const auto day : *missing) {
    const std::string name = partition_name(day);
    const std::string bounds = "(" + std::to_string(day) + ") TO (" + std::to_string(std::int64_t{day} + 1) + ")";
    auto made = connection.script("CREATE TABLE " + name + " (LIKE chunk INCLUDING ALL); " +
                                      "ALTER TABLE chunk ATTACH PARTITION " + name + " FOR VALUES FROM " + bounds,
                                  "make a partition");
    if (!made) return made.error();
  }
  return {};
}

Result<std::vector<std::int32_t>> partition_days(PqConnection& connection) {
  auto found = connection.run(kSelectPartitionDays, "list the partitions");
  if (!found) return found.error();
  std::vector<std::int32_t> days;
  for (int row = 0; row < found->rows(); ++row) days.push_back(static_cast<std::int32_t>(found->number(row, 0)));
  return days;
}

std::vector<std::int32_t> partition_days(pqxx::transaction_base& transaction) {
  std::vector<std::int32_t> days;
  for (const auto& row : transaction.exec(kSelectPartitionDays)) days.push_back(row[0].as<std::int32_t>());
  return days;
}

}  // namespace penstock::postgres
