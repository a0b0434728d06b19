// What it costs on every request to know who sends it, among ten thousand tokens.
#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "auth/head_authenticator.hpp"
#include "auth/identity_cache.hpp"
#include "auth/identity_service.hpp"
#include "base/log.hpp"
#include "core/system_clock.hpp"
#include "support/fake_identity_store.hpp"

namespace penstock::auth {
namespace {

class NoLog final : public AuditLog {
 public:
  void tell(AuditEntry) override {}
};

struct House {
  House() {
    log::set_level("off");
    Grant grant;
    grant.deployment = "shop";
    grant.rights = kIngest;
    std::vector<IdentityChange> changes;
    for (int i = 0; i < 10'000; ++i) {
      const auto drawn = draw_token();
      StoredToken token{drawn->id, "agent", drawn->prefix, drawn->digest, "", "shop", clock.now(), "admin"};
      token.grants = {{0, "shop", {"ingest"}}};
      changes.emplace_back(std::move(token));
      headers.push_back("Bearer " + drawn->secret);
    }
    benchmark::DoNotOptimize(store.apply(1, changes, {}));
    benchmark::DoNotOptimize(cache.refresh());
    authenticator.add("pst_the-first-administrators-token", Principal{.kind = PrincipalKind::configured, .name = "admin"});
    authenticator.add(cache.tokens());
  }

  SystemClock clock;
  test::FakeIdentityStore store;
  IdentityCache cache{store, clock, {}};
  HeadAuthenticator authenticator;
  std::vector<std::string> headers;
};

void know_a_token(benchmark::State& state) {
  static House house;
  std::size_t i = 0;
  for (auto _ : state) {
    Credentials credentials;
    credentials.authorization = house.headers[i++ % house.headers.size()];
    benchmark::DoNotOptimize(house.authenticator.authenticate(credentials));
  }
}
BENCHMARK(know_a_token)->ThreadRange(1, 2);

}  // namespace
}  // namespace penstock::auth
