#include "postgres/labels_json.hpp"

#include <nlohmann/json.hpp>

namespace penstock::postgres {

Result<Labels> parse_labels(std::string_view json) {
  const auto document = nlohmann::json::parse(json, nullptr, false);
  std::vector<std::pair<std::string, std::string>> pairs;
  if (document.is_object()) {
    for (const auto& [name, value] : document.items()) {
      if (value.is_string()) pairs.emplace_back(name, value.get<std::string>());
    }
    if (pairs.size() == document.size()) return Labels::from(std::move(pairs));
  }
  return Error{ErrorCode::corrupt, "The labels of a stored series are not an object of texts.", ""};
}

}  // namespace penstock::postgres
