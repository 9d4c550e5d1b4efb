# SPDX-License-Identifier: LGPL-3.0-or-later
# shellcheck shell=bash disable=SC2034 # `main` is for who includes it
# For the tests beside it: GIMP 2.10 with the plug-in alone, on a screen of its own, with a picture open.
# PLUGIN, GOLDEN, PICTURE (the program that draws the test picture) and SHOTS (the folder for screenshots) are set.
# gimp WIDTH HEIGHT [SCREEN] starts it and sets `main`, its window; gimp_alone without a picture. open_dialog opens the dialog of `task` and sets
# `dialog`; its title is to fit `title`.
task=${TASK:-upscale} title=${TITLE:-^Upscale$}
: "${PLUGIN:?}" "${GOLDEN:?}" "${PICTURE:?}" "${SHOTS:?}"
# shellcheck source=../screen.sh
. "$(dirname "${BASH_SOURCE[0]}")/../screen.sh"
needed gimp-2.10 identify

# GIMP takes a folder that exists for a whole profile and misses what is not in it.
profile=$work/profile
mkdir -p "$profile"/{gradients,plug-ins/gimp-gan} "$work"/own/data/gimp-gan/models
ln -s "$PLUGIN" "$profile/plug-ins/gimp-gan/gimp-gan"
cp "$GOLDEN/srvgg-relu-x2.pth" "$work/own/data/gimp-gan/models/tiny-x2.pth"
system=$(pkg-config --variable=gimplibdir gimp-2.0)/plug-ins
for name in script-fu file-png; do
    mkdir -p "$profile/system/$name"
    ln -s "$system/$name/$name" "$profile/system/$name/$name"
done
printf '(plug-in-path "%s")\n' "$profile/plug-ins:$profile/system" >"$profile/gimprc"
printf '(gtk_accel_path "<Actions>/plug-in/plug-in-gan-%s" "<Primary><Shift><Alt>g")\n' "$task" >"$profile/menurc"
export GIMP2_DIRECTORY=$profile LC_ALL=C.UTF-8 NO_AT_BRIDGE=1
own_folders "$work/own"
unset WAYLAND_DISPLAY GEGL_PATH GTK_MODULES

# Nothing of what was done may have made GIMP or GTK complain. Words given are looked for as well.
no_complaints() {
    if grep -aE "CRITICAL|WARNING \*\*|Sanitizer${1:+|$1}" "$work/gimp.log"; then
        failed 'GIMP complained'
    fi
}

gimp() {
    "$PICTURE" "$1" "$2" "$work/picture.png" || exit 1
    start_gimp "${3:-1280x1000}" "picture.*$1x$2" "$work/picture.png"
}
gimp_alone() { start_gimp 1280x1000 '^GNU Image Manipulation Program$'; }
# start_gimp SCREEN TITLE [PICTURE]
start_gimp() {
    screen "$1"
    gimp-2.10 -d -f -s -n "${@:3}" >"$work/gimp.log" 2>&1 &
    gimp_id=$!
    main=$(seen "$2" 90) || failed 'GIMP did not open its window'
    sleep 1.5 # its menus are built after its window is there
}

# drag X Y X Y: presses at the first place, goes to the second in steps, and lets go.
drag() {
    local i
    xdotool mousemove "$1" "$2" mousedown 1
    for i in 1 2 3 4 5 6 7 8; do
        sleep 0.05
        xdotool mousemove $(($1 + ($3 - $1) * i / 8)) $(($2 + ($4 - $2) * i / 8))
    done
    sleep 0.3
    xdotool mouseup 1
}
# By the key, to the upper left corner.
open_dialog() {
    keys "$main" ctrl+shift+alt+g
    dialog=$(seen "$title" 60) || failed 'the dialog did not open'
    xdotool windowmove "$dialog" 0 0
    sleep 1
}
