// `penstock agent` and `penstock send`
#pragma once

namespace CLI {
class App;
}

namespace penstock::app {

// Each adds its subcommand, which sets `exit_code` when it ran.
void add_agent_command(CLI::App& program, int& exit_code);
void add_send_command(CLI::App& program, int& exit_code);

}  // namespace penstock::app
