// Where users, roles, tokens, sessions, settings, what is set about deployments, and the audit log are kept.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "penstock/core/audit.hpp"
#include "penstock/core/metric_declarations.hpp"
#include "penstock/core/record.hpp"
#include "penstock/core/result.hpp"
#include "penstock/core/time.hpp"

namespace penstock {

// As stored: rights by their names, which another version of the program may know more of. Times of 0: never.
struct StoredGrant {
  std::int64_t id = 0;  // 0: new
  std::string deployment = "*";
  std::vector<std::string> rights;
  std::vector<std::string> sources = {}, custom_metrics = {};  // patterns; none: all
};

struct StoredRole {
  std::string name, description;
  bool built_in = false;
  std::vector<StoredGrant> grants;
};

struct HeldRole {
  std::string role, deployment = "*";  // the role's grants hold where both name the deployment
  auto operator<=>(const HeldRole&) const = default;
};

struct StoredUser {
  std::string name, full_name;
  std::string password;  // a hash; empty: none
  bool disabled = false;
  Timestamp created_at;
  std::string created_by;
  Timestamp last_login = {};
  std::vector<HeldRole> roles = {};
  std::vector<StoredGrant> grants = {};
  std::string issuer = {}, subject = {};  // of who comes by an identity provider: together they name a person, `name` does not; empty: nobody does
};

// What programs are known by: a token, or the certificate of a TLS client in its place.
struct StoredToken {
  std::string id, name, prefix;
  std::string digest;  // 32 bytes: SHA-256 of the token, or of the certificate, which is its fingerprint
  std::string owner;   // a user; empty: the instance's own
  std::string default_deployment;
  Timestamp created_at;
  std::string created_by;
  Timestamp expires_at = {}, last_used = {}, revoked_at = {};
  std::vector<StoredGrant> grants = {};
  bool certificate = false;
};

struct StoredSession {
  std::string digest;  // 32 bytes
  std::string user;
  Timestamp created_at, last_seen, expires_at;
  std::string address;
  std::string provider = {}, provider_session = {};  // by which the user came, and what it calls the session (may be empty); empty: by password
};

// Whoever has the value in the provider's claim has the role; an empty value: everybody whom the provider knows.
struct ProviderRule {
  std::string value;
  HeldRole held;
  auto operator<=>(const ProviderRule&) const = default;
};

// An OpenID provider by which users come.
struct StoredProvider {
  std::string id;     // in URLs
  std::string title;  // on the button
  std::string issuer, client_id, scope;
  std::string redirect_uri;  // as it is registered there; empty: by the server's own address
  std::string claim;         // that the rules are about
  std::string audience;      // what the provider's access tokens call this API; empty: they are not taken
  bool enabled = true;
  std::vector<ProviderRule> rules = {};
  std::uint64_t secret_key = 0;  // with which the client's secret is sealed
  std::string secret = {};       // sealed; empty: there is none
  bool operator==(const StoredProvider&) const = default;
};

struct StoredDeclaration {
  MetricDeclaration metric;  // id 0: new
  Timestamp created_at, changed_at;
  std::string created_by, changed_by;
};

// How long a deployment's records of a kind are kept, "*" being those of all that have no rule of their own; it counts before the configuration's rule of the
// same place.
struct StoredRetention {
  std::string deployment = "*";
  RecordKind kind = RecordKind::log;
  std::int64_t max_age_ns = 0;   // 0: for ever
  std::uint64_t max_bytes = 0;   // 0: no limit
  Timestamp changed_at = {};
  std::string changed_by = {};
};

// What becomes of metrics that are not declared. Unsaid: as "*" says, and taken when that says nothing.
enum class Undeclared : std::uint8_t { unsaid = 0, taken = 1, refused = 2 };

// All of it, as of one moment.
struct Identities {
  std::int64_t version = 0;
  std::map<std::string, StoredUser> users;
  std::map<std::string, StoredRole> roles;
  std::map<std::string, StoredToken> tokens;  // by id
  std::vector<StoredSession> sessions;
  std::map<std::string, std::string> settings;
  std::map<std::int64_t, StoredDeclaration> declarations;
  std::vector<StoredRetention> retention;        // by deployment and kind
  std::map<std::string, Undeclared> undeclared;  // by deployment, "*" among them; none is unsaid
  std::map<std::string, StoredProvider> providers;
};

// A user, role, token or provider is put as a whole, its grants and held roles too. What does not exist is removed without an error.
struct RemoveUser { std::string name; };  // with its tokens and sessions
struct RemoveRole { std::string name; };  // that nobody holds
struct RemoveToken { std::string id; };
struct EndSession { std::string digest; };
struct EndSessionsOf { std::string user; };
struct ChangeSetting { std::string key, value; };  // an empty value: back to the default
struct RemoveProvider { std::string id; };         // its users stay
struct RemoveDeclaration { std::int64_t id = 0; };
struct RemoveRetention { std::string deployment; RecordKind kind = RecordKind::log; };
struct ChangeUndeclared { std::string deployment; Undeclared metrics = Undeclared::unsaid; };
using IdentityChange =
    std::variant<StoredUser, RemoveUser, StoredRole, RemoveRole, StoredToken, RemoveToken, StoredSession, EndSession, EndSessionsOf, ChangeSetting,
                 StoredDeclaration, RemoveDeclaration, StoredRetention, RemoveRetention, ChangeUndeclared, StoredProvider, RemoveProvider>;

// What is noted now and then, and is no change.
struct IdentityUse {
  std::vector<std::pair<std::string, Timestamp>> tokens;    // id, last used
  std::vector<std::pair<std::string, Timestamp>> sessions;  // digest, last seen
};

struct AuditQuery {
  Timestamp from = kFirstTime, to = kLastTime;  // [from, to)
  std::string actor = {}, action = {}, object = {}, outcome = {};  // whole texts, `action` also its beginning up to a dot; empty: any
  std::int64_t before = 0;                      // rows of lower ids only; 0: from the newest
  std::size_t limit = 100;
};

// Thread-safe; every call may block. unavailable: try again later; after it a change may have been made or not.
class IdentityStore {
 public:
  virtual ~IdentityStore() = default;
  virtual Result<std::int64_t> version() = 0;
  // Without sessions that ended before `now`.
  virtual Result<Identities> load(Timestamp now) = 0;
  // All changes and their audit entries, or none of them; gives the new version. conflict: the version is not `seen` any more, load() and decide anew.
  virtual Result<std::int64_t> apply(std::int64_t seen, const std::vector<IdentityChange>& changes, const std::vector<AuditEntry>& entries) = 0;
  virtual Result<void> note(const IdentityUse& use) = 0;

  // Entries that go with no change of the store's own.
  virtual Result<void> append(const std::vector<AuditEntry>& entries) = 0;
  virtual Result<std::vector<AuditRow>> audit(const AuditQuery& query) = 0;  // the newest first
  // Rows after `after`, the oldest first; none at the end.
  virtual Result<std::vector<AuditRow>> audit_chain(std::int64_t after, std::size_t count) = 0;
  virtual Result<AuditHead> audit_head() = 0;
};

}  // namespace penstock
