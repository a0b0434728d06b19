// What is set about sealing at rest.
#pragma once

#include <string>

namespace penstock::seal {

struct Options {
  std::string cipher = "auto";  // auto, aes-256-gcm, chacha20-poly1305, fernet; none: what comes from now on is not sealed
  std::string key;              // the outer key itself, with earlier ones behind it; empty: from a file
  std::string key_file;         // empty: the systemd credential penstock-seal-key, else seal.key in the data folder
};

}  // namespace penstock::seal
