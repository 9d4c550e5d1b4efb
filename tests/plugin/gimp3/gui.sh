#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# Opens a picture in GIMP 3 under Xvfb and works with the plug-in as a user does: from the menu, by a key, Cancel, Upscale,
# undo, redo, a new start. Screenshots of each step are kept in SHOTS.
# Usage: gui.sh, with PLUGIN (the plug-in's program), WITH_TASKS (the one with the tests' menu items), GOLDEN and SHOTS set.
set -uo pipefail
: "${PLUGIN:?}" "${WITH_TASKS:?}" "${GOLDEN:?}" "${SHOTS:?}"
# GTK 3 and GIMP look for a session bus; without one each start waits for it.
if [[ -z ${DBUS_SESSION_BUS_ADDRESS:-} ]] && command -v dbus-run-session >/dev/null; then
    exec dbus-run-session -- bash "$0" "$@"
fi
# shellcheck source=../screen.sh
. "$(dirname "${BASH_SOURCE[0]}")/../screen.sh"
gimp=$(command -v gimp-3 gimp-3.2 gimp-3.0 | head -n 1)
needed "${gimp:-gimp-3}" dbus-run-session convert compare pgrep

profile=$work/profile
mkdir -p "$profile/plug-ins/gimp-gan" "$work"/{data/gimp-gan/models,config,cache,run}
chmod 700 "$work/run"
ln -s "$PLUGIN" "$profile/plug-ins/gimp-gan/gimp-gan"
cp "$GOLDEN/srvgg-relu-x2.pth" "$work/data/gimp-gan/models/tiny-x2.pth"
cp "$GOLDEN/srvgg-prelu-x4.pth" "$work/data/gimp-gan/models/tiny-x4.pth"
system=$(pkg-config --variable=gimplibdir gimp-3.0)/plug-ins
for name in script-fu file-png; do
    mkdir -p "$profile/system/$name"
    ln -s "$system/$name/$name" "$profile/system/$name/$name"
done
printf '%s\n' "(plug-in-path \"$profile/plug-ins:$profile/system\")" "(config-version \"$(pkg-config --modversion gimp-3.0)\")" \
    '(show-welcome-dialog no)' '(check-updates no)' '(color-profile-policy keep)' >"$profile/gimprc"
printf '%s\n' '(file-version 1)' '(action "plug-in-gan-upscale" "<Primary><Shift><Alt>g")' \
    '(action "plug-in-gan-models" "<Primary><Shift><Alt>m")' \
    '(action "plug-in-gan-pattern" "<Primary><Shift><Alt>p")' >"$profile/shortcutsrc"
last=$profile/plug-in-settings/GimpProcedureConfigRun-plug-in-gan-upscale.last
export GIMP3_DIRECTORY=$profile LC_ALL=C.UTF-8 NO_AT_BRIDGE=1 GDK_BACKEND=x11 GTK_OVERLAY_SCROLLING=0
export XDG_RUNTIME_DIR=$work/run
own_folders "$work"
convert -size 128x96 plasma:tomato-steelblue -strip "PNG24:$work/picture.png"
convert -size 1600x1200 plasma:tomato-steelblue -strip "PNG48:$work/large.png"

screen 1280x900

# Milliseconds between the key and the window, in `took_ms`.
open_dialog() {
    local began
    keys "$image" shift
    began=$(date +%s%N)
    xdotool key "$1"
    dialog=$(seen "^$2\$" 30) || failed "$3"
    took_ms=$((($(date +%s%N) - began) / 1000000))
}

# The preview's canvas, the upper left part of the dialog.
grab_preview() {
    import -window "$dialog" "$work/dialog.png" &&
        convert "$work/dialog.png" -gravity NorthWest -crop 45%x70%+0+0 +repage "$1"
}

differing() {
    compare -metric AE "$1" "$2" null: 2>&1
}

# Waits until the preview stands still with a picture in it; what it shows must be other pixels than the original's.
wait_preview() {
    local still=0
    grab_preview "$work/last.png"
    for ((i = 0; i < 200 && still < 5; i++)); do
        sleep 0.2
        grab_preview "$work/now.png"
        still=$((still + 1))
        [[ $(differing "$work/now.png" "$work/last.png") == 0* ]] || still=0
        (($(convert "$work/now.png" -format %k info:) > 2000)) || still=0
        mv "$work/now.png" "$work/last.png"
    done
    ((still == 5)) || failed 'no preview after 40 seconds'
    keys "$dialog" alt+g
    sleep 0.5
    grab_preview "$work/original.png"
    [[ $(differing "$work/original.png" "$work/last.png") != 0* ]] ||
        failed 'the preview shows the original only'
    keys "$dialog" alt+g
    sleep 0.5
}

