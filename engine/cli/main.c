// SPDX-License-Identifier: LGPL-3.0-or-later
// The program `gimp-gan`: finds the verb in the table and hands the rest of the command line to it.
#include "cli.h"
#include "options.h"

#include <errno.h>
#include <gan/nearest.h>
#include <glib.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct {
    const char *name;
    const char *summary;
    CliExit (*run)(int argc, char **argv);
} Verb;

// In the order of how often they are used. Help, completions and the checks of the manual page go by
// this list.
static const Verb verbs[] = {
    {"upscale", "enlarge pictures: files, folders, patterns", cli_upscale},
    {"restore", "remove noise and the damage of compression from pictures", cli_restore},
    {"generate", "make pictures out of random numbers", cli_generate},
    {"models", "list the weight files of this machine", cli_models},
    {"info", "say everything about a weight file", cli_info},
    {"import", "convert weight files to safetensors in your model folder", cli_import},
    {"prepare", "make training data ready: tiles in one file, without doubles", cli_prepare},
    {"train", "train a network by a recipe", cli_train},
    {"evaluate", "measure PSNR and SSIM against original pictures", cli_evaluate},
    {"doctor", "say what works here, what does not, and why", cli_doctor},
    {"bench", "time a network alone", cli_bench},
};

static void print_help(void)
{
    g_print("Usage:\n  gimp-gan VERB [OPTION…] [ARGUMENT…]\n\n"
            "Runs pretrained generative networks on pictures, from the weight files as they are "
            "published.\n\n"
            "Verbs:\n");
    for (gsize i = 0; i < G_N_ELEMENTS(verbs); i++)
        g_print("  %-10s %s\n", verbs[i].name, verbs[i].summary);
    g_print(
        "\nOptions:\n"
        "  -h, --help     show this text\n"
        "  -V, --version  show the version\n\n"
        "'gimp-gan VERB --help' shows the options of a verb; 'man gimp-gan' describes them all.\n\n"
        "Examples:\n"
        "  gimp-gan upscale photo.jpg --model photo-x4-detail\n"
        "  gimp-gan upscale holidays -o enlarged --recursive --scale 2\n"
        "  gimp-gan restore scans --model ./denoiser.pth --then-upscale 2:photo-x2-faithful\n");
}

static const Verb *find_verb(const char *name)
{
    for (gsize i = 0; i < G_N_ELEMENTS(verbs); i++)
        if (strcmp(verbs[i].name, name) == 0)
            return &verbs[i];
    return NULL;
}

static gboolean is_version(const char *word)
{
    return strcmp(word, "--version") == 0 || strcmp(word, "-V") == 0;
}

// Says that there is no such verb, or option in place of one, and which is near.
static CliExit complain(const char *word)
{
    const char *known[G_N_ELEMENTS(verbs) + 4] = {NULL};
    for (gsize i = 0; i < G_N_ELEMENTS(verbs); i++)
        known[i] = verbs[i].name;
    known[G_N_ELEMENTS(verbs)] = "--help";
    known[G_N_ELEMENTS(verbs) + 1] = "--version";
    known[G_N_ELEMENTS(verbs) + 2] = "help";
    const char *nearest = gan_nearest(word, known);
    g_printerr("gimp-gan: '%s' is not %s.%s%s%s 'gimp-gan --help' lists them.\n", word,
               word[0] == '-' ? "an option" : "a verb", nearest != NULL ? " Did you mean '" : "",
               nearest != NULL ? nearest : "", nearest != NULL ? "'?" : "");
    return CLI_EXIT_USAGE;
}

// Files are read as memory. One that is cut meanwhile, or lies on a disk that fails, ends the program.
static void end_without_file(int signal_number)
{
    static const char text[] = "gimp-gan: a file that was being read was cut off, or its disk "
                               "failed\n";
    const gssize written = write(STDERR_FILENO, text, sizeof text - 1);
    (void)written; // nothing more can be done here
    _exit(CLI_EXIT_FAILED);
}

// What a full disk took of the output is no success.
static void end_with_output(void)
{
    const gboolean lost = fflush(stdout) != 0;
    if (!lost && ferror(stdout) == 0)
        return;
    g_printerr("%s: the output could not be written%s%s\n", g_get_prgname(), lost ? ": " : "",
               lost ? g_strerror(errno) : "");
    _exit(CLI_EXIT_FAILED);
}

static CliExit run(int argc, char **argv)
{
    const char *first = argc > 1 ? argv[1] : NULL;
    if (first == NULL) {
        g_printerr("gimp-gan: a verb is missing. 'gimp-gan --help' lists them.\n");
        return CLI_EXIT_USAGE;
    }
    if (strcmp(first, "--help") == 0 || strcmp(first, "-h") == 0) {
        print_help();
        return CLI_EXIT_OK;
    }
    if (is_version(first) || (argc > 2 && is_version(argv[2]) && find_verb(first) != NULL)) {
        g_print("gimp-gan %s\n", CLI_VERSION);
        return CLI_EXIT_OK;
    }
    // 'gimp-gan help upscale' is what many people type first.
    if (strcmp(first, "help") == 0) {
        const Verb *about = argc > 2 ? find_verb(argv[2]) : NULL;
        if (about == NULL && argc > 2)
            return complain(argv[2]);
        if (about == NULL) {
            print_help();
            return CLI_EXIT_OK;
        }
        g_autofree char *program = g_strdup_printf("gimp-gan %s", about->name);
        g_set_prgname(program);
        char *arguments[] = {(char *)about->name, (char *)"--help", NULL};
        return about->run(2, arguments);
    }
    const Verb *verb = find_verb(first);
    if (verb == NULL)
        return complain(first);
    g_autofree char *program = g_strdup_printf("gimp-gan %s", verb->name);
    g_set_prgname(program);
    return verb->run(argc - 1, argv + 1);
}

int main(int argc, char **argv)
{
    (void)setlocale(LC_ALL, "");
    // Numbers are read and written with a point everywhere: command lines and logs are
    // shared between people.
    (void)setlocale(LC_NUMERIC, "C");
    g_set_prgname("gimp-gan");
    const struct sigaction action = {.sa_handler = end_without_file};
    sigaction(SIGBUS, &action, NULL);
    // GLib ends the program itself after --help.
    (void)atexit(end_with_output);
    return run(argc, argv);
}
