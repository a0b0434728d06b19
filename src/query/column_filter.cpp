#include "query/column_filter.hpp"

#include <vector>

namespace penstock::query {
namespace {

// Asks a test once an entry and remembers the answer.
class EntryMemo {
 public:
  EntryMemo(const chunk::StringColumn& column, const ValueTest& test)
      : column_(column), test_(test), known_(column.is_dictionary() ? column.entry_count() : 0, 0) {}

  bool operator()(std::size_t i) {
    if (known_.empty()) return test_.text(column_[i]);
    auto& known = known_[column_.index(i)];
    if (known == 0) known = test_.text(column_.entry(column_.index(i))) ? 2 : 1;
    return known == 2;
  }

 private:
  const chunk::StringColumn& column_;
  const ValueTest& test_;
  std::vector<std::uint8_t> known_;
};

void narrow_strings(const chunk::StringColumn& column, const ValueTest& test, RowMask& rows) {
  EntryMemo memo(column, test);
  rows.each([&](std::size_t row) {
    if (!memo(row)) rows.clear(row);
  });
}

// Adds to `hits` the rows of `open` whose value in this column passes.
void add_hits(const chunk::FieldValues& values, const ValueTest& test, const RowMask& open, RowMask& hits) {
  const bool text = values.type() == FieldType::string || values.type() == FieldType::json;
  if (text && test.kind() != ValueTest::Kind::exists) {
    EntryMemo memo(values.strings(), test);
    for (std::size_t i = 0; i < values.count(); ++i) {
      const std::size_t row = values.row_of(i);
      if (open.test(row) && !hits.test(row) && memo(i)) hits.set(row);
    }
    return;
  }
  for (std::size_t i = 0; i < values.count(); ++i) {
    const std::size_t row = values.row_of(i);
    if (open.test(row) && !hits.test(row) && test.value(values.value(i))) hits.set(row);
  }
}

void narrow_fields(const Predicate& p, const GroupColumns& in, RowMask& rows) {
  RowMask hits(in.group.rows(), false);
  if (p.target == Predicate::Target::anywhere) {
    hits |= rows;
    narrow_strings(in.group.messages(), *p.test, hits);
  }
  const auto& columns = in.reader.columns();
  for (std::size_t c = 0; c < columns.size(); ++c) {
    const bool asked = p.target == Predicate::Target::field ? columns[c].name == p.field : is_searched(columns[c].type);
    if (!asked) continue;
    if (const auto* values = in.group.field(c)) add_hits(*values, *p.test, rows, hits);
  }
  rows &= hits;
}

}  // namespace

void narrow(const Predicate& p, const GroupColumns& in, RowMask& rows) {
  switch (p.kind) {
    case Predicate::Kind::all:
      for (const auto& child : p.children) {
        if (!rows.any()) return;
        narrow(child, in, rows);
      }
      return;
    case Predicate::Kind::any: {
      RowMask open = rows;
      for (const auto& child : p.children) {
        if (!open.any()) break;
        RowMask hits = open;
        narrow(child, in, hits);
        open.remove(hits);
      }
      rows.remove(open);
      return;
    }
    case Predicate::Kind::negation: {
      RowMask hits = rows;
      narrow(p.children.front(), in, hits);
      rows.remove(hits);
      return;
    }
    case Predicate::Kind::severity: {
      const auto severities = in.group.severities();
      rows.each([&](std::size_t row) {
        if (((p.severities >> severities[row]) & 1u) == 0) rows.clear(row);
      });
      return;
    }
    case Predicate::Kind::test: break;
  }
  switch (p.target) {
    case Predicate::Target::deployment:
      if (!p.test->text(in.reader.meta().deployment)) rows = RowMask(in.group.rows(), false);
      return;
    case Predicate::Target::source: return narrow_strings(in.group.sources(), *p.test, rows);
    case Predicate::Target::message: return narrow_strings(in.group.messages(), *p.test, rows);
    case Predicate::Target::field:
    case Predicate::Target::anywhere: return narrow_fields(p, in, rows);
  }
}

void add_columns(const NeededColumns& needs, chunk::ColumnSelection& columns) {
  columns.severities = columns.severities || needs.severity;
  columns.sources = columns.sources || needs.source;
  columns.messages = columns.messages || needs.message;
  columns.all_fields = columns.all_fields || needs.all_fields;
  columns.fields.insert(columns.fields.end(), needs.fields.begin(), needs.fields.end());
}

}  // namespace penstock::query
