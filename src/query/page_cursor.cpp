#include "query/page_cursor.hpp"

#include <array>

#include "base/bytes.hpp"
#include "core/xxhash_inline.hpp"

namespace penstock::query {
namespace {

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr char kVersion = 1;
constexpr std::size_t kBytes = 1 + 4 + 8 + 8 + 8;

std::string to_base64url(std::string_view bytes) {
  std::string out;
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : bytes) {
    bits = (bits << 8) | static_cast<unsigned char>(c);
    count += 8;
    while (count >= 6) {
      count -= 6;
      out += kAlphabet[(bits >> count) & 63u];
    }
  }
  if (count > 0) out += kAlphabet[(bits << (6 - count)) & 63u];
  return out;
}

bool from_base64url(std::string_view text, std::string& out) {
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    const auto digit = kAlphabet.find(c);
    if (digit == std::string_view::npos) return false;
    bits = (bits << 6) | static_cast<std::uint32_t>(digit);
    count += 6;
    if (count >= 8) {
      count -= 8;
      out += static_cast<char>((bits >> count) & 0xffu);
    }
  }
  return true;
}

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
  std::string bytes;
  if (text.size() > 2 * kBytes || !from_base64url(text, bytes) || bytes.size() != kBytes || bytes[0] != kVersion) {
    return wrong;
  }
  ByteReader reader(std::string_view(bytes).substr(1));
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
