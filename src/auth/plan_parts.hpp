// What the plans share. Of this room's insides.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "auth/identity_plan.hpp"
#include "auth/stored_grants.hpp"
#include "penstock/core/record.hpp"

namespace penstock::auth {

// A JSON object of texts and lists, for the audit.
class AuditDetail {
 public:
  AuditDetail& text(std::string_view name, std::string_view value) {
    begin(name);
    append_json_string(json_, value);
    return *this;
  }
  template <class Texts>
  AuditDetail& list(std::string_view name, const Texts& values) {
    begin(name);
    json_ += '[';
    for (const auto& value : values) {
      if (!json_.ends_with('[')) json_ += ',';
      append_json_string(json_, value);
    }
    json_ += ']';
    return *this;
  }
  AuditDetail& grants(const std::vector<StoredGrant>& grants) {
    std::vector<std::string> texts;
    for (const StoredGrant& grant : grants) texts.push_back(text_of(grant));
    return list("grants", texts);
  }
  std::string take() { return json_.empty() ? std::string() : json_ + '}'; }

  // "shop: logs:read, ingest of pi-*"
  static std::string text_of(const StoredGrant& grant);

 private:
  void begin(std::string_view name) {
    json_ += json_.empty() ? '{' : ',';
    append_json_string(json_, name);
    json_ += ':';
  }
  std::string json_;
};

inline AuditEntry done(const PlanScene& scene, std::string action, std::string object, AuditDetail detail = {}) {
  return {scene.now, scene.caller.name, std::move(action), std::move(object), "done", scene.caller.address, detail.take()};
}

inline Error no_such(std::string_view what, std::string_view name) {
  return {ErrorCode::not_found, "There is no " + std::string(what) + " \"" + std::string(name) + "\".", ""};
}

// Those that are there keep their ids. invalid_request: too many, or one is none.
Result<std::vector<StoredGrant>> stored_grants(const std::vector<Grant>& wished, const std::vector<StoredGrant>& there);

}  // namespace penstock::auth
