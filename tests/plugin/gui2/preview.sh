#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# The preview under the mouse and the keys, on a small screen: the line between before and after and the part that is
# shown are dragged, the zoom is changed by its buttons and by the wheel, Original is pressed, Advanced opened.
set -uo pipefail
# shellcheck source=gimp.sh
. "$(dirname "${BASH_SOURCE[0]}")/gimp.sh"
gimp 320 240 1024x768

# What the left and the right half of the preview show, as a number each. Below the words and above the progress.
halves() {
    import -window "$dialog" png:- |
        convert - '(' -clone 0 -crop 150x200+30+60 ')' '(' -clone 0 -crop 150x200+320+60 ')' -delete 0 +repage \
            -format '%# ' info:
}
# settled: waits until the preview stays the same, and sets `left` and `right`.
settled() {
    local now last='' same=0
    for _ in $(seq 60); do
        now=$(halves)
        same=$((same + 1))
        [[ $now == "$last" ]] || same=0
        ((same < 3)) || break
        last=$now
        sleep 0.3
    done
    read -r left right <<<"$now"
}
# The colour at a place of the dialog, as "R,G,B".
colour() {
    import -window "$dialog" -crop "1x1+$1+$2" +repage png:- |
        identify -format '%[fx:round(255*u.r)],%[fx:round(255*u.g)],%[fx:round(255*u.b)]' -
}
# around X Y: whether there is no picture at a place.
around() { [[ $(colour "$1" "$2") =~ ^7[67],7[67],7[67]$ ]]; }

open_dialog
settled
shot 1-whole
first_left=$left first_right=$right
drag 254 234 40 234 # the handle stands in the middle
settled
shot 2-split
[[ $left != "$first_left" && $right == "$first_right" ]] || failed 'dragging the split did not show more of the result'
drag 40 234 254 234
settled
[[ $left == "$first_left" ]] || failed 'dragged back, the split shows something else'

keys "$dialog" alt+g
settled
shot 3-original
[[ $left == "$first_left" && $right != "$first_right" ]] || failed 'Original did not show the original'
original=$right
keys "$dialog" alt+g
settled
[[ $right == "$first_right" ]] || failed 'Original, pressed again, did not show the result'
xdotool mousemove 400 200 mousedown 3
settled
[[ $right == "$original" ]] || failed 'the right mouse button did not show the original'
xdotool mouseup 3
settled
[[ $right == "$first_right" ]] || failed 'the right mouse button, let go, did not show the result'

# The picture's corner comes into view as far as it fits.
if around 150 18; then
    failed 'at 100 % the picture does not fill the preview'
fi
xdotool mousemove 135 477 click 1
settled
shot 4-fit
if ! around 150 30 || around 30 200; then
    failed 'the picture is not fitted into the preview'
fi
keys "$dialog" alt+5
settled
shot 5-half
if ! around 30 200 || around 150 200; then
    failed '50 % does not show the picture in half its size'
fi
keys "$dialog" alt+2
settled
shot 6-double
[[ $right != "$first_right" ]] || failed '200 % shows nothing else'
double_left=$left double_right=$right
keys "$dialog" alt+1
settled
[[ $left == "$first_left" && $right == "$first_right" ]] || failed 'back at 100 % the preview is another'

# Two steps of the wheel are 200 % as well, with what lies below the pointer where it was: a red disc, which is not there
# when the middle is kept.
red=$(colour 224 91)
[[ $red == 2*,*,* ]] || failed "there is no red disc but $red"
xdotool mousemove 224 91 click 4
sleep 0.3
xdotool click 4
settled
shot 7-wheel
[[ $(colour 224 91) == "$red" ]] || failed 'the wheel moved what lies below the pointer'
[[ $left != "$double_left" && $right != "$double_right" ]] || failed 'the wheel kept the middle'
for _ in 1 2 3 4; do
    xdotool click 5
    sleep 0.3
done
settled
shot 8-wheel-back
if ! around 150 30 || around 30 200; then
    failed 'the wheel does not end where all is shown'
fi
keys "$dialog" alt+2
settled
drag 300 200 220 150
settled
shot 9-part
[[ $left != "$double_left" && $right != "$double_right" ]] || failed 'dragging the part did not move it'

keys "$dialog" alt+a
sleep 1
shot 10-advanced
eval "$(xdotool getwindowgeometry --shell "$dialog" | grep -E '^(WIDTH|HEIGHT)=')"
# Titles and a panel take some of the screen.
((WIDTH <= 1024 && HEIGHT <= 700)) || failed "the dialog is ${WIDTH}x$HEIGHT, too large for the screen"
keys "$dialog" Escape
gone "$title" 10 || failed 'Escape did not close the dialog'
no_complaints ""
exit 0
