// The words of the command line, before they are parsed.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace penstock::app {

// Takes them out of argv, in which others of this machine can read them for as long as the process lives: values of flags that are secret are
// overwritten there. "help WORDS…" becomes "WORDS… --help".
std::vector<std::string> take_arguments(int argc, char** argv);

// A word where a command's name must stand that is none, or none where one must stand, told with the names that may stand there.
std::optional<std::string> wrong_word(const CLI::App& program, const std::vector<std::string>& arguments);

// A flag that the command does not have, told with the one that is nearest.
std::optional<std::string> wrong_flag(const CLI::App& program, const std::vector<std::string>& arguments);

}  // namespace penstock::app
