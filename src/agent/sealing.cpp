#include "agent/sealing.hpp"

#include <cstdlib>
#include <utility>

#include "agent/descriptor.hpp"
#include "agent/refused_lines.hpp"
#include "base/log.hpp"
#include "base/secret_file.hpp"
#include "seal/opening.hpp"

namespace penstock::agent {
namespace {

constexpr std::size_t kMostRefused = 64u << 20;

Result<seal::Opened> open_keys(const std::string& state_dir, const seal::Options& options, seal::Missing missing) {
  return seal::open_folder(options, {state_dir, std::getenv("CREDENTIALS_DIRECTORY"), {}}, missing);
}

}  // namespace

Result<std::unique_ptr<Sealer>> open_sealing(const std::string& state_dir, const seal::Options& options) {
  if (auto made = make_directories(state_dir); !made) return std::move(made).error();
  auto opened = open_keys(state_dir, options, seal::Missing::make);
  if (!opened) return std::move(opened).error();
  if (opened->made_key) log::info("agent", "what waits here for the server is sealed with a key that was made now", {{"file", opened->source.path}});
  return std::move(opened->sealer);
}

Result<std::string> read_refused(const std::string& state_dir, const seal::Options& options) {
  auto keys = open_keys(state_dir, options, seal::Missing::leave);
  if (!keys) return std::move(keys).error();
  std::string all;
  bool found = false;
  for (const char* name : {"/rejected.ndjson.1", "/rejected.ndjson"}) {
    auto text = read_secret_file(state_dir + name, kMostRefused);
    if (!text) return std::move(text).error();
    if (!*text) continue;
    found = true;
    auto opened = open_lines(*keys->sealer, **text);
    if (!opened) return opened;
    all += *opened;
  }
  if (!found) return Error{ErrorCode::not_found, "There is no rejected.ndjson in " + state_dir + ": nothing was refused, or name the agent's folder with --state-dir.", ""};
  return all;
}

}  // namespace penstock::agent
