#include "auth/identity_service.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include <openssl/rand.h>

#include "auth/plan_parts.hpp"
#include "base/base64.hpp"
#include "base/log.hpp"

namespace penstock::auth {
namespace {

constexpr int kTries = 8;  // against others who change at the same time
constexpr std::size_t kMostSessionsOfOne = 20;
constexpr std::string_view kTokenPrefix = "pst_";
constexpr std::size_t kShownPrefix = 8;
constexpr std::string_view kUserPrefix = "user:";
constexpr std::chrono::minutes kRecallEvery{10};
constexpr std::int64_t kRecalled = 90 * kDay;
constexpr std::size_t kMostRecalled = 4'000;

Result<std::string> random_secret() {
  std::array<unsigned char, 32> bytes{};
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) {
    return Error{ErrorCode::internal, "The system gives no random numbers, so no secret can be made.", ""};
  }
  return to_base64url({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

std::string digest_bytes(std::string_view secret) {
  const TokenDigest digest = digest_of(secret);
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

Error wrong_password() { return {ErrorCode::unauthorized, "The name or the password is wrong.", ""}; }

// The oldest sessions of a user go when there are too many.
void end_surplus(const Identities& identities, const std::string& user, IdentityPlan& plan) {
  std::vector<const StoredSession*> own;
  for (const StoredSession& session : identities.sessions) {
    if (session.user == user) own.push_back(&session);
  }
  std::sort(own.begin(), own.end(), [](const auto* a, const auto* b) { return a->created_at < b->created_at; });
  for (std::size_t i = 0; i + kMostSessionsOfOne <= own.size(); ++i) plan.changes.push_back(EndSession{own[i]->digest});
}

}  // namespace

Result<DrawnToken> draw_token() {
  const auto random = random_secret();
  if (!random) return random.error();
  DrawnToken drawn;
  drawn.secret = std::string(kTokenPrefix) + *random;
  drawn.prefix = drawn.secret.substr(0, kShownPrefix);
  drawn.digest = digest_bytes(drawn.secret);
  // Of the digest, so that it tells nothing of the secret.
  drawn.id = to_hex(std::span(reinterpret_cast<const unsigned char*>(drawn.digest.data()), 8));
  return drawn;
}

// Its fingerprint is no secret: it is worth something only in a handshake that proves the key.
Result<DrawnToken> token_of_certificate(const std::string& fingerprint) {
  const auto digest = digest_from_hex(fingerprint);
  if (!digest) return Error{ErrorCode::invalid_request, "A certificate's fingerprint is 64 hexadecimal digits.", "certificate"};
  DrawnToken of;
  of.id = fingerprint.substr(0, 16);
  of.prefix = fingerprint.substr(0, kShownPrefix);
  of.digest.assign(digest->begin(), digest->end());
  return of;
}

Result<void> IdentityService::change(const Caller& caller, const Plan& make) {
  for (int i = 0;; ++i) {
    const auto seen = cache_.refresh();
    if (!seen) return seen.error();
    const Identities& identities = (*seen)->identities();
    auto plan = make({identities, caller, clock_.now()});
    if (!plan) return plan.error();
    if (plan->changes.empty()) return {};
    const auto applied = store_.apply(identities.version, plan->changes, plan->entries);
    if (!applied) {
      if (applied.error().code == ErrorCode::conflict && i + 1 < kTries) continue;
      return applied.error();
    }
    for (const AuditEntry& entry : plan->entries) {
      log::info("auth", "changed", {{"action", entry.action}, {"object", entry.object}, {"by", entry.actor}});
    }
    // It is done, whether this server has seen it or not: it will within moments.
    if (const auto counts = cache_.refresh(); !counts) log::warn("auth", "a change counts as soon as the database answers again", {});
    return {};
  }
}

Result<MadeToken> IdentityService::create_token(const Caller& caller, const TokenWish& wish) {
  const auto drawn = wish.certificate ? token_of_certificate(*wish.certificate) : draw_token();
  if (!drawn) return drawn.error();
  MadeToken made;
  made.secret = drawn->secret;
  auto done = change(caller, [&](const PlanScene& scene) {
    auto plan = plan_new_token(scene, wish, drawn->id, drawn->prefix, drawn->digest);
    if (plan) made.token = std::get<StoredToken>(plan->changes.back());
    return plan;
  });
  if (!done) return done.error();
  return made;
}

// Before somebody is held up for what others tried: from where people logged in stands in the audit log, for this process and others.
std::optional<std::chrono::seconds> IdentityService::begin_try(const std::string& user, const std::string& address) {
  const auto now = clock_.steady_now();
  const auto wait = attempts_.begin(user, address, now);
  if (!wait) return wait;
  auto due = recall_at_.load();
  const auto ticks = now.time_since_epoch().count();
  if (ticks < due || !recall_at_.compare_exchange_strong(due, ticks + std::chrono::steady_clock::duration(kRecallEvery).count())) return wait;
  AuditQuery log_ins;
  log_ins.from = {clock_.now().ns - kRecalled};
  log_ins.action = "session.login";
  log_ins.outcome = "done";
  log_ins.limit = kMostRecalled;
  const auto rows = store_.audit(log_ins);
  if (!rows) return wait;
  for (const AuditRow& row : *rows) {
    const std::string_view actor = row.entry.actor;
    if (actor.starts_with(kUserPrefix)) attempts_.trust(actor.substr(kUserPrefix.size()), row.entry.address);
  }
  return attempts_.begin(user, address, now);
}

Result<PasswordCheck> IdentityService::check(const std::string& user, const std::string& password, const std::string& address,
                                             const std::string& action) {
  if (const auto wait = begin_try(user, address)) {
    return Error{ErrorCode::too_many_attempts, "There were too many wrong tries: wait " + std::to_string(wait->count()) + " s and try again.", ""};
  }
  const auto seen = cache_.refresh();
  if (!seen) return seen.error();
  const auto found = (*seen)->identities().users.find(user);
  const bool may = found != (*seen)->identities().users.end() && !found->second.disabled;
  // Too long ones cost as much as others.
  const PasswordCheck checked = check_password(std::string_view(password).substr(0, kLongestPassword), may ? found->second.password : std::string());
  if (!checked.right) {
    audit_.tell({clock_.now(), "user:" + user, action, "user:" + user, "refused", address, ""});
    return wrong_password();
  }
  attempts_.succeeded(user, address, clock_.steady_now());
  return checked;
}

Result<OpenedSession> IdentityService::open_session(const Caller& caller, const std::string& user, const std::string& action, const std::string& new_hash,
                                                    const std::function<void(IdentityPlan&)>& add) {
  const auto secret = random_secret();
  if (!secret) return secret.error();
  OpenedSession opened{user, *secret, {}};
  auto done = change(caller, [&](const PlanScene& scene) -> Planned {
    const auto found = scene.identities.users.find(user);
    if (found == scene.identities.users.end() || found->second.disabled) return wrong_password();
    StoredUser changed = found->second;
    changed.last_login = scene.now;
    if (!new_hash.empty()) changed.password = new_hash;
    opened.expires_at = saturating_add(scene.now, read_settings(scene.identities.settings).session_absolute);
    IdentityPlan plan{{std::move(changed)}, {auth::done(scene, action, "user:" + user)}};
    end_surplus(scene.identities, user, plan);
    add(plan);
    plan.changes.emplace_back(StoredSession{digest_bytes(*secret), user, scene.now, scene.now, opened.expires_at, caller.address});
    return plan;
  });
  if (!done) return done.error();
  return opened;
}

Result<OpenedSession> IdentityService::log_in(const LogIn& wish, const std::string& before) {
  // What is no name belongs to nobody, and takes as long.
  const auto name = user_name(wish.name);
  const std::string user = name ? *name : wish.name.substr(0, 128);
  const auto checked = check(user, wish.password, wish.address, "session.login");
  if (!checked) return checked.error();
  std::string new_hash;
  if (checked->outdated) {
    if (auto hashed = hash_password(wish.password)) new_hash = std::move(*hashed);
  }
  const Caller caller{"user:" + user, wish.address, user, false};
  return open_session(caller, user, "session.login", new_hash, [&before](IdentityPlan& plan) {
    if (!before.empty()) plan.changes.push_back(EndSession{before});
  });
}

Result<OpenedSession> IdentityService::open_visit(const Caller& caller, const ProviderVisit& visit, const std::string& provider_session) {
  const auto secret = random_secret();
  if (!secret) return secret.error();
  OpenedSession opened{{}, *secret, {}};
  auto done = change(caller, [&](const PlanScene& scene) -> Planned {
    auto plan = plan_visit(scene, visit);
    if (!plan) return plan;
    auto& user = std::get<StoredUser>(plan->changes.front());
    user.last_login = scene.now;
    opened.user = user.name;
    opened.expires_at = saturating_add(scene.now, read_settings(scene.identities.settings).session_absolute);
    AuditDetail detail;
    detail.text("provider", visit.provider);
    plan->entries.push_back({scene.now, "user:" + user.name, "session.login", "user:" + user.name, "done", caller.address, detail.take()});
    end_surplus(scene.identities, user.name, *plan);
    plan->changes.emplace_back(
        StoredSession{digest_bytes(*secret), opened.user, scene.now, scene.now, opened.expires_at, caller.address, visit.provider, provider_session});
    return plan;
  });
  if (done) return opened;
  if (done.error().code == ErrorCode::forbidden) {
    const auto taken = change(caller, [&](const PlanScene& scene) { return plan_visit_refused(scene, visit); });
    if (!taken) log::warn("auth", "roles that a provider gives no more could not be taken away", {{"error", taken.error().message}});
  }
  return done.error();
}

Result<void> IdentityService::log_out(const Caller& caller, const Principal& principal, bool everywhere) {
  const auto digest = digest_from_hex(principal.session);
  if (!digest) return Error{ErrorCode::invalid_request, "This is no session: a token is revoked with DELETE /api/v1/tokens/{id}.", ""};
  const std::string bytes(reinterpret_cast<const char*>(digest->data()), digest->size());
  return change(caller, [&](const PlanScene& scene) -> Planned {
    IdentityPlan plan;
    if (everywhere) plan.changes.push_back(EndSessionsOf{principal.id});
    else plan.changes.push_back(EndSession{bytes});
    plan.entries.push_back(done(scene, everywhere ? "session.logout_everywhere" : "session.logout", "user:" + principal.id));
    return plan;
  });
}

Result<OpenedSession> IdentityService::change_password(const Caller& caller, const std::string& user, const std::string& old_password,
                                                       const std::string& new_password) {
  if (auto fits = check_new_password(new_password, user); !fits) return fits.error();
  const auto checked = check(user, old_password, caller.address, "user.password");
  if (!checked) return checked.error();
  const auto hashed = hash_password(new_password);
  if (!hashed) return hashed.error();
  return open_session(caller, user, "user.password", *hashed, [&user](IdentityPlan& plan) { plan.changes.push_back(EndSessionsOf{user}); });
}

}  // namespace penstock::auth
