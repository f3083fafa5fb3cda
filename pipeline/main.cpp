#include "pipeline/commands/commands.h"

int main(int argc, char** argv) { return pipeline::commands::run(argc, argv); }
