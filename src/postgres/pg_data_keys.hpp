// Data keys in the tables data_key and sealing.
#pragma once

#include <mutex>
#include <string>
#include <vector>

#include "penstock/ports/chunk_store.hpp"
#include "penstock/ports/data_keys.hpp"
#include "postgres/kept_connection.hpp"
#include "postgres/options.hpp"

namespace penstock::postgres {

// Thread-safe; one connection of its own, opened when first needed. The schema must be there.
class PgDataKeys final : public DataKeyStore {
 public:
  explicit PgDataKeys(ConnectionOptions connection) : connection_(std::move(connection)) {}

  Result<std::string> outer_in_force(const std::string& own) override;
  Result<WrappedKey> in_force(const WrappedKey& fresh, const std::string& outer) override;
  Result<std::vector<WrappedKey>> around(KeyId id) override;
  Result<std::uint64_t> rewrap_all(const std::string& outer, const std::function<Result<std::string>(const WrappedKey&)>& rewrap) override;
  Result<void> each(const std::function<Result<void>(const WrappedKey&)>& visit) override;
  Result<std::uint64_t> retire_all() override;
  Result<std::uint64_t> destroy(const std::string& deployment) override;
  Result<DataKeyCounts> counts() override;

 private:
  std::mutex mutex_;
  KeptConnection connection_;
};

// Within the caller's transaction: the keys that these chunks and letters are sealed with are there, and stay until it ends. key_mismatch.
Result<void> hold_data_keys(PqConnection& open, const std::vector<Chunk>& chunks, const std::vector<DeadLetter>& letters);

}  // namespace penstock::postgres
