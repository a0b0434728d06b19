#include "query/deletion_filter.hpp"

#include <memory>
#include <utility>

#include "query/json_text.hpp"
#include "query/shadowed_name.hpp"

namespace penstock::query {

std::string deletion_filter_json(const LogQuery& query) {
  std::string out = "{";
  if (query.min_severity) {
    out += "\"min_severity\":";
    append_json_string(out, severity_name(*query.min_severity));
    out += ',';
  }
  out += "\"language\":\"" + std::to_string(query.language) + "\",\"sources\":[";
  for (std::size_t i = 0; i < query.sources.size(); ++i) {
    if (i > 0) out += ',';
    append_json_string(out, query.sources[i]);
  }
  if (!query.source_patterns.empty()) {
    out += "],\"source_patterns\":[";
    for (std::size_t i = 0; i < query.source_patterns.size(); ++i) {
      if (i > 0) out += ',';
      append_json_string(out, query.source_patterns[i]);
    }
  }
  out += "],\"q\":";
  append_json_string(out, query.q);
  out += ",\"fields\":[";
  for (std::size_t i = 0; i < query.fields.size(); ++i) {
    out += i > 0 ? ",[" : "[";
    append_json_string(out, shown_field_name(query.fields[i].first));
    out += ',';
    append_json_string(out, query.fields[i].second);
    out += ']';
  }
  out += "]}";
  return out;
}

Result<LogQuery> parse_deletion_filter(std::string_view json) {
  const Error wrong{ErrorCode::corrupt, "A stored deletion's filter cannot be read: it was written by another version.",
                    "filter_json"};
  using Kind = JsonText::Kind;
  const auto root = read_json_text(json);
  if (!root || root->kind != Kind::object) return wrong;
  LogQuery query;
  query.language = 1;
  for (const auto& [name, value] : root->members) {
    if (name == "language" && value.kind == Kind::string) {
      if (value.string != std::to_string(kQueryLanguage)) return wrong;
      query.language = kQueryLanguage;
    } else if (name == "min_severity" && value.kind == Kind::string) {
      query.min_severity = parse_severity(value.string);
      if (!query.min_severity) return wrong;
    } else if (name == "q" && value.kind == Kind::string) {
      query.q = value.string;
    } else if ((name == "sources" || name == "source_patterns") && value.kind == Kind::array) {
      auto& into = name == "sources" ? query.sources : query.source_patterns;
      for (const auto& item : value.items) {
        if (item.kind != Kind::string) return wrong;
        into.push_back(item.string);
      }
    } else if (name == "fields" && value.kind == Kind::array) {
      for (const auto& item : value.items) {
        if (item.items.size() != 2 || item.items[0].kind != Kind::string || item.items[1].kind != Kind::string) {
          return wrong;
        }
        auto& into = is_member_name(item.items[0].string) ? query.members : query.fields;
        into.emplace_back(item.items[0].string, item.items[1].string);
      }
    } else {
      return wrong;  // a condition we do not know must not be left out: more would be deleted
    }
  }
  return query;
}

Result<DeletionFilter> DeletionFilter::compile(const Deletion& deletion) {
  auto query = parse_deletion_filter(deletion.filter_json);
  if (!query) return std::move(query).error();
  auto matcher = Matcher::compile(*query);
  if (!matcher) return std::move(matcher).error();
  return DeletionFilter(deletion, std::move(*matcher));
}

Result<std::function<bool(const LogView&)>> compile_deletion(const Deletion& deletion) {
  auto filter = DeletionFilter::compile(deletion);
  if (!filter) return std::move(filter).error();
  if (filter->takes_everything()) return std::function<bool(const LogView&)>();
  auto shared = std::make_shared<const DeletionFilter>(std::move(*filter));
  return std::function<bool(const LogView&)>([shared](const LogView& log) { return shared->matcher().matches(log); });
}

}  // namespace penstock::query
