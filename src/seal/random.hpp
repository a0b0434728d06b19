// Random bytes from the kernel, each call anew: nothing is kept that a forked process or a virtual machine resumed twice could use again.
#pragma once

#include <span>

#include "seal/secret_key.hpp"

namespace penstock::seal {

// Any thread. Ends the process when the kernel has none: sealing without randomness would give everything away.
void fill_random(std::span<unsigned char> bytes);

SecretKey random_key();

}  // namespace penstock::seal
