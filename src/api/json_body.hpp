// A small JSON object sent by a client, read member by member. What is of the wrong type, or is read by nobody, is an error that names it.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "penstock/core/error.hpp"

namespace penstock::api {

// The first problem is kept; ask error() once everything was read. Not thread-safe.
class JsonBody {
 public:
  // `where` goes before the members' names in errors, as in "grants[2].".
  explicit JsonBody(const std::string& body);
  explicit JsonBody(const nlohmann::json& object, std::string where = {});

  // nullopt: it is not there, or null.
  std::optional<std::string> text(const char* name);
  std::string required_text(const char* name);
  std::optional<bool> flag(const char* name);
  std::optional<std::vector<std::string>> texts(const char* name);
  const nlohmann::json* member(const char* name);  // null: it is not there
  bool given(const char* name) const { return object_.contains(name); }
  const nlohmann::json& object() const { return object_; }

  void fail(const std::string& name, std::string message);
  void fail(Error error);
  std::optional<Error> error();

 private:
  nlohmann::json object_;
  const std::string where_;
  std::set<std::string> known_;
  std::optional<Error> error_;
};

}  // namespace penstock::api
