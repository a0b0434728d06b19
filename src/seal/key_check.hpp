// Tries the keys that the store keeps.
#pragma once

#include <cstdint>
#include <functional>

#include "penstock/ports/data_keys.hpp"
#include "seal/outer_key.hpp"

namespace penstock::seal {

struct TriedKeys {
  std::uint64_t good = 0, bad = 0;
};

// Each key is opened with the outer keys; `problem` is called with those that do not open. canceled: `go_on` said no. Errors as of the store.
Result<TriedKeys> try_data_keys(const OuterKeys& outer, DataKeyStore& store, const std::function<void(const WrappedKey&, const Error&)>& problem,
                                const std::function<bool()>& go_on = {});

}  // namespace penstock::seal
