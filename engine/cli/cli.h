// SPDX-License-Identifier: LGPL-3.0-or-later
// The verbs of the program `gimp-gan` and what its exit status says.
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include <glib.h>

typedef enum {
    CLI_EXIT_OK = 0,
    CLI_EXIT_FAILED = 1,        // at least one file, model or check failed
    CLI_EXIT_USAGE = 2,         // the command line is wrong; nothing was done
    CLI_EXIT_INTERRUPTED = 130, // SIGINT or SIGTERM came; as shells say it
} CliExit;

// One verb each: argv[0] is the verb itself; the result is the exit status.
CliExit cli_upscale(int argc, char **argv);
CliExit cli_restore(int argc, char **argv);
CliExit cli_generate(int argc, char **argv);
CliExit cli_info(int argc, char **argv);
CliExit cli_import(int argc, char **argv);
CliExit cli_models(int argc, char **argv);
CliExit cli_evaluate(int argc, char **argv);
CliExit cli_prepare(int argc, char **argv);
CliExit cli_train(int argc, char **argv);
CliExit cli_bench(int argc, char **argv);
CliExit cli_doctor(int argc, char **argv);

#endif
