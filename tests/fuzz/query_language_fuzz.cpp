// rooms: query
// Any bytes as a query: an error that names a column, or a matcher that looks at records without harm, the same by rows
// on every call.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "query/deletion_filter.hpp"
#include "query/matcher.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace penstock;
  query::LogQuery asked;
  asked.q.assign(reinterpret_cast<const char*>(data), size);
  const auto matcher = query::Matcher::compile(asked);
  if (!matcher) {
    if (matcher.error().code != ErrorCode::invalid_query || matcher.error().message.rfind("Column ", 0) != 0) {
      std::abort();
    }
    return 0;
  }
  const std::vector<FieldView> fields =
      {{"a", FieldValue::of(std::int64_t{5})}, {"b", FieldValue::of(1.5)},
       {"c", FieldValue::of(std::string_view("x y"))},
                                         {"d", FieldValue::none()},              {"e", FieldValue::of(true)},
                                             {"f", FieldValue::of_json("[1]")},
                                         {"raw", FieldValue::of(std::string_view("\xff\x00z", 3))}};
  LogView log;
  log.deployment = "shop";
  log.source = "web-1";
  log.message = std::string_view("Card declined: \xff\xc3\x28 order 8841\0 end", 34);
  log.fields = fields;
  const bool first = matcher->matches(log);
  log.fields = {};
  static_cast<void>(matcher->matches(log));
  log.message = asked.q;  // the needle in itself
  static_cast<void>(matcher->matches(log));
  log.message = std::string_view("Card declined: \xff\xc3\x28 order 8841\0 end", 34);
  log.fields = fields;
  // A deletion keeps the text as JSON and must mean the same afterwards.
  const auto back = query::parse_deletion_filter(query::deletion_filter_json(asked));
  if (back && back->q == asked.q && query::Matcher::compile(*back)->matches(log) != first) std::abort();
  static_cast<void>(query::parse_deletion_filter(asked.q));
  return 0;
}
