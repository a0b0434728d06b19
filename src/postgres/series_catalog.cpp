#include "postgres/series_catalog.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <tuple>

#include "penstock/core/record.hpp"
#include "postgres/chunk_rows.hpp"

namespace penstock::postgres {
namespace {

constexpr std::size_t kRowsAStatement = 1000;

// Another hash than the id, or two series that collide in the id would do so here too.
std::uint64_t fingerprint(const Series& series) {
  std::uint64_t hash = series.id;
  const auto mix = [&hash](std::string_view text) {
    hash ^= std::hash<std::string_view>{}(text) + 0x9e3779b97f4a7c15ull + (hash << 6) + (hash >> 2);
  };
  mix(series.deployment);
  mix(series.name);
  for (const auto& [name, value] : series.labels.pairs) {
    mix(name);
    mix(value);
  }
  return hash;
}

std::string to_json(const std::vector<const Series*>& series) {
  std::string json = "[";
  for (const Series* s : series) {
    if (json.size() > 1) json += ',';
    json += "{\"deployment\":";
    append_json_string(json, s->deployment);
    json += ",\"id\":" + std::to_string(series_to_sql(s->id)) + ",\"name\":";
    append_json_string(json, s->name);
    json += ",\"labels\":" + labels_to_json(s->labels) + "}";
  }
  return json + "]";
}

constexpr const char* kRows =
    "jsonb_to_recordset($1::jsonb) AS given(deployment text, id bigint, name text, labels jsonb)";

}  // namespace

std::string series_place(const std::string& deployment, SeriesId id) {
  return fmt::format("{}/{:016x}", deployment, id);
}

Result<void> SeriesCatalog::add(PqConnection& connection, const std::vector<Series>& series) {
  std::vector<const Series*> fresh;
  for (const auto& s : series) {
    const auto print = fingerprint(s);
    if (known_.contains(print)) continue;
    fresh.push_back(&s);
    added_.push_back(print);
  }
  // One order for all servers: no two of them wait for each other.
  std::sort(fresh.begin(), fresh.end(),
            [](const Series* a, const Series* b) {
              return std::tie(a->deployment, a->id) < std::tie(b->deployment, b->id);
            });
  for (std::size_t begin = 0; begin < fresh.size(); begin += kRowsAStatement) {
    const auto end = std::min(begin + kRowsAStatement, fresh.size());
    const auto from = fresh.begin() + static_cast<std::ptrdiff_t>(begin);
    if (auto done = add_some(connection, {from, fresh.begin() + static_cast<std::ptrdiff_t>(end)}); !done) return done;
  }
  return {};
}

Result<void> SeriesCatalog::add_some(PqConnection& connection, const std::vector<const Series*>& series) {
  PqParams params;
  params.add(to_json(series));
  auto stored =
      connection.run(std::string("INSERT INTO series (deployment, id, name, labels) "
                                 "SELECT deployment, id, name, labels FROM ") +
                                   kRows + " ON CONFLICT (deployment, id) DO NOTHING",
                               "store series", params);
  if (!stored) return stored.error();
  if (stored->affected() == series.size()) return {};
  auto collided =
      connection.run(std::string("SELECT given.deployment, given.id, given.name, there.name FROM ") + kRows +
                                     " JOIN series AS there USING (deployment, id) "
                                     "WHERE there.name <> given.name OR there.labels <> given.labels LIMIT 1",
                                 "compare series", params);
  if (!collided) return collided.error();
  if (collided->rows() == 0) return {};
  return Error{ErrorCode::series_collision,
               fmt::format("The series of metric {} has the same id as another one, of metric {}: rename one of its "
                           "labels.",
                           collided->bytes(0, 2), collided->bytes(0, 3)),
               series_place(std::string(collided->bytes(0, 0)), series_from_sql(collided->number(0, 1)))};
}

void SeriesCatalog::committed() {
  if (known_.size() + added_.size() > remembered_) known_.clear();
  known_.insert(added_.begin(), added_.end());
  added_.clear();
}

void SeriesCatalog::forget() {
  known_.clear();
  added_.clear();
}

}  // namespace penstock::postgres
