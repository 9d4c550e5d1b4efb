#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# Restore… as a user meets it: its dialog offers the models that keep the size, and for enlarging those that enlarge; a
# run keeps the size of the image, or makes it larger when that is asked for. The window of models stands last in the menu.
# TASK is restore.
set -uo pipefail
# shellcheck source=gimp.sh
. "$(dirname "${BASH_SOURCE[0]}")/gimp.sh"
cp "$GOLDEN/rrdb-basicsr-x1.pth" "$work/own/data/gimp-gan/models/tiny-x1.pth"
values=$profile/gimp-gan/restore.ini
gimp 160 120

# Below GAN stands Script-Fu alone.
keys "$main" alt+r
sleep 1
xdotool key Up Up
sleep 0.5
xdotool key Right Up
sleep 0.5
shot 1-menu
xdotool key Return
window=$(seen '^Models$' 30) || failed 'the last item of the menu does not open Models'
keys "$window" Escape
gone '^Models$' 10 || failed 'Models does not close'

open_dialog
sleep 2
shot 2-dialog
keys "$dialog" Return
gone "$title" 20 || failed 'Return did not close the dialog'
for _ in $(seq 100); do
    [[ -s $values ]] && break
    sleep 0.1
done
seen 'picture.*160x120' 20 >/dev/null || failed 'the image has another size'
if ! grep -qx 'model=tiny-x1' "$values" || ! grep -qx 'enlarge-model=tiny-x2' "$values"; then
    failed "the models are not those of their tasks: $(cat "$values")"
fi

open_dialog
keys "$dialog" alt+e
xdotool key ctrl+a type 3
xdotool key Tab
sleep 2
shot 3-enlarge
keys "$dialog" alt+t
seen 'picture.*480x360' 60 >/dev/null || failed 'the restored image was not enlarged'
keys "$main" ctrl+z
seen 'picture.*160x120' 20 >/dev/null || failed 'one Undo did not bring the size back'
no_complaints crashed
exit 0
