#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# GIMP 2.10 on a screen of its own: the dialog opens by a key bound to the menu item, its preview fills, Cancel leaves
# the image alone, Upscale enlarges it in one step that can be undone and redone, Repeat does it again.
# PLUGIN, GOLDEN, PICTURE (the program that draws the test picture) and SHOTS (the folder for screenshots) are set.
set -uo pipefail
# shellcheck source=gimp.sh
. "$(dirname "${BASH_SOURCE[0]}")/gimp.sh"

gimp 160 120
shot 1-image
xdotool windowfocus --sync "$main"
began=$(date +%s%N)
xdotool key ctrl+shift+alt+g
dialog=$(seen "$title" 60) || failed 'the dialog did not open'
echo "dialog after $((($(date +%s%N) - began) / 1000000)) ms"
# The preview's picture has many more colours than the dialog.
colours=0
for _ in $(seq 100); do
    colours=$(import -window "$dialog" png:- | identify -format '%k' - 2>/dev/null)
    ((${colours:-0} > 2000)) && break
    sleep 0.2
done
sleep 2 # for the estimate
shot 2-dialog
((${colours:-0} > 2000)) || failed "the preview did not fill: $colours colours"

keys "$dialog" Escape
gone "$title" 10 || failed 'Escape did not close the dialog'
sleep 1
seen 'picture.*160x120' 5 >/dev/null || failed 'Cancel changed the image'
[[ ! -e $profile/gimp-gan/upscale.ini ]] || failed 'Cancel kept values'

keys "$main" ctrl+shift+alt+g
dialog=$(seen "$title" 60) || failed 'the dialog did not open again'
sleep 1
keys "$dialog" Return
gone "$title" 20 || failed 'Return did not close the dialog'
seen 'picture.*320x240' 60 >/dev/null || failed 'Upscale did not enlarge the image'
sleep 0.7
shot 3-result
[[ -s $profile/gimp-gan/upscale.ini ]] || failed 'Upscale kept no values'

keys "$main" ctrl+z
seen 'picture.*160x120' 20 >/dev/null || failed 'one Undo did not bring the image back'
sleep 0.5
shot 4-undone
keys "$main" ctrl+y
seen 'picture.*320x240' 20 >/dev/null || failed 'one Redo did not enlarge the image again'
sleep 0.5
shot 5-redone
keys "$main" ctrl+f
seen 'picture.*640x480' 60 >/dev/null || failed 'Repeat did not enlarge the image again'
sleep 0.5
shot 6-repeated
no_complaints crashed
exit 0
