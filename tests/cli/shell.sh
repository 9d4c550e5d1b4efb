#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# The manual page names every option, and each shell's completion offers every verb and option of the program's help.
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
mapfile -t verbs < <(_gimp_gan_verbs)
((${#verbs[@]} > 5)) || claim_failed "no verbs were found in the program's help"
for verb in "${verbs[@]}"; do
    completes "$verb" "${verb:0:2}"
    for option in $(options_of "$verb"); do
        completes "$option" "$verb" "$option"
        [[ $option == --help || $page == *"$option"* ]] ||
            claim_failed "the manual page does not name $option of $verb"
    done
done
# The page has a line of the synopsis and a section for each, in the program's order.
# page_has WHAT FILE WORD…: the lines of the file are these words.
page_has() {
    diff "$2" <(printf '%s\n' "${@:3}") >"$log/out" || claim_failed "the manual page's $1 (<) are not the verbs (>)"
}
command_text="gimp-gan --help"
sed -n 's/^\.SH //p' "$PACKAGING/gimp-gan.1" | grep -xF "$(printf '%s\n' "${verbs[@]^^}")" >"$log/sections"
page_has sections "$log/sections" "${verbs[@]^^}"
sed -n 's/^\.B gimp-gan \([a-z]*\)$/\1/p;/^\.SH DESCRIPTION/q' "$PACKAGING/gimp-gan.1" >"$log/synopsis"
page_has "lines of the synopsis" "$log/synopsis" "${verbs[@]}"
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
# What zsh is told, with its own functions stood in for by ones that print their arguments.
zsh_specs() {
    # shellcheck disable=SC2016
    run 0 zsh -f -c 'compdef() {}; _describe() { print -rl -- $verbs }; _arguments() { print -rl -- "$@" }
        words=(gimp-gan "$1" ""); CURRENT=$2; source "$3"' zsh "$1" "$2" "$PACKAGING/completions/_gimp-gan"
    err_is_empty
}
if command -v zsh >/dev/null; then
    zsh_specs '' 2
    for verb in "${verbs[@]}"; do out_says "$verb:"; done
    for verb in "${verbs[@]}"; do
        zsh_specs "$verb" 3
        for option in $(options_of "$verb"); do out_says "$option"; done
    done
    zsh_specs upscale 3
    out_says ':png|jpg|tif|webp|exr:(png jpg tif webp exr)'
    out_says '(-m --model)-m['
    grep -qxF '*:FILE|FOLDER|PATTERN:_files' "$log/out" || claim_failed "zsh is offered no pictures"
    zsh_specs info 3
    grep -qxF '1:NAME|FILE:_gimp_gan_models' "$log/out" || claim_failed "zsh is offered no models"
fi
# What fish offers for the end of a command line: fish_offers LINE
fish_offers() {
    # shellcheck disable=SC2016
    run 0 fish -c 'source $argv[1]; complete -C $argv[2]' "$PACKAGING/completions/gimp-gan.fish" "$1"
    err_is_empty
}
if command -v fish >/dev/null; then
    fish_offers 'gimp-gan '
    for verb in "${verbs[@]}"; do out_says "$verb"; done
    for verb in "${verbs[@]}"; do
        fish_offers "gimp-gan $verb --"
        for option in $(options_of "$verb"); do out_says "$option"; done
    done
    fish_offers 'gimp-gan upscale --model se'
    out_says second
    fish_offers 'gimp-gan info se'
    out_says second
    fish_offers 'gimp-gan upscale -f we'
    out_says webp
    fish_offers 'gimp-gan upscale ph'
    out_says photo.png
fi
finish
