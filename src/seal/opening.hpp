// The sealer of a data folder, from what lies there: outer key, key ring.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "penstock/core/result.hpp"
#include "seal/envelope_sealer.hpp"
#include "seal/options.hpp"

namespace penstock::seal {

struct Folder {
  std::string data_dir;
  const char* credentials_directory = nullptr;  // $CREDENTIALS_DIRECTORY
  std::vector<KeyId> needed;                    // keys that something in the folder is sealed with; 0 is none
};

struct Opened {
  std::unique_ptr<Sealer> sealer;
  EnvelopeSealer* envelope = nullptr;  // the same, where anything is or will be sealed
  KeySource source;
  bool made_key = false;               // now: whoever runs this must be told to keep a copy
};

enum class Missing { make, leave };

std::string ring_path(const std::string& data_dir);

// nullopt: `none`, nothing new is sealed. config_error: no such cipher.
Result<std::optional<Cipher>> cipher_of(const Options& options);

// With Missing::make an outer key and a ring are made where there are none, and are durable before this returns; with Missing::leave a folder
// without them opens as one that is not sealed. key_mismatch: the outer key is missing or another; corrupt: both copies of the ring are
// damaged, or it has not got a key that is needed. Nothing is changed then.
Result<Opened> open_folder(const Options& options, const Folder& folder, Missing missing);

}  // namespace penstock::seal
