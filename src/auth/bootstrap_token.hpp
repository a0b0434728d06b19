// The first administrator's token.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "auth/read_mostly.hpp"
#include "auth/token_digest.hpp"
#include "auth/token_source.hpp"
#include "penstock/core/principal.hpp"
#include "penstock/core/result.hpp"

namespace penstock::auth {

// Knows one token, whose principal may do everything. The token itself is nowhere kept: the data directory holds its SHA-256
// in the file "admin-token.sha256" (mode 0600).
class BootstrapToken final : public TokenSource {
 public:
  struct Options {
    std::string data_dir;                // exists
    std::string token_from_environment;  // when given, it is the token, and its digest replaces the file's
    std::string default_deployment;      // of the principal
  };

  // Without a token from the environment and without a file a new one is made: "pst_" and 256 random bits in base64url. config_error: the given token
  // is shorter than 16 characters or has blanks or control characters; io_error: the file cannot be read or written, corrupt: it is not a digest.
  static Result<BootstrapToken> open(Options options);

  // Makes a new token; who opened the old one before still takes that. Errors as of open().
  static Result<BootstrapToken> replace(Options options);

  // The token when a new one was made, to be shown once; else empty.
  const std::string& new_token() const { return new_token_; }
  // Keeps a new token's digest in place of what the file holds; does nothing for one that is kept already. Call it only when the token can
  // be shown: what nobody saw must not shut everybody out. io_error: the file cannot be written.
  Result<void> save();

  // Takes what the file holds by now as the digest: none, when it is gone or holds no digest, so that nobody is the administrator until the next start
  // or the next token. Any thread.
  void reload();
  // The file that keeps the digest.
  std::string path() const;

  std::optional<PrincipalPtr> find(const TokenDigest& digest) override;
  bool still_valid(const Principal& principal) override;

  // What open() would answer to these options, with nothing made or written.
  static Result<void> check(const Options& options);

 private:
  struct Current {
    std::optional<TokenDigest> digest;
    PrincipalPtr principal;  // another one for every digest
  };
  struct Kept {
    std::mutex mutex;  // whoever sets it
    ReadMostly<Current> current;
  };
  BootstrapToken(TokenDigest digest, std::string new_token, Options options);

  std::unique_ptr<Kept> kept_;
  std::string data_dir_;
  std::string new_token_;
  std::string default_deployment_;
};

}  // namespace penstock::auth
