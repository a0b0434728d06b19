#include "agent/dead_letter_client.hpp"

#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "http/client.hpp"

namespace penstock::agent {
namespace {

using nlohmann::json;

constexpr const char* kPath = "/api/v1/dead-letter";
constexpr std::size_t kAtOnce = 100;  // letters of one request

std::string member_text(const json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string("-");
}

}  // namespace

struct DeadLetterClient::State {
  DeadLetterOptions options;
  http::Client client;

  Result<json> ask(std::string_view method, const std::string& path, const std::string& body = "") {
    http::ClientHeaders headers;  // without a token a certificate may do
    if (!options.token.empty()) headers.emplace_back("Authorization", "Bearer " + options.token);
    if (!body.empty()) headers.emplace_back("Content-Type", "application/json");
    auto answer = client.request(method, options.url + path, headers, body, options.timeout);
    if (!answer) return std::move(answer).error();
    json document = json::parse(answer->body, nullptr, false);
    if (answer->status == 200 && document.is_object()) return document;
    std::string said = "The server answered " + std::to_string(answer->status);
    if (document.is_object() && document.contains("error") && document["error"].is_object()) {
      said += ": " + member_text(document["error"], "message");
    }
    return Error{ErrorCode::invalid_request, said, ""};
  }

  Result<void> each(const std::function<void(const json& letter)>& visit) {
    std::string after;
    for (;;) {
      auto page = ask("GET", std::string(kPath) + (after.empty() ? "" : "?after=" + after));
      if (!page) return page.error();
      for (const json& letter : page->value("letters", json::array())) visit(letter);
      const auto next = page->find("after");
      if (next == page->end() || !next->is_string()) return {};
      after = next->get<std::string>();
    }
  }
};

DeadLetterClient::DeadLetterClient(DeadLetterOptions options) : state_(std::make_unique<State>()) {
  while (options.url.ends_with('/')) options.url.pop_back();
  http::ClientOptions client;
  client.tls = options.tls;
  state_->client = http::Client(std::move(client));
  state_->options = std::move(options);
}

DeadLetterClient::~DeadLetterClient() = default;

Result<void> DeadLetterClient::list(std::ostream& out) {
  return state_->each([&out](const json& letter) {
    out << member_text(letter, "id") << "  " << member_text(letter, "kept_at") << "  " << member_text(letter, "reason") << "  "
        << member_text(letter, "deployment") << "  " << member_text(letter, "kind") << "  " << member_text(letter, "detail") << '\n';
  });
}

Result<std::vector<std::string>> DeadLetterClient::ids() {
  std::vector<std::string> all;
  auto done = state_->each([&all](const json& letter) { all.push_back(member_text(letter, "id")); });
  if (!done) return done.error();
  return all;
}

Result<void> DeadLetterClient::show(const std::string& id, std::ostream& out) {
  auto letter = state_->ask("GET", std::string(kPath) + "/" + id);
  if (!letter) return letter.error();
  out << letter->dump(2, ' ', false, json::error_handler_t::replace) << '\n';
  return {};
}

Result<std::size_t> DeadLetterClient::change(Change what, const std::vector<std::string>& ids, std::ostream& out,
                                             std::ostream& err) {
  const std::string path = std::string(kPath) + (what == Change::replay ? "/replay" : "/discard");
  std::uint64_t done = 0;
  std::size_t failed = 0;
  for (std::size_t begin = 0; begin < ids.size(); begin += kAtOnce) {
    json some = json::array();
    for (std::size_t i = begin; i < std::min(begin + kAtOnce, ids.size()); ++i) some.push_back(ids[i]);
    auto answer = state_->ask("POST", path, json{{"ids", some}}.dump(-1, ' ', false, json::error_handler_t::replace));
    if (!answer) return answer.error();
    done += answer->value("done", std::uint64_t{0});
    for (const json& one : answer->value("failed", json::array())) {
      ++failed;
      err << member_text(one, "id") << ": " << member_text(one, "message") << '\n';
    }
  }
  out << done << (what == Change::replay ? " replayed, " : " discarded, ") << failed << " failed\n";
  return failed;
}

}  // namespace penstock::agent
