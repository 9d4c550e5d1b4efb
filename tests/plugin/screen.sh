# SPDX-License-Identifier: LGPL-3.0-or-later
# shellcheck shell=bash
# For tests that drive GIMP by key and mouse: a screen of its own, its windows, and pictures of it.
# Whoever includes it sets SHOTS (the folder for the pictures), calls `screen`, writes what GIMP says to
# $work/gimp.log and its process to `gimp_id`. $work is removed in the end, whichever way that comes.
: "${SHOTS:?}"
# shellcheck source=own-folders.sh
. "$(dirname "${BASH_SOURCE[0]}")/own-folders.sh"
work=$(mktemp -d)
gimp_id='' screen_id=''
mkdir -p "$SHOTS"
rm -f "$SHOTS"/*.png

# needed PROGRAM...: ends the test as skipped if one of them is not there.
needed() {
    local program
    for program in Xvfb xdotool import "$@"; do
        command -v "$program" >/dev/null || {
            echo "$program is not installed"
            exit 77
        }
    done
}

# GIMP leaves from inside the signal's handler and may not get to the end of that; so its time is bounded.
# shellcheck disable=SC2317,SC2329 # called by trap
clean() {
    if [[ -n $gimp_id ]] && kill "$gimp_id" 2>/dev/null; then
        for _ in $(seq 100); do
            kill -0 "$gimp_id" 2>/dev/null || break
            sleep 0.1
        done
        kill -KILL "$gimp_id" 2>/dev/null
    fi
    kill ${screen_id:+"$screen_id"} 2>/dev/null
    wait 2>/dev/null
    rm -rf "$work"
}
trap clean EXIT

# screen WIDTHxHEIGHT. A server that takes a number which another one just gave up may find its socket gone with that
# one, so there is more than one attempt. Without -noreset it would begin anew whenever a first client leaves, and refuse
# the next meanwhile.
screen() {
    local number attempt
    mkfifo "$work/screen"
    for attempt in 1 2 3 4 5; do
        Xvfb -displayfd 9 -screen 0 "$1x24" -nolisten tcp -noreset 9>"$work/screen" >"$work/xvfb.log" 2>&1 &
        screen_id=$!
        if read -r number <"$work/screen" && DISPLAY=:$number xdotool getdisplaygeometry >/dev/null 2>&1; then
            export DISPLAY=:$number
            return
        fi
        kill $screen_id 2>/dev/null
        wait $screen_id
        sleep "$attempt"
    done
    echo 'Xvfb does not start:'
    cat "$work/xvfb.log"
    exit 1
}

# shot NAME: the whole screen.
shot() { import -window root "$SHOTS/$1.png"; }

# failed REASON: ends the test, with what is to be known about it.
failed() {
    local window
    echo "FAILED: $1"
    for window in $(xdotool search --onlyvisible --name . 2>/dev/null); do
        echo "  window: $(xdotool getwindowname "$window")"
    done
    shot failed
    grep -av 'resource name' "$work/gimp.log" | tail -n 20
    exit 1
}

# seen NAME SECONDS: waits for a window whose title fits, and prints its number.
seen() {
    local window end=$((SECONDS + $2))
    while ((SECONDS <= end)); do
        window=$(xdotool search --onlyvisible --name "$1" 2>/dev/null | tail -n 1)
        if [[ -n $window ]]; then
            echo "$window"
            return 0
        fi
        kill -0 "$gimp_id" 2>/dev/null || return 1
        sleep 0.02
    done
    return 1
}

# gone NAME SECONDS: waits until no window's title fits.
gone() {
    local end=$((SECONDS + $2))
    while ((SECONDS <= end)); do
        [[ -n $(xdotool search --onlyvisible --name "$1" 2>/dev/null) ]] || return 0
        sleep 0.05
    done
    return 1
}

# keys WINDOW KEY...: there is no window manager, so that nobody else gives a window the keys.
keys() {
    xdotool windowfocus --sync "$1"
    sleep 0.3
    shift
    xdotool key "$@"
}
