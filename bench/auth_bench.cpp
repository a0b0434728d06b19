// What it costs on every request to know who sends it, among ten thousand tokens.
#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "auth/forward_clock.hpp"
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

  SystemClock wall;
  ForwardClock clock{wall};
  test::FakeIdentityStore store;
  IdentityCache cache{store, clock, {}};
  HeadAuthenticator authenticator;
  std::vector<std::string> headers;
};

// Of so many that come in turn: of one, as from an agent that is alone, of all, which no cache near the processor holds.
void know_a_token(benchmark::State& state) {
  static House house;
  const auto many = static_cast<std::size_t>(state.range(0));
  std::size_t i = 0;
  for (auto _ : state) {
    Credentials credentials;
    credentials.authorization = house.headers[i++ % many];
    // A server has just read the head that it asks about.
    const std::string& next = house.headers[i % many];
    __builtin_prefetch(next.data());
    __builtin_prefetch(next.data() + next.size() - 1);
    benchmark::DoNotOptimize(house.authenticator.authenticate(credentials));
  }
}
BENCHMARK(know_a_token)->Arg(1)->Arg(10'000)->ThreadRange(1, 2);

// What they may do: of somebody with so many deployments, each narrowed to some sources.
void decide(benchmark::State& state) {
  std::vector<Grant> many;
  for (std::int64_t i = 0; i < state.range(0); ++i) {
    Grant& grant = many.emplace_back();
    grant.deployment = "deployment-" + std::to_string(i);
    grant.rights = kIngest | Right::logs_read;
    grant.sources = {"web-*", "db"};
  }
  const Grants grants(std::move(many));
  for (auto _ : state) benchmark::DoNotOptimize(grants.may(Right::ingest_logs, {"deployment-7", "web-12"}));
}
BENCHMARK(decide)->Arg(1)->Arg(20)->Arg(1000);

}  // namespace
}  // namespace penstock::auth
