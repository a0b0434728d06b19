// `penstock journal ls|verify|dump|export`: looks at a journal's files and changes nothing, whether a server runs on them or not.
#pragma once

namespace CLI {
class App;
}

namespace penstock::app {

// Exit codes: 0; 1 when the journal is damaged (verify) or damage was passed over (dump, export); 2 when it cannot be read at all.
void add_journal_commands(CLI::App& program, int& exit_code);

}  // namespace penstock::app
