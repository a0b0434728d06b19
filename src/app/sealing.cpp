#include "app/sealing.hpp"

#include <cstdlib>

#include "journal/sealed_with.hpp"

namespace penstock::app {

Result<seal::Opened> open_seal(const config::Config& config, FileSystem& files, const std::string& data_dir, seal::Missing missing) {
  auto needed = journal::sealed_with(files, data_dir + "/journal");
  if (!needed) return std::move(needed).error();
  return seal::open_folder(config.seal, {data_dir, std::getenv("CREDENTIALS_DIRECTORY"), std::move(*needed)}, missing);
}

}  // namespace penstock::app
