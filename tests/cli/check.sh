# SPDX-License-Identifier: LGPL-3.0-or-later
# shellcheck shell=bash
# What the tests of the program share: a folder of their own, runs with their exit status, and claims.
# The build sets GIMP_GAN (the program) and GOLDEN (weight files of tiny networks).
set -uo pipefail

: "${GIMP_GAN:?is not set; run these tests by 'meson test --suite cli'}" "${GOLDEN:?is not set}"
work=$(mktemp -d)
log=$(mktemp -d)
# A test that forgets to finish fails, too.
# shellcheck disable=SC2154 # status is set where it is asked for
trap 'status=$?; rm -rf "$work" "$log"; ((status != 0)) || [[ -n ${finished-} ]] || { echo "the test did not finish" >&2; exit 1; }' EXIT
cd "$work" || exit 1
# Nothing of the user's own takes part.
export XDG_DATA_HOME=$work/xdg/data XDG_DATA_DIRS=$work/xdg/system XDG_CACHE_HOME=$work/xdg/cache
export XDG_CONFIG_HOME=$work/xdg/config TERM=xterm LC_ALL=C.UTF-8
unset GEGL_PATH
n_failed=0

# run STATUS COMMAND…: runs it; its output goes to the files out and err, which later claims look at.
run() {
    local wanted=$1 status=0
    shift
    command_text="$*"
    "$@" >"$log/out" 2>"$log/err" || status=$?
    if ((status != wanted)); then
        claim_failed "exit status $status, wanted $wanted"
    fi
}

claim_failed() {
    n_failed=$((n_failed + 1))
    printf 'FAILED: %s\n  after: %s\n' "$1" "${command_text-}" >&2
    sed 's/^/  out: /' "$log/out" >&2 2>/dev/null
    sed 's/^/  err: /' "$log/err" >&2 2>/dev/null
}

out_says() { grep -qF -- "$1" "$log/out" || claim_failed "standard output does not say: $1"; }
err_says() { grep -qF -- "$1" "$log/err" || claim_failed "standard error does not say: $1"; }
out_is_empty() { [[ ! -s $log/out ]] || claim_failed "standard output is not empty"; }
err_is_empty() { [[ ! -s $log/err ]] || claim_failed "standard error is not empty"; }
last_line_is() { [[ $(tail -n 1 "$log/out") == "$1" ]] || claim_failed "the last line is not: $1"; }
exists() { [[ -e $1 ]] || claim_failed "$1 does not exist"; }
is_missing() { [[ ! -e $1 ]] || claim_failed "$1 exists"; }
out_is_json() { python3 -m json.tool <"$log/out" >/dev/null 2>&1 || claim_failed "no JSON"; }
out_is_json_lines() {
    python3 -c 'import json, sys
for line in sys.stdin: json.loads(line)' <"$log/out" 2>/dev/null || claim_failed "no JSON lines"
}
# json EXPRESSION: the value of a Python expression over `d`, the JSON that was printed; of JSON lines, the last one.
json() {
    python3 -c 'import json, sys
text = open(sys.argv[1]).read()
try:
    d = json.loads(text)
except ValueError:
    d = json.loads(text.splitlines()[-1])
print(eval(sys.argv[2]))' "$log/out" "$1" 2>/dev/null || echo "no such value"
}
json_is() {
    local value
    value=$(json "$1")
    [[ $value == "$2" ]] || claim_failed "$1 is $value, wanted $2"
}
# size_is FILE WIDTHxHEIGHT
size_is() {
    local size
    size=$(identify -format '%wx%h' "$1" 2>/dev/null | head -n 1)
    [[ $size == "$2" ]] || claim_failed "$1 is $size, wanted $2"
}
# Files below a folder, hidden ones too, sorted, in one line.
files_are() {
    local found
    found=$(cd "$1" && find . -type f | sed 's|^\./||' | LC_ALL=C sort | tr '\n' ' ')
    [[ ${found% } == "$2" ]] || claim_failed "$1 holds '${found% }', wanted '$2'"
}

# To be the last line of a test.
finish() {
    finished=yes
    if ((n_failed > 0)); then
        echo "$n_failed claims failed" >&2
        exit 1
    fi
    exit 0
}

# A picture with a pattern; the same on every run.
picture() { convert -size "$1" plasma:tomato-steelblue -seed 1 -depth 8 "$2"; }
