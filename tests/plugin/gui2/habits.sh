#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# Small things that people do: a factor is written as a fraction, the unit of the size is changed and Reset pressed, Advanced
# is opened and closed in a window that is as low as it may be, and a new image has a name, under which Save asks first.
set -uo pipefail
# shellcheck source=gimp.sh
. "$(dirname "${BASH_SOURCE[0]}")/gimp.sh"
gimp 160 120
mkdir -p "$profile/gimp-gan"
printf '[values]\nmodel=tiny-x2\nscope=new-image\n' >"$profile/gimp-gan/upscale.ini"
open_dialog
sleep 1

# The unit's field, as a number.
unit() { import -window "$dialog" -crop 56x28+762+170 +repage png:- | identify -format '%#' -; }
height() { xdotool getwindowgeometry --shell "$dialog" | sed -n 's/^HEIGHT=//p'; }
pixels=$(unit)
xdotool mousemove 787 183 click 1
sleep 0.5
xdotool key Down Return
sleep 0.5
xdotool mousemove 500 560
sleep 0.3
shot 1-unit
[[ $(unit) != "$pixels" ]] || failed 'the unit is not changed'
keys "$dialog" alt+r
sleep 0.7
shot 2-reset
[[ $(unit) == "$pixels" ]] || failed 'Reset left the unit as it was'

xdotool windowsize "$dialog" 980 300
sleep 1
low=$(height)
keys "$dialog" alt+a
sleep 1
shot 3-advanced
(($(height) > low)) || failed "with Advanced open the window is as low as before: $low"
keys "$dialog" alt+a
sleep 1
shot 4-closed
(($(height) == low)) || failed "with Advanced closed the window is $(height) high, not $low as before"

keys "$dialog" alt+s
xdotool key Down
sleep 1
keys "$dialog" alt+f
xdotool key ctrl+a type 3/2
xdotool key Tab
sleep 1
shot 5-factor
keys "$dialog" alt+u
gone "$title" 20 || failed 'the button did not close the dialog'
# GIMP takes what follows a dot for an ending, and knows none called 5.
made=$(seen 'picture ×1·5.*240x180' 60) || failed 'there is no image called picture ×1·5'
sleep 0.7
shot 6-named
keys "$made" ctrl+s
question=$(seen '^Save Image$' 20) || failed 'Save does not ask where to'
sleep 1
shot 7-save
keys "$question" Return
seen 'picture ×1·5.xcf.*240x180' 20 >/dev/null || failed 'Save does not take the name that it shows'
[[ -s $work/picture\ ×1·5.xcf ]] || failed 'what was saved is not beside the picture'
no_complaints crashed
exit 0
