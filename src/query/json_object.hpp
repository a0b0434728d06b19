// An object of an answer's JSON, member by member; the names are plain and need no escapes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "penstock/core/record.hpp"
#include "query/json.hpp"

namespace penstock::query {

// [item,…], each as `append(out, item)` writes it.
template <class Items, class Append>
void append_list(std::string& out, const Items& items, const Append& append) {
  out += '[';
  bool first = true;
  for (const auto& item : items) {
    if (!first) out += ',';
    first = false;
    append(out, item);
  }
  out += ']';
}

// Opened where it is made; end() closes it.
class JsonObject {
 public:
  explicit JsonObject(std::string& out) : out_(out) { out_ += '{'; }
  void end() { out_ += '}'; }

  // The name; what is appended to the string next is the value.
  std::string& member(std::string_view name) {
    if (!first_) out_ += ',';
    first_ = false;
    out_ += '"';
    out_ += name;
    out_ += "\":";
    return out_;
  }
  void text(std::string_view name, std::string_view value) { append_json_string(member(name), value); }
  void whole(std::string_view name, std::uint64_t value) { member(name) += std::to_string(value); }
  void flag(std::string_view name, bool value) { member(name) += value ? "true" : "false"; }
  void time(std::string_view name, Timestamp value) { append_time(member(name), value); }
  void stats(const Stats& value) { append_stats_json(member("stats"), value); }
  template <class Items, class Append>
  void list(std::string_view name, const Items& items, const Append& append) {
    append_list(member(name), items, append);
  }

 private:
  std::string& out_;
  bool first_ = true;
};

}  // namespace penstock::query
