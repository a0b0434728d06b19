#include "seal/rotation.hpp"

#include <utility>

#include "base/failpoint.hpp"
#include "seal/envelope_sealer.hpp"
#include "seal/folder_lock.hpp"
#include "seal/key_ring.hpp"
#include "seal/opening.hpp"
#include "seal/random.hpp"

namespace penstock::seal {
namespace {

Error no_new_key(const KeySource& source) {
  return {ErrorCode::config_error,
          source.name() + " holds one key: put a new one (`penstock key new`) before it, restart the server with both, and rotate again.", "seal.key"};
}

// The new key first, the old ones behind it.
Result<OuterKeys> both_keys(const KeySource& source, Rotated& done) {
  auto read = OuterKeys::read(source);
  if (!read) return std::move(read).error();
  if (!*read) return Error{ErrorCode::key_mismatch, "There is no outer key at " + source.name() + ": nothing is sealed here, or put it back.", "seal.key_file"};
  OuterKeys keys = std::move(**read);
  done.resumed = keys.all().size() > 1;
  if (!done.resumed) {
    if (!source.writable()) return no_new_key(source);
    keys = keys.with(OuterKey(random_key()));
    if (auto written = keys.write(source.path); !written) return written.error();
  }
  failpoint("seal.rotate.both_keys");
  done.to = keys.current().fingerprint;
  done.from = keys.all().back().fingerprint;
  return keys;
}

}  // namespace

Result<Rotated> rotate(const KeySource& source, const std::string& data_dir, Cipher cipher, DataKeyStore& store) {
  const FolderLock lock(data_dir);
  Rotated done;
  auto keys = both_keys(source, done);
  if (!keys) return std::move(keys).error();

  const std::string path = ring_path(data_dir);
  auto ring = KeyRing::read(path, *keys);
  if (!ring) return std::move(ring).error();
  if (!*ring) return Error{ErrorCode::key_mismatch, "There is no " + path + ": nothing is sealed here, or bring it back from a backup.", ""};
  if (!(*ring)->is_under(keys->current())) {
    auto rewrapped = (*ring)->rewrapped(*keys, cipher);
    if (!rewrapped) return std::move(rewrapped).error();
    *ring = std::move(*rewrapped);
  }
  // Also where that was done before: its copy may still be the earlier one.
  if (auto written = (*ring)->write(path); !written) return written.error();
  done.roots = (*ring)->roots().size();
  failpoint("seal.rotate.ring");

  auto rewrapped = store.rewrap_all(keys->current().fingerprint, [&](const WrappedKey& key) -> Result<std::string> {
    auto opened = unwrap(*keys, data_key_place(key), key.wrapped, "The database");
    if (!opened) return std::move(opened).error();
    return wrap(keys->current(), cipher, data_key_place(key), *opened);
  });
  if (!rewrapped) return std::move(rewrapped).error();
  done.data_keys = *rewrapped;
  failpoint("seal.rotate.store_done");

  if (source.writable()) {
    if (auto written = keys->current_only().write(source.path); !written) return written.error();
  } else {
    done.old_key_to_remove = keys->all().size() > 1;
  }
  return done;
}

}  // namespace penstock::seal
