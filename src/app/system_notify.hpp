// The service manager's notification protocol (sd_notify(3)): a datagram to the socket named in NOTIFY_SOCKET.
#pragma once

#include <string_view>

namespace penstock::app {

// Does nothing when nobody listens.
void system_notify(std::string_view state);

}  // namespace penstock::app
