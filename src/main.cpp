#include "app/command_line.hpp"

int main(int argc, char** argv) { return penstock::app::run(argc, argv); }
