#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# Rows for a file, a layer, a colour, a seed and a model for another task: what is chosen in them is what a run gets, and
# Reset brings back what was there. PLUGIN has the tests' menu item that asks for them.
set -uo pipefail
# shellcheck source=gimp.sh
. "$(dirname "${BASH_SOURCE[0]}")/gimp.sh"
export KINDS=$work/kinds
# GTK 2's dialog for files loses names and errors, in functions that have no names. What passes through GTK is let be in
# this test; those of the other dialogs are strict.
if [[ ${LSAN_OPTIONS:-} =~ suppressions=([^:]+) ]]; then
    { cat "${BASH_REMATCH[1]}" && echo 'leak:libgtk-x11-2.0.so'; } >"$work/lsan.supp"
    export LSAN_OPTIONS=suppressions=$work/lsan.supp:print_suppressions=0
fi
cp "$GOLDEN/rrdb-basicsr-x1.pth" "$work/own/data/gimp-gan/models/clean-x1.pth"
gimp 160 120

# value NAME: of the last run.
value() { sed -n "s/^$1=//p" "$KINDS"; }
# run: presses the button, and waits for the values.
run() {
    sleep 1 # the estimate asks for the values as well
    rm -f "$KINDS"
    keys "$dialog" alt+k
    gone "$title" 20 || failed 'the button did not close the dialog'
    for _ in $(seq 50); do
        [[ -s $KINDS ]] && break
        sleep 0.1
    done
    cat "$KINDS" || failed 'there was no run'
}

open_dialog
shot 1-dialog
run
[[ $(value file) == '' && $(value other) == 0 && $(value colour) == '#ff8000' ]] || failed 'the initial values are others'
[[ $(value denoiser) == clean-x1 ]] || failed 'the first model that restores was not taken'
(($(value seed) >= 0)) || failed 'the dialog chose no seed'

# The values of last time; the keys go through the rows.
open_dialog
keys "$dialog" alt+s
xdotool key ctrl+a type 4711
keys "$dialog" alt+o Down
keys "$dialog" alt+f space
chooser=$(seen '^File$' 20) || failed 'no dialog for a file'
sleep 1
keys "$chooser" slash
xdotool key ctrl+a type --delay 40 "$work/picture.png"
sleep 1
xdotool key Return
gone '^File$' 20 || failed 'the dialog for a file did not close'
sleep 0.5
shot 2-chosen
run
[[ $(value file) == "$work/picture.png" ]] || failed 'the file was not chosen'
(($(value other) > 0)) || failed 'the layer was not chosen'
[[ $(value seed) == 4711 ]] || failed 'the seed was not taken'

open_dialog
keys "$dialog" alt+n
run
[[ $(value seed) != 4711 && $(value seed) -ge 0 ]] || failed 'New Seed did not give another one'
[[ $(value file) == "$work/picture.png" && $(value other) == 0 ]] || failed 'the values of last time are others'

open_dialog
keys "$dialog" alt+r
sleep 0.5
shot 3-reset
run
[[ $(value file) == '' && $(value colour) == '#ff8000' ]] || failed 'Reset did not bring back the initial values'
no_complaints ""
exit 0
