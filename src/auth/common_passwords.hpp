// Passwords that whoever guesses tries first.
#pragma once

#include <string_view>

namespace penstock::auth {

// Whether it is one of the words that lists of stolen passwords begin with (with letters replaced by digits that look like them, or with digits and signs
// around it: "P@ssw0rd-2026"), the user's own name or its part before the @ in the same ways, or a run along the alphabet, the digits or the keyboard. What
// NIST SP 800-63B, 3.1.1.2, asks to be refused; it asks for no rules about kinds of characters. Pure.
bool is_common_password(std::string_view password, std::string_view user);

}  // namespace penstock::auth
