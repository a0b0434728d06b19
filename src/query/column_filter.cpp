#include "query/column_filter.hpp"

#include <map>
#include <string_view>
#include <vector>

namespace penstock::query {
namespace {

// Asks a test once an entry and remembers the answer.
class EntryMemo {
 public:
  EntryMemo(const chunk::StringColumn& column, const ValueTest& test, bool json = false)
      : column_(column), test_(test), json_(json), known_(column.is_dictionary() ? column.entry_count() : 0, 0) {}

  bool operator()(std::size_t i) {
    if (known_.empty()) return ask(column_[i]);
    auto& known = known_[column_.index(i)];
    if (known == 0) known = ask(column_.entry(column_.index(i))) ? 2 : 1;
    return known == 2;
  }

 private:
  bool ask(std::string_view text) const { return json_ ? test_.value(FieldValue::of_json(text)) : test_.text(text); }

  const chunk::StringColumn& column_;
  const ValueTest& test_;
  const bool json_;
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
    EntryMemo memo(values.strings(), test, values.type() == FieldType::json);
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

void narrow_anywhere(const ValueTest& test, const GroupColumns& in, RowMask& rows) {
  RowMask hits = rows;
  narrow_strings(in.group.messages(), test, hits);
  const auto& columns = in.reader.columns();
  for (std::size_t c = 0; c < columns.size(); ++c) {
    if (!is_searched(columns[c].type) || !test.may_hold_for(columns[c].type)) continue;
    if (const auto* values = in.group.field(c)) add_hits(*values, test, rows, hits);
  }
  rows &= hits;
}

void add_present(const chunk::FieldValues& values, RowMask& present) {
  for (std::size_t i = 0; i < values.count(); ++i) present.set(values.row_of(i));
}

// The rule of is_named_alike(), for all rows at once.
void add_hits_alike(const Predicate& p, const GroupColumns& in, const RowMask& rows, RowMask& hits) {
  const auto& columns = in.reader.columns();
  std::map<std::string_view, std::vector<const chunk::FieldValues*>> alike;
  RowMask open = rows;  // rows without the field of that very name
  for (std::size_t c = 0; c < columns.size(); ++c) {
    const auto* values = in.group.field(c);
    if (values == nullptr) continue;
    if (is_named_alike(columns[c].name, p.field)) alike[columns[c].name].push_back(values);
    if (is_named(columns[c].name, p.field)) {
      RowMask present(in.group.rows(), false);
      add_present(*values, present);
      open.remove(present);
    }
  }
  if (alike.empty() || !open.any()) return;
  RowMask found(in.group.rows(), false), once = found, several = found;
  for (const auto& [name, same] : alike) {
    RowMask present(in.group.rows(), false);
    for (const auto* values : same) {
      add_present(*values, present);
      add_hits(*values, *p.test, open, found);
    }
    RowMask again = once;
    again &= present;
    several |= again;
    once |= present;
  }
  found.remove(several);
  hits |= found;
}

void narrow_field(const Predicate& p, const GroupColumns& in, RowMask& rows) {
  RowMask hits(in.group.rows(), false);
  const auto& columns = in.reader.columns();
  bool alike = false;
  for (std::size_t c = 0; c < columns.size(); ++c) {
    alike = alike || is_named_alike(columns[c].name, p.field);
    if (!is_named(columns[c].name, p.field)) continue;
    if (const auto* values = in.group.field(c)) add_hits(*values, *p.test, rows, hits);
  }
  if (alike) add_hits_alike(p, in, rows, hits);
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
    case Predicate::Target::field: return narrow_field(p, in, rows);
    case Predicate::Target::anywhere: return narrow_anywhere(*p.test, in, rows);
  }
}

void add_columns(const NeededColumns& needs, const chunk::LogChunkReader& reader, chunk::ColumnSelection& columns) {
  columns.severities = columns.severities || needs.severity;
  columns.sources = columns.sources || needs.source;
  columns.messages = columns.messages || needs.message;
  columns.all_fields = columns.all_fields || needs.all_fields;
  for (const std::string& name : needs.fields) {
    columns.fields.push_back(name);
    for (const chunk::FieldColumn& column : reader.columns()) {
      if (is_named_alike(column.name, name)) columns.fields.push_back(column.name);
    }
  }
}

}  // namespace penstock::query
