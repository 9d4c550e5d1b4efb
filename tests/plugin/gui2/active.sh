#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# The dialog while something else than a layer is active: a mask, a channel, a group, a floating selection. The picture is
# shown in each case, the words say what the scope comes to, and where it comes to nothing the button does nothing.
set -uo pipefail
# shellcheck source=gimp.sh
. "$(dirname "${BASH_SOURCE[0]}")/gimp.sh"
"$PICTURE" 160 120 "$work/picture.png" || exit 1

# case_xcf NAME SCRIPT: an image with what the script does to `image` and `layer`.
case_xcf() {
    gimp-console-2.10 -i -d -f -s -b "(let* ((image (car (gimp-file-load RUN-NONINTERACTIVE \"$work/picture.png\" \"\")))
        (layer (car (gimp-image-get-active-layer image)))) $2
        (gimp-xcf-save 0 image layer \"$work/$1.xcf\" \"$1.xcf\"))" -b '(gimp-quit 0)' >"$work/script.log" 2>&1
    [[ -s $work/$1.xcf ]] || failed "no image with a $1: $(tail -n 3 "$work/script.log")"
}
case_xcf mask '(let ((mask (car (gimp-layer-create-mask layer ADD-MASK-WHITE))))
    (gimp-layer-add-mask layer mask) (gimp-layer-set-edit-mask layer TRUE))'
case_xcf channel "(let ((channel (car (gimp-channel-new image 160 120 \"channel\" 50 '(0 0 0)))))
    (gimp-image-insert-channel image channel 0 0) (gimp-image-set-active-channel image channel))"
case_xcf group '(let ((group (car (gimp-layer-group-new image))))
    (gimp-image-insert-layer image group 0 0) (gimp-image-set-active-layer image group))'
case_xcf floating '(gimp-image-select-rectangle image CHANNEL-OP-REPLACE 20 20 60 40)
    (gimp-selection-float layer 10 10)'

# shown: how many colours the preview has.
shown() { import -window "$dialog" -crop 420x380+20+30 +repage png:- | identify -format '%k' -; }
for name in mask channel group floating; do
    for scope in image layer; do
        mkdir -p "$profile/gimp-gan"
        printf '[values]\nmodel=tiny-x2\nscope=%s\n' "$scope" >"$profile/gimp-gan/upscale.ini"
        start_gimp 1280x1000 "$name.*160x120" "$work/$name.xcf"
        open_dialog
        for _ in $(seq 40); do
            (($(shown) > 1000)) && break
            sleep 0.2
        done
        sleep 1
        shot "$name-$scope"
        (($(shown) > 1000)) || failed "with a $name active and the scope $scope the picture is not shown"
        works=no
        [[ $name != floating && ($scope == image || $name == mask) ]] && works=yes
        keys "$dialog" Return
        if [[ $works == yes ]]; then
            gone "$title" 20 || failed "with a $name active and the scope $scope the button does nothing"
        else
            sleep 1
            [[ -n $(seen "$title" 1) ]] || failed "with a $name active and the scope $scope the button works"
            keys "$dialog" Escape
            gone "$title" 10 || failed 'Escape did not close the dialog'
        fi
        sleep 1
        no_complaints ""
        kill -KILL "$gimp_id" # asked politely, it keeps the image for its next start
        wait "$gimp_id" 2>/dev/null
        kill "$screen_id" 2>/dev/null
        wait "$screen_id" 2>/dev/null
        rm -f "$work/screen"
    done
done
exit 0
