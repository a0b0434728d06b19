#include "postgres/series_catalog.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "penstock/core/record.hpp"
#include "postgres/chunk_rows.hpp"

namespace penstock::postgres {
namespace {

constexpr std::size_t kRowsAStatement = 1000;

std::string to_json(const std::vector<SeenSeries>& series) {
  std::string json = "[";
  for (const SeenSeries& seen : series) {
    const SeenSeries* s = &seen;
    if (json.size() > 1) json += ',';
    json += "{\"deployment\":";
    append_json_string(json, s->deployment);
    json += ",\"id\":" + std::to_string(series_to_sql(s->id)) + ",\"name\":";
    append_json_string(json, s->name);
    json += ",\"labels\":" + labels_to_json(s->labels) + ",\"first_day\":" + std::to_string(s->first_day) +
            ",\"last_day\":" + std::to_string(s->last_day) + "}";
  }
  return json + "]";
}

constexpr const char* kRows =
    "jsonb_to_recordset($1::jsonb) AS given(deployment text, id bigint, name text, labels jsonb, first_day integer, last_day integer)";

Error collision(const Series& series, std::string_view other) {
  return Error{ErrorCode::series_collision,
               fmt::format("The series of metric {} has the same id as another one, of metric {}: rename one of its "
                           "labels.",
                           series.name, other),
               series_place(series.deployment, series.id)};
}

Result<void> store_some(PqConnection& connection, const std::vector<SeenSeries>& series) {
  PqParams params;
  params.add(to_json(series));
  auto stored = connection.run(
      std::string("INSERT INTO series AS there (deployment, id, name, labels, first_day, last_day) "
                  "SELECT deployment, id, name, labels, first_day, last_day FROM ") +
          kRows + " ON CONFLICT (deployment, id) DO UPDATE SET first_day = least(there.first_day, excluded.first_day), "
          "last_day = greatest(there.last_day, excluded.last_day) WHERE there.name = excluded.name AND there.labels = excluded.labels "
          "AND (excluded.first_day < there.first_day OR excluded.last_day > there.last_day)",
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
  Series other;
  other.deployment = collided->bytes(0, 0);
  other.id = series_from_sql(collided->number(0, 1));
  other.name = collided->bytes(0, 2);
  return collision(other, collided->bytes(0, 3));
}

}  // namespace

std::string series_place(const std::string& deployment, SeriesId id) {
  return fmt::format("{}/{:016x}", deployment, id);
}

Result<void> store_series(PqConnection& connection, const std::vector<SeenSeries>& series) {
  std::vector<SeenSeries> fresh = series;
  // One order for all servers: no two of them wait for each other. A series may be there once for each of its days.
  const auto key = [](const SeenSeries& s) { return std::tie(s.deployment, s.id, s.name, s.labels); };
  std::sort(fresh.begin(), fresh.end(), [&](const SeenSeries& a, const SeenSeries& b) { return key(a) < key(b); });
  std::vector<SeenSeries> once;
  for (auto& s : fresh) {
    if (once.empty() || key(once.back()) != key(s)) {
      once.push_back(std::move(s));
      continue;
    }
    once.back().first_day = std::min(once.back().first_day, s.first_day);
    once.back().last_day = std::max(once.back().last_day, s.last_day);
  }
  // Two of one id in one statement would be an error that tells nothing: it is a collision, found before.
  for (std::size_t i = 1; i < once.size(); ++i) {
    if (once[i].deployment == once[i - 1].deployment && once[i].id == once[i - 1].id) return collision(once[i], once[i - 1].name);
  }
  for (std::size_t begin = 0; begin < once.size(); begin += kRowsAStatement) {
    const auto end = std::min(begin + kRowsAStatement, once.size());
    const auto from = once.begin() + static_cast<std::ptrdiff_t>(begin);
    if (auto done = store_some(connection, {from, once.begin() + static_cast<std::ptrdiff_t>(end)}); !done) return done;
  }
  return {};
}

}  // namespace penstock::postgres
