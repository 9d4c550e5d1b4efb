#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# Opens a picture in GIMP 3 under Xvfb and works with the plug-in as a user does: from the menu, by a key, Cancel, OK,
# undo, redo, a new start. Screenshots of each step are kept in ARTIFACTS.
# Usage: gui.sh, with PLUGIN (the plug-in's program), GOLDEN and ARTIFACTS set.
set -uo pipefail
: "${PLUGIN:?}" "${GOLDEN:?}" "${ARTIFACTS:?}"
for tool in gimp-3.0 Xvfb xdotool import dbus-run-session pgrep; do
    command -v "$tool" >/dev/null || {
        echo "$tool is not installed"
        exit 77
    }
done
# GTK 3 and GIMP look for a session bus; without one each start waits for it.
[[ -n ${DBUS_SESSION_BUS_ADDRESS:-} ]] || exec dbus-run-session -- bash "$0" "$@"

folder=$(mktemp -d)
profile=$folder/profile
mkdir -p "$profile/plug-ins/gimp-gan" "$folder"/{data/gimp-gan/models,config,cache,run} "$ARTIFACTS"
rm -f "$ARTIFACTS"/gimp3-*.png
chmod 700 "$folder/run"
ln -s "$PLUGIN" "$profile/plug-ins/gimp-gan/gimp-gan"
cp "$GOLDEN/srvgg-relu-x2.pth" "$folder/data/gimp-gan/models/tiny-x2.pth"
cp "$GOLDEN/srvgg-prelu-x4.pth" "$folder/data/gimp-gan/models/tiny-x4.pth"
system=$(pkg-config --variable=gimplibdir gimp-3.0)/plug-ins
for name in script-fu file-png; do
    mkdir -p "$profile/system/$name"
    ln -s "$system/$name/$name" "$profile/system/$name/$name"
done
printf '%s\n' "(plug-in-path \"$profile/plug-ins:$profile/system\")" '(config-version "3.0.4")' \
    '(show-welcome-dialog no)' '(check-updates no)' '(color-profile-policy keep)' >"$profile/gimprc"
printf '%s\n' '(file-version 1)' '(action "plug-in-gan-upscale" "<Primary><Shift><Alt>g")' \
    '(action "plug-in-gan-models" "<Primary><Shift><Alt>m")' >"$profile/shortcutsrc"
last=$profile/plug-in-settings/GimpProcedureConfigRun-plug-in-gan-upscale.last
export GIMP3_DIRECTORY=$profile LC_ALL=C.UTF-8 NO_AT_BRIDGE=1 GDK_BACKEND=x11 GTK_OVERLAY_SCROLLING=0
export XDG_DATA_HOME=$folder/data XDG_CONFIG_HOME=$folder/config XDG_CACHE_HOME=$folder/cache
export XDG_RUNTIME_DIR=$folder/run
convert -size 128x96 plasma:tomato-steelblue -strip "PNG24:$folder/picture.png"
convert -size 1600x1200 plasma:tomato-steelblue -strip "PNG48:$folder/large.png"

mkfifo "$folder/display"
Xvfb -displayfd 9 -screen 0 1280x900x24 -nolisten tcp 9>"$folder/display" >"$folder/xvfb.log" 2>&1 &
xvfb=$! gimp=''
# shellcheck disable=SC2317,SC2329
end() {
    kill ${gimp:+"$gimp"} "$xvfb" 2>/dev/null
    wait 2>/dev/null
    rm -rf "$folder"
}
trap end EXIT
if ! read -r number <"$folder/display"; then
    echo 'Xvfb does not start:'
    cat "$folder/xvfb.log"
    exit 1
fi
export DISPLAY=:$number

shot() { import -window root "$ARTIFACTS/gimp3-$1.png"; }

fail() {
    echo "not ok - $1"
    shot "failed"
    echo 'windows:'
    for w in $(xdotool search --onlyvisible --name . 2>/dev/null); do
        echo "  '$(xdotool getwindowname "$w")'"
    done
    grep -v 'resource name' "$folder/gimp.log" | tail -n 20
    exit 1
}

# Waits for a window whose title fits, and says its number: wait_window TITLE SECONDS.
wait_window() {
    local found
    for ((i = 0; i < $2 * 50; i++)); do
        found=$(xdotool search --onlyvisible --name "$1" 2>/dev/null | tail -n 1)
        if [[ -n $found ]]; then
            echo "$found"
            return
        fi
        kill -0 "$gimp" 2>/dev/null || return 1
        sleep 0.02
    done
    return 1
}

wait_gone() {
    for ((i = 0; i < $2 * 10; i++)); do
        [[ -n $(xdotool search --onlyvisible --name "$1" 2>/dev/null) ]] || return 0
        sleep 0.1
    done
    return 1
}

# There is no window manager, so that nothing has the keys until it gets them.
press() {
    xdotool windowfocus --sync "$1"
    sleep 0.3
    shift
    xdotool key "$@"
}

# Milliseconds between the key and the window, in `took_ms`.
open_dialog() {
    local began
    press "$image" shift
    began=$(date +%s%N)
    xdotool key "$1"
    dialog=$(wait_window "^$2\$" 30) || fail "$3"
    took_ms=$((($(date +%s%N) - began) / 1000000))
}

# The preview's canvas, the upper left part of the dialog.
grab_preview() {
    import -window "$dialog" "$folder/dialog.png" &&
        convert "$folder/dialog.png" -gravity NorthWest -crop 45%x70%+0+0 +repage "$1"
}

differing() {
    compare -metric AE "$1" "$2" null: 2>&1
}

