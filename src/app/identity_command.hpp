// `penstock user`, `penstock token list|revoke|create NAME`, `penstock audit verify`.
#pragma once

namespace CLI {
class App;
}

namespace penstock::app {

// With --url they ask a running server; else they work on the database of the configuration, whether a server runs on it or not.
// `exit_code` must outlive the parsing.
void add_identity_commands(CLI::App& program, int& exit_code);

}  // namespace penstock::app
