#include "query/page_cursor.hpp"

#include <array>

#include "base/base64.hpp"
#include "base/bytes.hpp"
#include "core/xxhash_inline.hpp"

namespace penstock::query {
namespace {

constexpr char kVersion = 1;
constexpr std::size_t kBytes = 1 + 4 + 8 + 8 + 8;

std::uint32_t query_hash(const LogQuery& query) {
  std::string text;
  append_varint(text, query.deployments.size());
  for (const auto& name : query.deployments) append_sized(text, name);
  append_varint(text, query.sources.size());
  for (const auto& name : query.sources) append_sized(text, name);
  append_varint(text, query.fields.size());
  for (const auto& [name, value] : query.fields) {
    append_sized(text, name);
    append_sized(text, value);
  }
  append_sized(text, query.q);
  append_varint(text, query.min_severity ? static_cast<unsigned>(*query.min_severity) : 0u);
  append_varint(text, query.ascending ? 1u : 0u);
  return static_cast<std::uint32_t>(XXH3_64bits(text.data(), text.size()));
}

}  // namespace

std::string encode_cursor(const LogQuery& query, const RowKey& last) {
  std::string bytes(1, kVersion);
  append_fixed32(bytes, query_hash(query));
  append_fixed64(bytes, static_cast<std::uint64_t>(last.timestamp.ns));
  append_fixed64(bytes, static_cast<std::uint64_t>(last.journal.value));
  append_fixed64(bytes, last.sequence);
  return to_base64url(bytes);
}

Result<RowKey> decode_cursor(const LogQuery& query, std::string_view text) {
  const Error wrong{ErrorCode::invalid_request,
                    "This cursor is not one of this server's: leave it out to begin at the first page.", "cursor"};
  if (text.size() > 2 * kBytes) return wrong;
  const auto bytes = from_base64url(text);
  if (!bytes || bytes->size() != kBytes || bytes->front() != kVersion) return wrong;
  ByteReader reader(std::string_view(*bytes).substr(1));
  std::uint32_t hash = 0;
  std::uint64_t timestamp = 0, journal = 0, sequence = 0;
  if (!reader.fixed32(hash) || !reader.fixed64(timestamp) || !reader.fixed64(journal) || !reader.fixed64(sequence)) {
    return wrong;
  }
  if (hash != query_hash(query)) {
    return Error{ErrorCode::invalid_request,
                 "This cursor belongs to another query: repeat the same filters and order, or leave it out.", "cursor"};
  }
  return RowKey{Timestamp{static_cast<std::int64_t>(timestamp)}, JournalId{static_cast<std::int64_t>(journal)},
                sequence};
}

}  // namespace penstock::query
