#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# A menu item that needs no image, as a user meets it who has none open: its dialog has no preview, what it makes is a new
# image that closing asks about, and neither Cancel nor a failure opens one. TASK is pattern, of the tests' own.
set -uo pipefail
# shellcheck source=gimp.sh
. "$(dirname "${BASH_SOURCE[0]}")/gimp.sh"
values=$profile/gimp-gan/pattern.ini
# width_of WINDOW
width_of() { import -window "$1" "$work/window.png" && identify -format %w "$work/window.png"; }
gimp_alone

# Below GAN stands Script-Fu alone.
keys "$main" alt+r
sleep 1
xdotool key Up Up
sleep 0.5
xdotool key Right
sleep 0.5
shot 1-menu
xdotool key Escape Escape Escape
sleep 0.5

open_dialog
sleep 3
shot 2-dialog
(($(width_of "$dialog") < 700)) || failed 'the dialog has room for a preview'
keys "$dialog" Escape
gone "$title" 20 || failed 'Cancel does not close the dialog'
sleep 1
[[ ! -e $values ]] || failed 'Cancel kept values'

open_dialog
keys "$dialog" alt+w
xdotool key ctrl+a type 200
xdotool key Tab
sleep 1
shot 3-wide
keys "$dialog" alt+p
made=$(seen 'Squares.*200x64' 30) || failed 'no new image of 200 x 64 pixels'
sleep 1
shot 4-image
grep -qx 'width=200' "$values" || failed "the width was not kept: $(cat "$values")"

# With the values of last time, but for a seed that fails.
main=$made
open_dialog
(($(width_of "$dialog") < 700)) || failed 'the dialog has room for a preview of an image that it is not about'
keys "$dialog" alt+s
xdotool key ctrl+a type 6
xdotool key Tab
sleep 1
keys "$dialog" alt+p
message=$(seen '^GIMP Message$' 20) || failed 'nothing tells of the failure'
sleep 1
shot 5-failed
keys "$message" Escape
keys "$main" ctrl+w
question=$(seen '^Close' 20) || failed 'closing the new image does not ask'
sleep 0.5
shot 6-close
keys "$question" ctrl+d
seen '^GNU Image Manipulation Program$' 20 >/dev/null || failed 'there was more than one image'
no_complaints crashed
exit 0
