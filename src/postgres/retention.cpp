#include "postgres/retention.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <optional>

#include "base/failpoint.hpp"
#include "postgres/partitions.hpp"

namespace penstock::postgres {
namespace {

// Readers that come while a partition's drop waits for its lock wait behind it: not for long, it is tried again a
// minute later.
constexpr const char* kShortWait = "SET LOCAL lock_timeout = 1000";

// All chunks of one deployment and kind on one day.
struct Group {
  std::string deployment;
  RecordKind kind = RecordKind::log;
  std::int32_t day = 0;
  std::uint64_t chunks = 0, bytes = 0, records = 0;
  Timestamp max_time;
};

std::vector<Group> groups_of(pqxx::transaction_base& transaction, const std::string& table) {
  std::vector<Group> groups;
  const auto rows = transaction.exec(
      "SELECT deployment, kind, day, count(*), sum(bytes), sum(record_count)::bigint, max(max_time) FROM " + table +
      " GROUP BY deployment, kind, day");
  for (const auto& row : rows) {
    groups.push_back({row[0].as<std::string>(), static_cast<RecordKind>(row[1].as<int>()), row[2].as<std::int32_t>(),
                      row[3].as<std::uint64_t>(), row[4].as<std::uint64_t>(), row[5].as<std::uint64_t>(),
                      Timestamp{row[6].as<std::int64_t>()}});
  }
  return groups;
}

// Chunks that end before this are too old; nothing when they may stay for ever.
std::optional<Timestamp> cutoff_of(const RetentionRule* rule, Timestamp now) {
  if (rule == nullptr || rule->max_age_ns <= 0) return std::nullopt;
  return Timestamp{now.ns - rule->max_age_ns};
}

// In one transaction.
struct Removed {
  RetentionReport report;
  std::map<std::int32_t, std::uint64_t> bytes_by_day;  // of partitions that stay
};

void add(RetentionReport& to, const RetentionReport& more) {
  to.chunks += more.chunks;
  to.bytes += more.bytes;
  to.records += more.records;
  to.partitions += more.partitions;
}

// Deletes those chunks of the group that `condition` chooses ($3: `number`), and counts them.
void remove_chunks(pqxx::work& transaction, const Group& group, const std::string& condition, std::int64_t number,
                   Removed& removed) {
  const auto gone = transaction.exec_params(
      "WITH gone AS (DELETE FROM " + partition_name(group.day) + " WHERE deployment = $1 AND kind = $2 AND " +
          condition + " RETURNING bytes, record_count) SELECT count(*), coalesce(sum(bytes), 0), "
          "coalesce(sum(record_count), 0)::bigint FROM gone",
      group.deployment, static_cast<int>(group.kind), number);
  failpoint("postgres.retention.removed");
  const auto bytes = gone[0][1].as<std::uint64_t>();
  removed.report.chunks += gone[0][0].as<std::uint64_t>();
  removed.report.bytes += bytes;
  removed.report.records += gone[0][2].as<std::uint64_t>();
  removed.bytes_by_day[group.day] += bytes;
}

void retain_day(pqxx::work& transaction, std::int32_t day, const std::vector<RetentionRule>& rules, Timestamp now,
                Removed& removed) {
  const std::string table = partition_name(day);
  transaction.exec(kShortWait);
  const auto expired = [&](const Group& group) {
    const auto cutoff = cutoff_of(governing_rule(rules, group.deployment, group.kind), now);
    return cutoff && group.max_time < *cutoff;
  };
  auto groups = groups_of(transaction, table);
  // A day that may still get records keeps its partition, though empty.
  const bool past = day < day_of(now) - 1;
  if (past && std::all_of(groups.begin(), groups.end(), expired)) {
    transaction.exec("LOCK TABLE " + table + " IN ACCESS EXCLUSIVE MODE");
    groups = groups_of(transaction, table);
    if (std::all_of(groups.begin(), groups.end(), expired)) {
      for (const auto& group : groups) add(removed.report, {group.chunks, group.bytes, group.records, 0});
      transaction.exec("DROP TABLE " + table);
      ++removed.report.partitions;
      return;
    }
  }
  failpoint("postgres.retention.looked");
  for (const auto& group : groups) {
    const auto cutoff = cutoff_of(governing_rule(rules, group.deployment, group.kind), now);
    if (!cutoff || day_of(*cutoff) < day) continue;
    remove_chunks(transaction, group, "max_time < $3", cutoff->ns, removed);
  }
}

// Takes the oldest chunks of `groups` (all governed by one rule) until the rest has at most `limit` bytes.
void shrink(pqxx::work& transaction, std::vector<Group> groups, std::uint64_t limit, Removed& removed) {
  std::uint64_t total = 0;
  for (const auto& group : groups) total += group.bytes;
  std::sort(groups.begin(), groups.end(), [](const Group& a, const Group& b) { return a.day < b.day; });
  for (const auto& group : groups) {
    if (total <= limit) return;
    const std::uint64_t before = removed.report.bytes;
    if (total - group.bytes >= limit) {
      remove_chunks(transaction, group, "max_time <= $3", std::numeric_limits<std::int64_t>::max(), removed);
    } else {
      // As many of the oldest as it takes: `earlier` is what goes before a chunk does.
      remove_chunks(transaction, group,
                    "id IN (SELECT id FROM (SELECT id, sum(bytes) OVER (ORDER BY max_time, id) - bytes AS earlier "
                    "FROM " + partition_name(group.day) + " WHERE deployment = $1 AND kind = $2) AS aged WHERE earlier < $3)",
                    static_cast<std::int64_t>(total - limit), removed);
    }
    total -= std::min(total, removed.report.bytes - before);
  }
}

void retain_sizes(pqxx::work& transaction, const std::vector<std::int32_t>& days,
                  const std::vector<RetentionRule>& rules, Removed& removed) {
  transaction.exec(kShortWait);
  std::map<const RetentionRule*, std::vector<Group>> governed;
  for (const auto day : days) {
    for (auto& group : groups_of(transaction, partition_name(day))) {
      const RetentionRule* rule = governing_rule(rules, group.deployment, group.kind);
      if (rule != nullptr && rule->max_bytes > 0) governed[rule].push_back(std::move(group));
    }
  }
  for (auto& [rule, groups] : governed) shrink(transaction, std::move(groups), rule->max_bytes, removed);
}

// Their samples went with chunks of days that are gone. What is seen on such a day again is a new series; a day's
// distance leaves room for the day that is being cut.
std::uint64_t forget_series(pqxx::work& transaction, Timestamp now) {
  const auto gone = transaction.exec_params(
      "WITH oldest AS (SELECT deployment, min(day) AS day FROM chunk WHERE kind = $1 GROUP BY deployment) "
      "DELETE FROM series AS s WHERE s.last_day < least($2, coalesce((SELECT day FROM oldest WHERE oldest.deployment = s.deployment), $2)) - 1",
      static_cast<int>(RecordKind::metric), day_of(now));
  return static_cast<std::uint64_t>(gone.affected_rows());
}

// "{1,2}", for a parameter that is an array. Deployments' names need no escaping.
template <class Items, class Text>
std::string array_text(const Items& items, Text text) {
  std::string out = "{";
  for (const auto& item : items) out += (out.size() > 1 ? "," : "") + text(item);
  return out + '}';
}

// A deployment's records of a kind, and what governs them.
struct Governed {
  std::string deployment;
  int kind = 0;
  std::ptrdiff_t rule = 0;
  std::int64_t cutoff = 0, most = 0;  // nothing is older than the first instant; 0: no limit
};

std::vector<Governed> governed_by(pqxx::transaction_base& transaction, const std::vector<RetentionRule>& rules, Timestamp now) {
  std::vector<Governed> all;
  for (const auto& row : transaction.exec("SELECT DISTINCT deployment, kind FROM chunk")) {
    Governed one{row[0].as<std::string>(), row[1].as<int>()};
    const RetentionRule* const rule = governing_rule(rules, one.deployment, static_cast<RecordKind>(one.kind));
    const auto cutoff = cutoff_of(rule, now);
    if (!cutoff && (rule == nullptr || rule->max_bytes == 0)) continue;
    one.rule = rule - rules.data();
    one.cutoff = cutoff ? cutoff->ns : std::numeric_limits<std::int64_t>::min();
    one.most = static_cast<std::int64_t>(rule->max_bytes);
    all.push_back(std::move(one));
  }
  return all;
}

}  // namespace

Result<RetentionReport> expiring(PqxxSession& session, const std::vector<RetentionRule>& rules, Timestamp now) {
  RetentionReport report;
  auto done = session.transact("tell what retention would remove", [&](pqxx::work& transaction) {
    const auto governed = governed_by(transaction, rules, now);
    if (governed.empty()) return;
    const auto number = [](auto member) { return [member](const Governed& one) { return std::to_string(one.*member); }; };
    // By age first; of what that leaves the oldest go until the rest fits.
    const auto rows = transaction.exec_params(
        "SELECT count(*), coalesce(sum(bytes), 0)::bigint, coalesce(sum(record_count), 0)::bigint FROM (SELECT bytes, record_count, most, aged, "
        "sum(stays) OVER (PARTITION BY rule) AS total, sum(stays) OVER (PARTITION BY rule ORDER BY day, max_time, id) - stays AS earlier FROM (SELECT "
        "c.bytes, c.record_count, c.day, c.max_time, c.id, r.rule, r.most, c.max_time < r.cutoff AS aged, CASE WHEN c.max_time < r.cutoff THEN 0 ELSE "
        "c.bytes END AS stays FROM chunk AS c JOIN unnest($1::text[], $2::integer[], $3::integer[], $4::bigint[], $5::bigint[]) AS r (deployment, kind, "
        "rule, cutoff, most) ON c.deployment = r.deployment AND c.kind = r.kind) AS aged_too) AS sized WHERE aged OR (most > 0 AND earlier < total - most)",
        array_text(governed, [](const Governed& one) { return one.deployment; }), array_text(governed, number(&Governed::kind)),
        array_text(governed, number(&Governed::rule)), array_text(governed, number(&Governed::cutoff)), array_text(governed, number(&Governed::most)));
    report.chunks = rows[0][0].as<std::uint64_t>();
    report.bytes = rows[0][1].as<std::uint64_t>();
    report.records = rows[0][2].as<std::uint64_t>();
  });
  if (!done) return done.error();
  return report;
}

Result<RetentionReport> apply_retention(PqxxSession& session, const std::vector<RetentionRule>& rules, Timestamp now,
                                        std::size_t dead_letters_kept, FreedSpace& freed) {
  RetentionReport report;
  const auto account = [&](const Removed& removed) {
    add(report, removed.report);
    for (const auto& [day, bytes] : removed.bytes_by_day) freed.note(day, bytes);
  };
  std::vector<std::int32_t> days;
  auto done =
      session.transact("list the partitions", [&](pqxx::work& transaction) { days = partition_days(transaction); });
  const bool sizes =
      std::any_of(rules.begin(), rules.end(), [](const RetentionRule& rule) { return rule.max_bytes > 0; });
  // Sizes may empty the partition of any past day.
  std::int32_t newest = sizes ? day_of(now) - 2 : std::numeric_limits<std::int32_t>::min();
  for (const auto& rule : rules) {
    if (const auto cutoff = cutoff_of(&rule, now)) newest = std::max(newest, day_of(*cutoff));
  }
  for (const auto day : days) {
    if (!done || day > newest) break;
    Removed of_day;
    done = session.transact("drop old chunks",
                            [&](pqxx::work& transaction) { retain_day(transaction, day, rules, now, of_day); });
    if (done) account(of_day);
  }
  if (done && sizes) {
    Removed of_sizes;
    done = session.transact("drop chunks beyond their size", [&](pqxx::work& transaction) {
      retain_sizes(transaction, partition_days(transaction), rules, of_sizes);
    });
    if (done) {
      account(of_sizes);
      report.early_records = of_sizes.report.records;
    }
  }
  if (done) {
    done = session.transact("forget series without samples",
                            [&](pqxx::work& transaction) { report.series = forget_series(transaction, now); });
  }
  if (done) {
    done = session.transact("drop old dead letters", [&](pqxx::work& transaction) {
      const auto gone = transaction.exec_params("DELETE FROM dead_letter WHERE (journal_id, sequence) IN (SELECT journal_id, sequence "
                              "FROM dead_letter ORDER BY created_at DESC, sequence DESC OFFSET $1)",
                              static_cast<std::int64_t>(dead_letters_kept));
      report.dead_letters = static_cast<std::uint64_t>(gone.affected_rows());
    });
  }
  if (!done) return done.error();
  return report;
}

}  // namespace penstock::postgres
