#include "penstock/core/audit.hpp"

#include <algorithm>

#include "base/sha256.hpp"
#include "base/unicode.hpp"

namespace penstock {
namespace {

constexpr std::size_t kMostText = 1024, kMostDetail = 16 * 1024;

void add_number(Sha256& sum, std::uint64_t number) {
  std::array<char, 8> bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(number >> (56 - 8 * i) & 0xff);
  sum.add({bytes.data(), bytes.size()});
}

void make_storable(std::string& text, std::size_t at_most) {
  if (clean_utf8_prefix(text) != text.size()) text = repaired_utf8(text);
  if (text.size() > at_most) text.resize(whole_characters(text, at_most));
}

Error broken(std::int64_t id, std::string_view how) {
  return {ErrorCode::corrupt, "The audit log is broken at row " + std::to_string(id) + ": " + std::string(how), ""};
}

}  // namespace

AuditEntry storable(AuditEntry entry) {
  for (std::string* text : {&entry.actor, &entry.action, &entry.object, &entry.outcome, &entry.address}) make_storable(*text, kMostText);
  // A cut object would be no JSON any more.
  if (entry.detail.size() > kMostDetail) entry.detail = "{\"cut\":true}";
  make_storable(entry.detail, kMostDetail);
  return entry;
}

AuditHash audit_hash(const AuditHash& previous, std::int64_t id, const AuditEntry& entry) {
  Sha256 sum;
  sum.add({reinterpret_cast<const char*>(previous.data()), previous.size()});
  add_number(sum, static_cast<std::uint64_t>(id));
  add_number(sum, static_cast<std::uint64_t>(entry.at.ns));
  for (const std::string* text : {&entry.actor, &entry.action, &entry.object, &entry.outcome, &entry.address, &entry.detail}) {
    add_number(sum, text->size());
    sum.add(*text);
  }
  return sum.digest();
}

Result<void> AuditCheck::add(const AuditRow& row) {
  const std::int64_t expected = last_.id + 1;
  if (row.id != expected) return broken(expected, "it is missing, and row " + std::to_string(row.id) + " stands in its place.");
  if (row.previous != last_.hash) return broken(row.id, "it does not follow the row before it, one of the two was replaced.");
  if (audit_hash(row.previous, row.id, row.entry) != row.hash) return broken(row.id, "it was changed after it was written.");
  last_ = {row.id, row.hash};
  return {};
}

Result<void> AuditCheck::finish(const AuditHead& head) const {
  if (head.id > last_.id) return broken(last_.id + 1, "it and what came after it are missing, the log went up to row " + std::to_string(head.id) + ".");
  if (head.id < last_.id) return broken(head.id + 1, "it was added past the end of the log.");
  if (head.hash != last_.hash) return broken(head.id, "it was replaced, with all rows before it.");
  return {};
}

}  // namespace penstock
