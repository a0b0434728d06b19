// What sealing costs: a small frame, a frame of a busy second, a block of a chunk; by cipher. Counters: bytes a second.
#include <benchmark/benchmark.h>

#include <string>

#include "seal/aead.hpp"
#include "seal/random.hpp"

namespace penstock::seal {
namespace {

constexpr std::string_view kPlace = "24 bytes of a place here";

void seal_bytes(benchmark::State& state) {
  const auto cipher = static_cast<Cipher>(state.range(0));
  const SecretKey key = random_key();
  const Salt salt = random_salt();
  const std::string plain(static_cast<std::size_t>(state.range(1)), 'x');
  std::string out;
  for (auto _ : state) {
    out.clear();
    if (!seal_onto(out, cipher, key, salt, kPlace, plain)) state.SkipWithError("OpenSSL refused");
    benchmark::DoNotOptimize(out.data());
  }
  state.SetLabel(std::string(cipher_name(cipher)));
  state.SetBytesProcessed(state.iterations() * state.range(1));
}
BENCHMARK(seal_bytes)->ArgsProduct({{1, 2, 3}, {200, 8 << 10, 128 << 10}});

void open_bytes(benchmark::State& state) {
  const auto cipher = static_cast<Cipher>(state.range(0));
  const SecretKey key = random_key();
  std::string sealed;
  if (!seal_onto(sealed, cipher, key, random_salt(), kPlace, std::string(static_cast<std::size_t>(state.range(1)), 'x'))) return;
  for (auto _ : state) {
    auto opened = open_sealed(key, kPlace, sealed);
    benchmark::DoNotOptimize(opened);
  }
  state.SetLabel(std::string(cipher_name(cipher)));
  state.SetBytesProcessed(state.iterations() * state.range(1));
}
BENCHMARK(open_bytes)->ArgsProduct({{1, 2, 3}, {8 << 10}});

}  // namespace
}  // namespace penstock::seal
