#include "app/stop_signals.hpp"

#include <csignal>
#include <mutex>

namespace penstock::app {
namespace {

StopFlag stop{false};
static_assert(StopFlag::is_always_lock_free, "a signal handler may only touch lock-free atomics");

void on_signal(int) { stop = true; }

}  // namespace

const StopFlag& stop_on_signals() {
  static std::once_flag once;
  std::call_once(once, [] {
    struct sigaction action = {};
    action.sa_handler = on_signal;  // without SA_RESTART: a blocking read of standard input ends
    for (const int signal : {SIGTERM, SIGINT}) sigaction(signal, &action, nullptr);
    std::signal(SIGPIPE, SIG_IGN);
  });
  return stop;
}

}  // namespace penstock::app
