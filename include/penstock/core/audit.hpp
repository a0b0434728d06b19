// What the audit log is made of: who did what, in a chain of hashes in which no row can be changed, left out or added without it showing.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "penstock/core/result.hpp"
#include "penstock/core/time.hpp"

namespace penstock {

struct AuditEntry {
  Timestamp at;
  std::string actor;    // "user:ann", "token:3fk2…", "admin-token"; of a failed log-in: who it was said to be
  std::string action;   // "token.create"
  std::string object;   // what it was done to: "user:bob", "deployment:shop"
  std::string outcome = "done";  // or "refused"; "failed"; "asked": what came of it is told in another entry
  std::string address = {};      // the caller's; empty: none, as of a command on the server's machine
  std::string detail = {};       // JSON object or empty; never a secret
};

using AuditHash = std::array<unsigned char, 32>;

struct AuditRow {
  std::int64_t id = 0;  // 1, 2, 3, …
  AuditEntry entry;
  AuditHash previous{};  // the hash of the row before; zeros at the first
  AuditHash hash{};
};

// Where the chain ends.
struct AuditHead {
  std::int64_t id = 0;
  AuditHash hash{};
};

// Without what no store takes: NUL and what is no UTF-8 are replaced, and long texts are cut.
AuditEntry storable(AuditEntry entry);

// SHA-256 of the previous hash, the id and the time as 8 bytes each (big-endian), and of each text, in the order above, its length as 8 bytes and its bytes.
AuditHash audit_hash(const AuditHash& previous, std::int64_t id, const AuditEntry& entry);

// Goes through the rows from the first. Not thread-safe.
class AuditCheck {
 public:
  // corrupt, with a sentence that names the first row that does not fit. No more rows after an error.
  Result<void> add(const AuditRow& row);
  // After the last row: corrupt when the chain ended elsewhere.
  Result<void> finish(const AuditHead& head) const;
  const AuditHead& last() const { return last_; }

 private:
  AuditHead last_;
};

}  // namespace penstock
