// arguments → configuration → what was asked for → exit code.
#pragma once

namespace penstock::app {

// 0: done; 1: it failed (the reason is on standard error); 2: the command line or the configuration is wrong.
int run(int argc, char** argv);

}  // namespace penstock::app
