// `penstock backup` and `penstock restore`.
#pragma once

namespace CLI {
class App;
}

namespace penstock::app {

// Exit codes: 0; 1 when it could not be done, and nothing was left half done under the name asked for.
void add_backup_commands(CLI::App& program, int& exit_code);

}  // namespace penstock::app
