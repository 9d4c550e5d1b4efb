#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# What a user does beside the preview, and what can go wrong in a run: Help is asked for, a weight file dropped on Models…
# and removed again; a run is cancelled in GIMP's status bar, one is killed, and Undo then takes back what was done before
# them.
# DRAG_SOURCE (the program that files are dragged from) is set besides what gimp.sh names.
set -uo pipefail
: "${DRAG_SOURCE:?}"
# shellcheck source=gimp.sh
. "$(dirname "${BASH_SOURCE[0]}")/gimp.sh"
models=$work/own/data/gimp-gan/models
# A page of help, and a program that pages are opened with.
mkdir -p "$work/share/gimp-gan" "$XDG_DATA_HOME/applications" "$XDG_CONFIG_HOME"
cp -r "$GOLDEN/../../../plugin/help" "$work/share/gimp-gan/"
printf '[Desktop Entry]\nType=Application\nName=Reader\nExec=sh -c "echo %%u >%s/opened"\nMimeType=text/html;\n' "$work" \
    >"$XDG_DATA_HOME/applications/reader.desktop"
printf '[Default Applications]\ntext/html=reader.desktop\n' >"$XDG_CONFIG_HOME/mimeapps.list"
export XDG_DATA_DIRS=$work/share:${XDG_DATA_DIRS:-/usr/local/share:/usr/share}
gimp 320 240
xdotool windowsize "$main" 900 560 windowmove "$main" 10 430
keys "$main" Tab # hides the docks, so that GIMP's Cancel is at the window's right end

# The plug-in's process.
plugin_id() {
    local id
    for id in $(pgrep -P "$gimp_id" -x gimp-gan); do echo "$id"; done | tail -n 1
}
# ended PROCESS MS: whether it ends within this time.
ended() {
    local end=$(($(date +%s%N) + $2 * 1000000))
    while kill -0 "$1" 2>/dev/null; do
        (($(date +%s%N) < end)) || return 1
        sleep 0.01
    done
}
n_windows() { xdotool search --onlyvisible --name "$1" 2>/dev/null | wc -l; }

open_dialog
keys "$dialog" F1
for _ in $(seq 50); do
    [[ -s $work/opened ]] && break
    sleep 0.1
done
grep -q "$work/share/gimp-gan/help/en.html" "$work/opened" || failed "Help did not open its page: $(cat "$work/opened")"
(($(n_windows "$title") == 1)) || failed 'Help opened a window besides its page'
# Without a page it says the most important thing itself.
rm -r "$work/share/gimp-gan/help"
keys "$dialog" F1
for _ in $(seq 50); do
    (($(n_windows "$title") == 2)) && break
    sleep 0.1
done
(($(n_windows "$title") == 2)) || failed 'Help showed nothing'
shot 10-help
keys "$(xdotool search --onlyvisible --name "$title" | grep -v "^$dialog$")" Escape
sleep 0.5
(($(n_windows "$title") == 1)) || failed 'Help did not close'

read -r width _ < <(xdotool getwindowgeometry --shell "$dialog" | sed -n 's/^WIDTH=//p')
xdotool mousemove $((width - 45)) 27 click 1
window=$(seen '^Models$' 30) || failed 'Models… did not open'
xdotool windowmove "$window" 100 10
cp "$GOLDEN/srvgg-prelu-x4.pth" "$work/dropped.pth"
"$DRAG_SOURCE" "$work/dropped.pth" &
source_id=$!
source_window=$(seen '^drag-source$' 20) || failed 'there is nothing to drag from'
xdotool windowmove "$source_window" 1150 20
sleep 0.5
drag 1190 60 300 330 # onto the description: any place of the window will do
for _ in $(seq 100); do
    [[ -e $models/dropped.safetensors ]] && break
    sleep 0.1
done
sleep 1
shot 11-dropped
kill $source_id
[[ -e $models/dropped.safetensors ]] || failed 'the dropped file was not imported'
for answer in Escape alt+r; do
    [[ -e $models/dropped.safetensors ]] || failed 'the model was removed although the question was not answered so'
    keys "$window" alt+r
    for _ in $(seq 50); do
        (($(n_windows '^Models$') == 2)) && break
        sleep 0.1
    done
    shot 12-remove
    question=$(xdotool search --onlyvisible --name '^Models$' | grep -v "^$window$") || failed 'Remove did not ask'
    keys "$question" $answer
    sleep 1
done
[[ ! -e $models/dropped.safetensors && -e $models/tiny-x2.pth ]] || failed 'the chosen model was not removed'
keys "$window" Escape
gone '^Models$' 10 || failed 'Models… did not close'

keys "$dialog" Escape
gone "$title" 10 || failed 'Escape did not close the dialog'

# One run that is done, to be undone after those that are not. The dialog remembers its values.
mkdir -p "$profile/gimp-gan"
printf '[values]\nmodel=tiny-x2\ndevice=reference\n' >"$profile/gimp-gan/upscale.ini"
open_dialog
keys "$dialog" Return
gone "$title" 20 || failed 'Return did not close the dialog'
seen 'picture.*640x480' 60 >/dev/null || failed 'Upscale did not enlarge the image'

# Another network under the name that is remembered: the reference takes half a minute over it, so that no machine is
# through with the picture before it is stopped.
cp "$GOLDEN/rrdb-2019-x4.pth" "$models/tiny-x2.pth"
# begin_run: starts a run that takes long; sets `plugin`.
begin_run() {
    open_dialog
    plugin=$(plugin_id)
    keys "$dialog" Return
    gone "$title" 20 || failed 'Return did not close the dialog'
    sleep 1
}
begin_run
shot 13-running
began=$(date +%s%N)
kill -0 "$plugin" || failed 'the run ended before it was cancelled'
xdotool mousemove 860 972 click 1
ended "$plugin" 1000 || failed "GIMP's Cancel did not end the run within a second"
echo "cancelled after $((($(date +%s%N) - began) / 1000000)) ms"
sleep 0.5
shot 14-cancelled
seen 'picture.*640x480' 20 >/dev/null || failed 'a run that was cancelled changed the image'

begin_run
kill -KILL "$plugin" || failed 'the run ended before it was killed'
ended "$plugin" 1000
sleep 1
shot 15-killed
seen 'picture.*640x480' 20 >/dev/null || failed 'a run that was killed changed the image'

keys "$main" ctrl+z
seen 'picture.*320x240' 20 >/dev/null || failed 'Undo did not take back the run before those that were not done'
sleep 0.5
shot 16-undone
no_complaints ""
exit 0