# Fails when the plug-in made GTK or GLib complain.
complaints() {
    if grep -E 'gimp-gan.*(CRITICAL|WARNING)' "$work/gimp.log" | grep -v 'gimp_flush(): error: Broken pipe'; then
        failed 'the plug-in makes GTK or GLib complain'
    fi
}

# Whether GIMP has a process of the plug-in at work.
plugin_runs() {
    pgrep -P "$gimp_id" -f "^$profile/plug-ins/gimp-gan/gimp-gan " >/dev/null
}

# start_gimp TITLE [PICTURE]
start_gimp() {
    rm -rf "$profile/backups"
    "$gimp" -d -s -n "${@:2}" >"$work/gimp.log" 2>&1 &
    gimp_id=$!
    image=$(seen "$1" 60) || failed "GIMP shows no window '$1'"
    sleep 1
}

end_gimp() {
    kill "$gimp_id"
    wait "$gimp_id" 2>/dev/null
    gimp_id=''
}

start_gimp 'picture.*128x96.*GIMP' "$work/picture.png"
# From the menu: Filters is opened by its mnemonic, GAN is its last item, Upscale the last but one in it.
keys "$image" alt+r
sleep 1
xdotool key Up
sleep 0.5
xdotool key Right Up Up
sleep 0.7
shot 1-menu
xdotool key Return
dialog=$(seen '^Upscale$' 30) || failed 'no dialog from the menu'
echo 'ok - the menu opens the dialog'
wait_preview
shot 2-dialog
echo 'ok - the preview fills'
keys "$dialog" Escape
gone '^Upscale$' 10 || failed 'Cancel does not close the dialog'
sleep 1
[[ -n $(seen '128x96' 5) ]] || failed 'Cancel changed the picture'
[[ ! -e $last ]] || failed 'Cancel kept values'
echo 'ok - Cancel leaves everything'

open_dialog ctrl+shift+alt+g Upscale 'no dialog from the key'
echo "ok - the key opens the dialog, after $took_ms ms"
wait_preview
shot 3-again
cp "$work/last.png" "$work/whole.png"
keys "$dialog" alt+2
wait_preview
shot 3-double
[[ $(differing "$work/whole.png" "$work/last.png") != 0* ]] || failed '200 % shows nothing else'
xdotool mousemove 257 233 click 5
sleep 0.5
xdotool click 5
wait_preview
[[ $(differing "$work/whole.png" "$work/last.png") == 0* ]] || failed 'the wheel does not go back to 100 %'
keys "$dialog" alt+a
sleep 1
shot 3-advanced
import -window "$dialog" "$work/advanced.png"
(($(convert "$work/advanced.png" -crop 300x120+640+360 +repage -format %k info:) > 20)) || failed 'Advanced does not open'
echo 'ok - buttons and wheel zoom, Advanced opens'
keys "$dialog" alt+u
gone '^Upscale$' 20 || failed 'Upscale does not close the dialog'
seen '256x192' 60 >/dev/null || failed 'Upscale does not enlarge the picture'
sleep 1
shot 4-enlarged
echo 'ok - Upscale enlarges the picture'
keys "$image" ctrl+z
seen '128x96' 20 >/dev/null || failed 'one undo does not bring the picture back'
sleep 1
shot 5-undone
keys "$image" ctrl+y
seen '256x192' 20 >/dev/null || failed 'redo does not work'
sleep 1
shot 6-redone
echo 'ok - it is one step of undo and redo'
[[ -s $last ]] || failed 'no last values are kept'
keys "$image" ctrl+z
seen '128x96' 20 >/dev/null || failed 'the second undo does nothing'