# Waits until the preview stands still with a picture in it; what it shows must be other pixels than the original's.
wait_preview() {
    local still=0
    grab_preview "$folder/last.png"
    for ((i = 0; i < 200 && still < 5; i++)); do
        sleep 0.2
        grab_preview "$folder/now.png"
        still=$((still + 1))
        [[ $(differing "$folder/now.png" "$folder/last.png") == 0* ]] || still=0
        (($(convert "$folder/now.png" -format %k info:) > 2000)) || still=0
        mv "$folder/now.png" "$folder/last.png"
    done
    ((still == 5)) || fail 'no preview after 40 seconds'
    press "$dialog" alt+g
    sleep 0.5
    grab_preview "$folder/original.png"
    [[ $(differing "$folder/original.png" "$folder/last.png") != 0* ]] ||
        fail 'the preview shows the original only'
    press "$dialog" alt+g
    sleep 0.5
}

# Fails when the plug-in made GTK or GLib complain.
complaints() {
    if grep -E 'gimp-gan.*(CRITICAL|WARNING)' "$folder/gimp.log" | grep -v 'gimp_flush(): error: Broken pipe'; then
        fail 'the plug-in makes GTK or GLib complain'
    fi
}

# Whether GIMP has a process of the plug-in at work.
plugin_runs() {
    pgrep -P "$gimp" -f "^$profile/plug-ins/gimp-gan/gimp-gan " >/dev/null
}

# start_gimp PICTURE SIZE
start_gimp() {
    rm -rf "$profile/backups"
    gimp-3.0 -d -s -n "$folder/$1.png" >"$folder/gimp.log" 2>&1 &
    gimp=$!
    image=$(wait_window "$1.*$2.*GIMP" 60) || fail 'GIMP shows no picture'
    sleep 1
}

end_gimp() {
    kill "$gimp"
    wait "$gimp" 2>/dev/null
    gimp=''
}

start_gimp picture 128x96
# From the menu: Filters is opened by its mnemonic, GAN is its last item, Upscale the last in it.
press "$image" alt+r
sleep 1
xdotool key Up
sleep 0.5
xdotool key Right Up
sleep 0.7
shot 1-menu
xdotool key Return
dialog=$(wait_window '^Upscale$' 30) || fail 'no dialog from the menu'
echo 'ok - the menu opens the dialog'
wait_preview
shot 2-dialog
echo 'ok - the preview fills'
press "$dialog" Escape
wait_gone '^Upscale$' 10 || fail 'Cancel does not close the dialog'
sleep 1
[[ -n $(wait_window '128x96' 5) ]] || fail 'Cancel changed the picture'
[[ ! -e $last ]] || fail 'Cancel kept values'
echo 'ok - Cancel leaves everything'

open_dialog ctrl+shift+alt+g Upscale 'no dialog from the key'
echo "ok - the key opens the dialog, after $took_ms ms"
wait_preview
shot 3-again
press "$dialog" alt+o
wait_gone '^Upscale$' 20 || fail 'OK does not close the dialog'
wait_window '256x192' 60 >/dev/null || fail 'OK does not enlarge the picture'
sleep 1
shot 4-enlarged
echo 'ok - OK enlarges the picture'
press "$image" ctrl+z
wait_window '128x96' 20 >/dev/null || fail 'one undo does not bring the picture back'
sleep 1
shot 5-undone
press "$image" ctrl+y
wait_window '256x192' 20 >/dev/null || fail 'redo does not work'
sleep 1
shot 6-redone
echo 'ok - it is one step of undo and redo'
[[ -s $last ]] || fail 'no last values are kept'
press "$image" ctrl+z
wait_window '128x96' 20 >/dev/null || fail 'the second undo does nothing'

# Last values, here with another model, survive a new start and need no dialog when asked for.
end_gimp
sed -i '/^(model /d' "$last"
echo '(model "tiny-x4")' >>"$last"
start_gimp picture 128x96
open_dialog ctrl+shift+alt+g Upscale 'no dialog after a new start'
wait_preview
shot 7-last-values
press "$dialog" alt+o
wait_window '512x384' 60 >/dev/null || fail 'the model chosen last is not used after a new start'
echo 'ok - last values survive a new start'
sleep 1

open_dialog ctrl+shift+alt+m Models 'no window of models'
sleep 2
shot 8-models
press "$dialog" Escape
wait_gone '^Models$' 10 || fail 'the window of models does not close'
echo 'ok - the window of models opens and closes'
complaints

# A picture of 16 bits, of which GIMP 3.0 gives a small one for the map in 16 bits, too. The definition of the operations
# takes half a minute over it, so that there is time for Cancel in GIMP's own bar.
end_gimp
sed -i '/^(device /d' "$last"
echo '(device "reference")' >>"$last"
start_gimp large 1600x1200
open_dialog ctrl+shift+alt+g Upscale 'no dialog for a large picture'
for ((i = 0; i < 50; i++)); do
    import -window "$dialog" "$folder/dialog.png"
    (($(convert "$folder/dialog.png" -crop 90x66+15+412 +repage -format %k info:) < 200)) || break
    sleep 0.2
done
shot 9-sixteen-bits
((i < 50)) || fail 'the map of a picture of 16 bits stays empty'
echo 'ok - the map shows a picture of 16 bits'
press "$dialog" alt+o
wait_gone '^Upscale$' 20 || fail 'OK does not close the dialog'
sleep 2
plugin_runs || fail 'the plug-in is done before it can be cancelled'
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
((took_ms < 1000)) || fail "the plug-in still runs $took_ms ms after Cancel"
sleep 1
shot 11-cancelled
[[ -n $(wait_window 'large.*1600x1200' 5) ]] || fail 'a cancelled call changed the picture'
echo "ok - Cancel ends the work after $took_ms ms"
