#include "auth/bootstrap_token.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <openssl/rand.h>

#include "base/secret_file.hpp"
#include "base/base64.hpp"
#include "base/log.hpp"

namespace penstock::auth {
namespace {

constexpr std::size_t kRandomBytes = 32, kShortestToken = 16;
constexpr std::string_view kPrefix = "pst_", kFileName = "/admin-token.sha256";

Result<std::string> make_token() {
  std::array<unsigned char, kRandomBytes> bytes{};
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) {
    return Error{ErrorCode::internal, "The system gives no random numbers, so no token can be made.", ""};
  }
  return std::string(kPrefix) + to_base64url({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

// What can be sent in every form of the Authorization header.
bool is_sendable(std::string_view token) {
  return token.size() >= kShortestToken && std::all_of(token.begin(), token.end(), [](char c) { return c > ' ' && c < 0x7f && c != ':'; });
}

Result<void> store_digest(const std::string& data_dir, const TokenDigest& digest) {
  return write_secret_file(data_dir + std::string(kFileName), to_hex(digest) + "\n");
}

std::string_view first_line(std::string_view text) { return text.substr(0, text.find('\n')); }

PrincipalPtr make_principal(const std::string& default_deployment) {
  return std::make_shared<const Principal>(Principal{
      .kind = PrincipalKind::bootstrap, .name = "admin", .grants = Grants::everything(), .default_deployment = default_deployment});
}

}  // namespace

BootstrapToken::BootstrapToken(TokenDigest digest, std::string new_token, Options options)
    : kept_(std::make_unique<Kept>()), data_dir_(std::move(options.data_dir)), new_token_(std::move(new_token)),
      default_deployment_(std::move(options.default_deployment)) {
  kept_->current.set({digest, make_principal(default_deployment_)});
}

Result<void> BootstrapToken::check(const Options& options) {
  if (!options.token_from_environment.empty()) {
    if (is_sendable(options.token_from_environment)) return {};
    return Error{ErrorCode::config_error,
                 "The administrator's token must have at least 16 characters, all of them visible ASCII, without a colon: change "
                 "PENSTOCK_ADMIN_TOKEN.",
                 "auth.admin_token"};
  }
  const std::string path = options.data_dir + std::string(kFileName);
  const auto kept = read_secret_file(path);
  if (!kept) return kept.error();
  if (!*kept || digest_from_hex(first_line(**kept))) return {};
  return Error{ErrorCode::corrupt,
               "The file " + path + " does not hold a token's digest: remove it and start again to get a new token, or set PENSTOCK_ADMIN_TOKEN.",
               ""};
}

Result<BootstrapToken> BootstrapToken::open(Options options) {
  const std::string path = options.data_dir + std::string(kFileName);

  if (auto checked = check(options); !checked) return std::move(checked).error();
  if (!options.token_from_environment.empty()) {
    const TokenDigest digest = digest_of(options.token_from_environment);
    const auto kept = read_secret_file(path);
    if (!kept) return kept.error();
    if (!*kept || first_line(**kept) != to_hex(digest)) {
      if (auto stored = store_digest(options.data_dir, digest); !stored) return stored.error();
    }
    return BootstrapToken(digest, {}, std::move(options));
  }

  const auto kept = read_secret_file(path);
  if (!kept) return kept.error();
  if (*kept) {
    const auto digest = digest_from_hex(first_line(**kept));  // checked above
    return BootstrapToken(*digest, {}, std::move(options));
  }
  return replace(std::move(options));
}

Result<BootstrapToken> BootstrapToken::replace(Options options) {
  auto token = make_token();
  if (!token) return token.error();
  const TokenDigest digest = digest_of(*token);
  return BootstrapToken(digest, std::move(*token), std::move(options));
}

Result<void> BootstrapToken::save() {
  if (new_token_.empty()) return {};
  const std::lock_guard lock(kept_->mutex);
  return store_digest(data_dir_, *kept_->current.read([](const Current& current) { return current.digest; }));
}

std::string BootstrapToken::path() const { return data_dir_ + std::string(kFileName); }

void BootstrapToken::reload() {
  const auto kept = read_secret_file(path());
  std::optional<TokenDigest> digest;
  if (kept && *kept) digest = digest_from_hex(first_line(**kept));
  {
    const std::lock_guard lock(kept_->mutex);
    if (kept_->current.read([&](const Current& current) { return current.digest == digest; })) return;
    kept_->current.set({digest, make_principal(default_deployment_)});
  }
  if (digest) {
    log::info("auth", "the administrator's token was replaced; the old one counts no more");
  } else {
    log::warn("auth", "the administrator's token was revoked; `penstock token create` makes a new one", {{"file", path()}});
  }
}

std::optional<PrincipalPtr> BootstrapToken::find(const TokenDigest& digest) {
  return kept_->current.read([&](const Current& current) {
    return current.digest && same_digest(digest, *current.digest) ? current.principal : PrincipalPtr();
  });
}

bool BootstrapToken::still_valid(const Principal& principal) {
  if (principal.kind != PrincipalKind::bootstrap) return true;
  return kept_->current.read([&](const Current& current) { return current.digest && current.principal.get() == &principal; });
}

}  // namespace penstock::auth