# Last values, here with another model, survive a new start and need no dialog when asked for.
end_gimp
sed -i '/^(model /d' "$last"
echo '(model "tiny-x4")' >>"$last"
start_gimp 'picture.*128x96.*GIMP' "$work/picture.png"
open_dialog ctrl+shift+alt+g Upscale 'no dialog after a new start'
wait_preview
shot 7-last-values
keys "$dialog" alt+u
seen '512x384' 60 >/dev/null || failed 'the model chosen last is not used after a new start'
echo 'ok - last values survive a new start'
sleep 1

open_dialog ctrl+shift+alt+m Models 'no window of models'
sleep 2
shot 8-models
keys "$dialog" Escape
gone '^Models$' 10 || failed 'the window of models does not close'
echo 'ok - the window of models opens and closes'
complaints

# A picture of 16 bits, of which GIMP 3.0 gives a small one for the map in 16 bits, too. The definition of the operations
# takes half a minute over it, so that there is time for Cancel in GIMP's own bar.
end_gimp
sed -i '/^(device /d' "$last"
echo '(device "reference")' >>"$last"
start_gimp 'large.*1600x1200.*GIMP' "$work/large.png"
open_dialog ctrl+shift+alt+g Upscale 'no dialog for a large picture'
for ((i = 0; i < 50; i++)); do
    import -window "$dialog" "$work/dialog.png"
    (($(convert "$work/dialog.png" -crop 90x66+15+461 +repage -format %k info:) < 200)) || break
    sleep 0.2
done
shot 9-sixteen-bits
((i < 50)) || failed 'the map of a picture of 16 bits stays empty'
echo 'ok - the map shows a picture of 16 bits'
keys "$dialog" alt+u
gone '^Upscale$' 20 || failed 'Upscale does not close the dialog'
sleep 2
plugin_runs || failed 'the plug-in is done before it can be cancelled'
shot 10-progress
# It lies at the lower right of the picture, beside the dock of 237 pixels.
eval "$(xdotool getwindowgeometry --shell "$image" | grep -E '^(WIDTH|HEIGHT)=')"
xdotool mousemove --window "$image" $((WIDTH - 282)) $((HEIGHT - 18))
sleep 0.3
began=$(date +%s%N)
xdotool click 1
for ((i = 0; i < 200; i++)); do
    plugin_runs || break
    sleep 0.02
done
took_ms=$((($(date +%s%N) - began) / 1000000))
((took_ms < 1000)) || failed "the plug-in still runs $took_ms ms after Cancel"
sleep 1
shot 11-cancelled
[[ -n $(seen 'large.*1600x1200' 5) ]] || failed 'a cancelled call changed the picture'
echo "ok - Cancel ends the work after $took_ms ms"

# An item that needs no image, of the tests' own, where none is open.
end_gimp
ln -sf "$WITH_TASKS" "$profile/plug-ins/gimp-gan/gimp-gan"
rm -f "$profile/pluginrc" # both programs may be of the same second
start_gimp '^GNU Image Manipulation Program$'
keys "$image" alt+r
sleep 1
xdotool key Up
sleep 0.5
xdotool key Right
sleep 0.7
shot 12-without-image
xdotool key Escape Escape Escape
sleep 0.5
open_dialog ctrl+shift+alt+p Pattern 'no dialog where there is no image'
sleep 3
shot 13-pattern
import -window "$dialog" "$work/dialog.png"
(($(convert "$work/dialog.png" -format %w info:) < 700)) || failed 'the dialog has room for a preview'
keys "$dialog" Escape
gone '^Pattern$' 10 || failed 'Cancel does not close the dialog'
open_dialog ctrl+shift+alt+p Pattern 'no second dialog where there is no image'
keys "$dialog" alt+w
xdotool key ctrl+a type 200
xdotool key Tab
sleep 1
keys "$dialog" alt+p
image=$(seen 'Untitled.*200x64' 30) || failed 'no new image of 200 x 64 pixels'
sleep 1
shot 14-new-image
keys "$image" ctrl+s
question=$(seen '^Save Image' 20) || failed 'Save does not ask where to'
sleep 1
shot 14-save
keys "$question" Escape
gone '^Save Image' 10 || failed 'Escape does not close what asks'
keys "$image" ctrl+w
question=$(seen '^Close' 20) || failed 'closing the new image does not ask'
sleep 0.5
shot 15-close
keys "$question" ctrl+d
seen '^GNU Image Manipulation Program$' 20 >/dev/null || failed 'there was more than one image'
complaints
echo 'ok - an item makes an image where there is none'
