#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# The manual page names every option, and completion offers every verb and option.
source "$(dirname "$0")/check.sh"
: "${PACKAGING:?is not set}"
PATH=$(dirname "$GIMP_GAN"):$PATH
folder=$XDG_DATA_HOME/gimp-gan/models
mkdir -p "$folder"
cp "$GOLDEN/srvgg-prelu-x4.pth" "$folder/first model.pth"
cp "$GOLDEN/srvgg-relu-x2.pth" "$folder/second.pth"
echo damaged >"$folder/third.pth"

# Options as the program itself lists them.
options_of() { "$GIMP_GAN" "$1" --help | grep -oE -- '--[a-z-]+' | sort -u; }
page=$(sed 's/\\-/-/g' "$PACKAGING/gimp-gan.1")

# shellcheck source=/dev/null
source "$PACKAGING/completions/gimp-gan.bash"
# completes EXPECTED WORD…: one of the offers for the last word is EXPECTED.
completes() {
    local expected=$1
    shift
    COMP_WORDS=(gimp-gan "$@")
    COMP_CWORD=$#
    _gimp_gan
    command_text="gimp-gan $*"
    printf '%s\n' "${COMPREPLY[@]}" >"$log/out"
    grep -qxF -- "$expected" "$log/out" || claim_failed "completion does not offer $expected"
}
for verb in upscale info import models evaluate prepare train generate bench doctor; do
    completes "$verb" "${verb:0:2}"
    for option in $(options_of $verb); do
        completes "$option" $verb "$option"
        [[ $option == --help ]] && continue
        [[ $page == *"$option"* ]] || claim_failed "the manual page does not name $option of $verb"
        for file in _gimp-gan gimp-gan.fish; do
            grep -qE -- "(--|-l )${option#--}\b" "$PACKAGING/completions/$file" || claim_failed "$file does not know $option"
        done
    done
done
picture 8x6 photo.png
completes photo.png upscale ph
completes second upscale --model se
completes second upscale --model = se
completes "first model" info "fi"
completes cuda upscale --device cu
completes webp upscale -f we
completes bf16 import --dtype ""
completes xdg evaluate --data ""
COMP_WORDS=(gimp-gan upscale --model th)
COMP_CWORD=3
_gimp_gan
((${#COMPREPLY[@]} == 0)) || claim_failed "completion offers a damaged model"

if command -v groff >/dev/null; then
    run 0 groff -ww -man -Tutf8 "$PACKAGING/gimp-gan.1"
    err_is_empty
fi
for pair in zsh:_gimp-gan fish:gimp-gan.fish; do
    if command -v "${pair%%:*}" >/dev/null; then
        run 0 "${pair%%:*}" -n "$PACKAGING/completions/${pair#*:}"
        err_is_empty
    fi
done
finish
