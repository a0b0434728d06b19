// `penstock key`: the keys of sealing at rest.
#pragma once

namespace CLI {
class App;
}

namespace penstock::app {

void add_key_commands(CLI::App& program, int& exit_code);

}  // namespace penstock::app
