#include "journal/sync_probe.hpp"

#include <algorithm>
#include <span>
#include <vector>

namespace penstock::journal {
namespace {

Result<SyncRate> measure(File& file, const Clock& clock, const SyncProbeOptions& options) {
  if (auto done = file.allocate(options.commits * options.bytes); !done) return done.error();
  if (auto done = file.sync_data(); !done) return done.error();
  std::string bytes(options.bytes, '\0');
  std::vector<std::chrono::nanoseconds> times;
  const auto deadline = clock.steady_now() + options.at_most;
  do {
    // What is the same as before might be left out by the disk.
    const auto number = static_cast<unsigned char>(times.size());
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(number * 31 + i * 7);
    const auto begin = clock.steady_now();
    if (auto done = file.write_at(times.size() * options.bytes, std::as_bytes(std::span(bytes))); !done) return done.error();
    if (auto done = file.sync_data(); !done) return done.error();
    times.push_back(clock.steady_now() - begin);
  } while (times.size() < options.commits && clock.steady_now() < deadline);
  std::sort(times.begin(), times.end());
  return SyncRate{times.size(), times[times.size() / 2], times[(times.size() - 1) * 99 / 100], times.back()};
}

}  // namespace

Result<SyncRate> probe_sync(FileSystem& files, const Clock& clock, const std::string& path, const SyncProbeOptions& options) {
  auto file = files.create(path);
  if (!file) return std::move(file).error();
  auto times = measure(**file, clock, options);
  file->reset();
  if (auto gone = files.remove(path); !gone && times) return std::move(gone).error();
  return times;
}

}  // namespace penstock::journal
