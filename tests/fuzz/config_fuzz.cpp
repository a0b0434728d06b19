// rooms: config
// Whatever stands in the file: a configuration or reasons against it, and what is printed of a good one gives the same one again.
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "config/loader.hpp"

namespace {

penstock::config::Loaded load(std::string_view text) {
  const int file = memfd_create("config", MFD_CLOEXEC);
  if (file < 0 || write(file, text.data(), text.size()) != static_cast<ssize_t>(text.size())) std::abort();
  penstock::config::Sources sources;
  sources.file = "/proc/self/fd/" + std::to_string(file);
  penstock::config::Loaded loaded = penstock::config::load(sources);
  close(file);
  return loaded;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto loaded = load({static_cast<const char*>(static_cast<const void*>(data)), size});
  if (!loaded.errors.empty()) {
    for (const auto& error : loaded.errors) {
      if (error.message.empty()) std::abort();
    }
    return 0;
  }
  const std::string printed = penstock::config::print(loaded.config);
  if (printed.find("\"***\"") != std::string::npos) return 0;  // a secret is not printed
  const auto again = load(printed);
  if (!again.errors.empty() || penstock::config::print(again.config) != printed) std::abort();
  return 0;
}
