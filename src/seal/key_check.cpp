#include "seal/key_check.hpp"

#include "seal/envelope_sealer.hpp"

namespace penstock::seal {

Result<TriedKeys> try_data_keys(const OuterKeys& outer, DataKeyStore& store, const std::function<void(const WrappedKey&, const Error&)>& problem,
                                const std::function<bool()>& go_on) {
  TriedKeys tried;
  const auto looked = store.each([&](const WrappedKey& key) -> Result<void> {
    if (go_on && !go_on()) return Error{ErrorCode::canceled, "The keys were not all tried: the server stops.", ""};
    if (auto opened = unwrap(outer, data_key_place(key), key.wrapped, "The database")) {
      ++tried.good;
    } else {
      ++tried.bad;
      problem(key, opened.error());
    }
    return {};
  });
  if (!looked) return looked.error();
  return tried;
}

}  // namespace penstock::seal
