#include "postgres/deletion_rows.hpp"

#include <algorithm>
#include <charconv>

#include "base/base64.hpp"
#include "base/hex.hpp"

namespace penstock::postgres {
namespace {

constexpr std::string_view kSealedFilter = "sealed:";
constexpr std::size_t kIdDigits = 16;

// The row has no id yet when it is sealed: what it is about must do.
std::string filter_place(const Deletion& deletion) {
  std::string place = "deletion/" + deletion.deployment;
  for (const std::int64_t number : {deletion.from.ns, deletion.to.ns, deletion.created_at.ns}) place += "/" + std::to_string(number);
  return place;
}

}  // namespace

Result<std::string> seal_filter(Sealer* sealer, const Deletion& deletion) {
  if (sealer == nullptr || deletion.filter_json.empty()) return deletion.filter_json;
  auto key = sealer->key_for("deletion/" + deletion.deployment);
  if (!key) return key.error();
  if (*key == 0) return deletion.filter_json;
  auto sealed = sealer->seal(*key, filter_place(deletion), deletion.filter_json);
  if (!sealed) return sealed;
  std::string text(kSealedFilter);
  append_hex(text, *key);
  return text + ":" + to_base64url(*sealed);
}

Result<void> open_filter(Sealer* sealer, Deletion& deletion) {
  std::string_view text = deletion.filter_json;
  if (!text.starts_with(kSealedFilter)) return {};
  text.remove_prefix(kSealedFilter.size());
  KeyId key = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + std::min(text.size(), kIdDigits), key, 16);
  const bool whole = problem == std::errc() && text.size() > kIdDigits && end == text.data() + kIdDigits && text[kIdDigits] == ':';
  const auto sealed = whole ? from_base64url(text.substr(kIdDigits + 1)) : std::nullopt;
  if (!sealed) return Error{ErrorCode::corrupt, "The filter of a deletion in the database is damaged.", ""};
  if (sealer == nullptr) return Error{ErrorCode::key_mismatch, "The filter of a deletion is sealed, and no key is configured.", ""};
  auto opened = sealer->open(key, filter_place(deletion), *sealed);
  if (!opened) return opened.error();
  deletion.filter_json = std::move(*opened);
  return {};
}

}  // namespace penstock::postgres
