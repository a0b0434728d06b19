#include "penstock/core/audit.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "base/hex.hpp"

namespace penstock {
namespace {

std::vector<AuditRow> chain_of(int count) {
  std::vector<AuditRow> rows;
  AuditHash previous{};
  for (int id = 1; id <= count; ++id) {
    AuditEntry entry{{id * kSecond}, "user:ann", "token.create", "token:" + std::to_string(id)};
    rows.push_back({id, entry, previous, audit_hash(previous, id, entry)});
    previous = rows.back().hash;
  }
  return rows;
}

Result<void> check_chain(const std::vector<AuditRow>& rows, const AuditHead& head) {
  AuditCheck check;
  for (const AuditRow& row : rows) {
    if (auto fits = check.add(row); !fits) return fits;
  }
  return check.finish(head);
}

TEST(Audit, TheHashIsTheOneOfTheDescription) {
  // Made with another program, from the description alone.
  AuditEntry entry{{1}, "a", "b", "c", "done", "", ""};
  EXPECT_EQ(to_hex(audit_hash({}, 1, entry)), "7d860fbd5efc079e959ba397dbb94d0891134689c8d47454d146bb73993d6b4a");
  EXPECT_NE(audit_hash({}, 1, entry), audit_hash({}, 2, entry));
  AuditEntry moved = entry;  // the same letters, cut elsewhere
  moved.actor = "ab";
  moved.action = "";
  EXPECT_NE(audit_hash({}, 1, entry), audit_hash({}, 1, moved));
}

TEST(Audit, AWholeChainIsFoundWhole) {
  const auto rows = chain_of(20);
  EXPECT_TRUE(check_chain(rows, {20, rows.back().hash}));
  EXPECT_TRUE(check_chain({}, {}));
}

TEST(Audit, WhateverIsChangedShowsAtItsRow) {
  const auto rows = chain_of(9);
  const AuditHead head{9, rows.back().hash};
  const auto found_at = [&](const std::vector<AuditRow>& changed, const AuditHead& end) {
    const auto checked = check_chain(changed, end);
    return checked ? std::string("intact") : checked.error().message.substr(0, checked.error().message.find(':'));
  };
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::string here = "The audit log is broken at row " + std::to_string(i + 1), next = "The audit log is broken at row " + std::to_string(i + 2);
    for (std::string AuditEntry::*part : {&AuditEntry::actor, &AuditEntry::action, &AuditEntry::object, &AuditEntry::outcome, &AuditEntry::address, &AuditEntry::detail}) {
      auto changed = rows;
      changed[i].entry.*part += 'x';
      EXPECT_EQ(found_at(changed, head), here);
    }
    auto later = rows;
    later[i].entry.at.ns += 1;
    EXPECT_EQ(found_at(later, head), here);
    auto without = rows;
    without.erase(without.begin() + static_cast<std::ptrdiff_t>(i));
    EXPECT_EQ(found_at(without, head), here);
    auto rewritten = rows;  // with a hash that fits it
    rewritten[i].entry.actor = "user:eve";
    rewritten[i].hash = audit_hash(rewritten[i].previous, rewritten[i].id, rewritten[i].entry);
    EXPECT_EQ(found_at(rewritten, head), i + 1 < rows.size() ? next : here);
  }
  EXPECT_EQ(found_at(rows, {8, rows[7].hash}), "The audit log is broken at row 9") << "added past the end";
}

TEST(Audit, WhatNoStoreTakesIsReplacedAndLongTextsAreCut) {
  AuditEntry entry;
  entry.actor = std::string("a\0b\xff", 4);
  entry.object = std::string(5000, 'x');
  entry.detail = '{' + std::string(50'000, 'x');
  entry = storable(std::move(entry));
  EXPECT_EQ(entry.actor, "a\xEF\xBF\xBD" "b\xEF\xBF\xBD");
  EXPECT_EQ(entry.object.size(), 1024u);
  EXPECT_EQ(entry.detail, "{\"cut\":true}");
}

}  // namespace
}  // namespace penstock
