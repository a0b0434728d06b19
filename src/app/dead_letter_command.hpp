// `penstock dead-letter ls|show|replay|discard`: records that the store could not take, through a running server.
#pragma once

namespace CLI {
class App;
}

namespace penstock::app {

// Exit codes: 0; 1 when some letters could not be changed; 2 when the server could not be asked, or refused.
void add_dead_letter_commands(CLI::App& program, int& exit_code);

}  // namespace penstock::app
