#include "api/json_body.hpp"

#include "base/unicode.hpp"

namespace penstock::api {

JsonBody::JsonBody(const std::string& body) : object_(nlohmann::json::parse(body, nullptr, false)) {
  if (object_.is_object()) return;
  object_ = nlohmann::json::object();
  error_ = Error{ErrorCode::invalid_json, "The body must be a JSON object.", ""};
}

JsonBody::JsonBody(const nlohmann::json& object, std::string where) : object_(object), where_(std::move(where)) {
  if (object_.is_object()) return;
  object_ = nlohmann::json::object();
  error_ = Error{ErrorCode::invalid_type, "This must be an object.", where_};
}

void JsonBody::fail(const std::string& name, std::string message) { fail({ErrorCode::invalid_request, std::move(message), where_ + name}); }

void JsonBody::fail(Error error) {
  if (!error_) error_ = std::move(error);
}

const nlohmann::json* JsonBody::member(const char* name) {
  known_.insert(name);
  const auto found = object_.find(name);
  return found == object_.end() || found->is_null() ? nullptr : &*found;
}

std::optional<std::string> JsonBody::text(const char* name) {
  const nlohmann::json* found = member(name);
  if (found == nullptr) return std::nullopt;
  if (!found->is_string()) {
    fail(name, "This must be a text.");
    return std::nullopt;
  }
  auto text = found->get<std::string>();
  // No store keeps a NUL; the parser took no invalid UTF-8.
  if (clean_utf8_prefix(text) != text.size()) fail(name, "A text holds no NUL character.");
  return text;
}

std::string JsonBody::required_text(const char* name) {
  auto given = text(name);
  if (!given || given->empty()) fail(name, "This is needed.");
  return given.value_or("");
}

std::optional<bool> JsonBody::flag(const char* name) {
  const nlohmann::json* found = member(name);
  if (found == nullptr) return std::nullopt;
  if (!found->is_boolean()) {
    fail(name, "This must be true or false.");
    return std::nullopt;
  }
  return found->get<bool>();
}

std::optional<std::vector<std::string>> JsonBody::texts(const char* name) {
  const nlohmann::json* found = member(name);
  if (found == nullptr) return std::nullopt;
  std::vector<std::string> all;
  if (found->is_string()) {
    all.push_back(found->get<std::string>());
  } else if (found->is_array()) {
    for (const auto& item : *found) {
      if (!item.is_string()) {
        fail(name, "This must be a list of texts.");
        return std::nullopt;
      }
      all.push_back(item.get<std::string>());
    }
  } else {
    fail(name, "This must be a list of texts.");
    return std::nullopt;
  }
  for (const std::string& text : all) {
    if (clean_utf8_prefix(text) != text.size()) fail(name, "A text holds no NUL character.");
  }
  return all;
}

std::optional<Error> JsonBody::error() {
  if (error_) return error_;
  for (const auto& [name, value] : object_.items()) {
    if (known_.contains(name)) continue;
    std::string known;
    for (const std::string& one : known_) known += (known.empty() ? "" : ", ") + one;
    return Error{ErrorCode::invalid_request, "There is no such member; there are " + known + '.', where_ + name};
  }
  return std::nullopt;
}

}  // namespace penstock::api
