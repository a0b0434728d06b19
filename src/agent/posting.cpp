#include "agent/posting.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <random>

#include "base/hex.hpp"
namespace penstock::agent {
namespace {

std::string text_of(const nlohmann::json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::uint64_t number_of(const nlohmann::json& object, const char* name, std::uint64_t otherwise) {
  const auto found = object.find(name);
  return found != object.end() && found->is_number_unsigned() ? found->get<std::uint64_t>() : otherwise;
}

// Of "rejected_indexes" and of the errors that are told one by one; never one that the batch does not hold.
void collect_refused(const nlohmann::json& answer, std::uint64_t records, Outcome& outcome) {
  for (const Rejection& one : outcome.rejections) {
    if (one.index < records) outcome.refused.push_back(one.index);
  }
  if (const auto runs = answer.find("rejected_indexes"); runs != answer.end() && runs->is_array()) {
    for (const nlohmann::json& run : *runs) {
      if (!run.is_array() || run.size() != 2 || !run[0].is_number_unsigned() || !run[1].is_number_unsigned()) continue;
      const std::uint64_t end = std::min(run[1].get<std::uint64_t>(), records - std::min<std::uint64_t>(records, 1));
      for (std::uint64_t index = run[0].get<std::uint64_t>(); index <= end && index < records; ++index) outcome.refused.push_back(index);
    }
  }
  std::sort(outcome.refused.begin(), outcome.refused.end());
  outcome.refused.erase(std::unique(outcome.refused.begin(), outcome.refused.end()), outcome.refused.end());
}

std::vector<Rejection> rejections_in(const nlohmann::json& answer, const char* list) {
  std::vector<Rejection> all;
  const auto errors = answer.find(list);
  if (errors == answer.end() || !errors->is_array()) return all;
  for (const nlohmann::json& error : *errors) {
    if (!error.is_object()) continue;
    all.push_back({static_cast<std::size_t>(number_of(error, "index", 0)), text_of(error, "code"), text_of(error, "field"), text_of(error, "message")});
  }
  return all;
}

void read_answer(const std::string& body, std::uint64_t records, Outcome& outcome) {
  const nlohmann::json answer = nlohmann::json::parse(body, nullptr, false);
  if (!answer.is_object()) return;
  outcome.accepted = number_of(answer, "accepted", outcome.accepted);
  outcome.rejected = number_of(answer, "rejected", outcome.rejected);
  if (const auto error = answer.find("error"); error != answer.end() && error->is_object()) {
    outcome.message = text_of(*error, "code") + ": " + text_of(*error, "message");
  }
  outcome.rejections = rejections_in(answer, "errors");
  outcome.rejected_samples = number_of(answer, "rejected_samples", 0);
  outcome.sample_rejections = rejections_in(answer, "sample_errors");
  collect_refused(answer, records, outcome);
}

Verdict verdict_of(int status) {
  if (status >= 200 && status < 300) return Verdict::taken;
  if (status == 408 || status == 429 || (status >= 500 && status != 501)) return Verdict::retry;
  if (status == 413) return Verdict::too_large;
  if (status == 400 || status == 409 || status == 422) return Verdict::refused;
  return Verdict::blocked;
}

}  // namespace

std::string advice(const Outcome& outcome) {
  if (outcome.verdict == Verdict::too_large) return "raise the server's limit of a request's size";
  if (outcome.verdict != Verdict::blocked) return {};
  if (outcome.status == 401 || outcome.status == 403) return "give a token that may send (--token or PENSTOCK_TOKEN)";
  if (outcome.status == 0) return "correct the address (--url or PENSTOCK_URL), or whom to trust (--ca-file or --pin)";
  return "correct the address (--url or PENSTOCK_URL): no Penstock server takes records there";
}

Outcome post_once(Transport& transport, const Posting& posting, std::uint64_t records) {
  Outcome outcome;
  Result<Reply> reply = transport.post(posting);
  if (!reply) {
    const Error& error = reply.error();
    outcome.message = error.message;
    const bool hopeless = error.code == ErrorCode::invalid_request || error.code == ErrorCode::config_error || error.field == "tls";
    if (hopeless) outcome.verdict = Verdict::blocked;
    return outcome;
  }
  outcome.status = reply->status;
  outcome.retry_after = reply->retry_after;
  outcome.message = "the server answered " + std::to_string(reply->status);
  outcome.verdict = verdict_of(reply->status);
  if (outcome.verdict == Verdict::taken) outcome.accepted = records;
  if (outcome.verdict == Verdict::refused || outcome.verdict == Verdict::too_large) outcome.rejected = records;
  read_answer(reply->body, records, outcome);
  return outcome;
}

std::string make_idempotency_key() {
  std::random_device random;
  std::string key;
  for (int word = 0; word < 4; ++word) append_hex(key, static_cast<std::uint32_t>(random()));
  return key;
}

}  // namespace penstock::agent
