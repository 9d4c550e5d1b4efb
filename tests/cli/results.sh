#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# Second runs: results are no inputs, and only what the same settings made is skipped.
source "$(dirname "$0")/check.sh"
model=$GOLDEN/srvgg-prelu-x4.pth
other=$GOLDEN/rrdb-basicsr-x2.pth
restorer=$GOLDEN/drunet-colour.safetensors
mkdir photos start
picture 12x8 start/a.png
picture 7x7 start/e0.png
run 0 "$GIMP_GAN" upscale start/e0.png -o photos/e.exr -m "$model" --scale 1
cp start/a.png photos
picture 9x7 photos/b.jpg
picture 10x6 photos/c.tif
picture 8x6 photos/d.webp

# Into the folder of the originals with another scale, size, format, template or folder: the results
# of the runs before are left out, of formats with and without metadata, and that is said.
upscale=("$GIMP_GAN" upscale photos -m "$model")
again() {
    local wanted=$1
    shift
    run 0 "${upscale[@]}" "$@"
    last_line_is "$wanted"
    err_says "of this program are left out: photos/"
}
run 0 "${upscale[@]}"
last_line_is "5 done, 0 skipped, 0 failed"
again "5 done, 0 skipped, 0 failed" -s 3
again "5 done, 0 skipped, 0 failed" --to 30x
again "4 done, 1 skipped, 0 failed" -f png
again "4 done, 1 skipped, 0 failed" -f exr
again "5 done, 0 skipped, 0 failed" -t 'other {name} of {model}.{ext}'
again "5 done, 0 skipped, 0 failed" -o photos/deep -t '{name}.{ext}'
again "5 done, 0 skipped, 0 failed" -o photos/deeper -s 2 --recursive
again "0 done, 5 skipped, 0 failed" -s 3
files_are photos/deeper "a-x2.png b-x2.jpg c-x2.tif d-x2.webp e-x2.exr"

# So it is with a pattern that the shell expands, and when folders have moved.
mv photos moved
cp -r moved photos
rm photos/deep*/* photos/other*
before=(photos/*)
run 0 "$GIMP_GAN" upscale photos/*.* -m "$model" -s 5 --json
out_is_json_lines
out_says '{"event":"left-out","input":"photos/a-30x.png","reason":"result"}'
after=(photos/*)
((${#after[@]} == ${#before[@]} + 5)) || claim_failed "photos holds ${after[*]}"
run 0 "$GIMP_GAN" restore photos -m "$restorer"
last_line_is "5 done, 0 skipped, 0 failed"

# A pattern that names the results of a picture, but not the picture.
mkdir bitmaps
cp start/a.png bitmaps
convert start/a.png bitmaps/bitmap.ppm
run 0 "$GIMP_GAN" upscale bitmaps -m "$model"
run 0 "$GIMP_GAN" upscale 'bitmaps/*.png' -m "$model" -s 3
run 0 "$GIMP_GAN" upscale bitmaps/*.png -m "$model" -s 3
err_says "bitmaps/bitmap-x4.png. Named by themselves, they are taken."
files_are bitmaps "a-x3.png a-x4.png a.png bitmap-x4.png bitmap.ppm"

# A result without the picture that it is made of is worked on: named, or in a folder of results.
run 0 "$GIMP_GAN" upscale photos/a-x4.png photos/e-x4.exr -m "$model" -s 1
last_line_is "2 done, 0 skipped, 0 failed"
run 0 "$GIMP_GAN" upscale photos/deep* moved/deeper -o chain -m "$model" -s 2
last_line_is "5 done, 0 skipped, 0 failed"
! grep -q "left out" "$log/err" || claim_failed "something is left out"

# Without its metadata a result in a folder is known by its name; a name with a size is nobody's.
mkdir bare
cp start/a.png bare
for name in a-x4 a-restored a-restored-x2.5; do convert start/a.png -strip bare/$name.png; done
convert start/a.png -strip bare/a-20x10.png
run 0 "$GIMP_GAN" upscale bare -o bare2 -m "$model"
files_are bare2 "a-20x10-x4.png a-x4.png"

# -o FILE: done anew for another model, scale, size, quality, blend, strength, level or input, skipped
# for the same; in every format.
once() { # once DONE|SKIPPED COMMAND…
    local wanted=$1
    shift
    run 0 "$GIMP_GAN" "$@"
    if [[ $wanted == 'done' ]]; then
        last_line_is "1 done, 0 skipped, 0 failed"
    else
        last_line_is "0 done, 1 skipped, 0 failed"
    fi
}
for format in png jpg tif webp exr; do
    once 'done' upscale start/a.png -o one.$format -m "$model"
    once skipped upscale start/a.png -o one.$format -m "$model"
    once 'done' upscale start/a.png -o one.$format -m "$other"
    out_says "one.$format was made with other settings; it is made anew."
    [[ $format == exr ]] || size_is one.$format 24x16
    once 'done' upscale start/a.png -o one.$format -m "$other" -s 3
    once 'done' upscale start/a.png -o one.$format -m "$other" --to 40x
    once skipped upscale start/a.png -o one.$format -m "$other" --to 40x --memory 1G --threads 1
done
size_is one.jpg 40x27
for quality in 50 60; do
    once 'done' upscale start/a.png -o one.jpg -m "$model" --quality $quality
    once 'done' upscale start/a.png -o one.webp -m "$model" --quality $quality
done
once 'done' upscale start/a.png -o one.png -m "$model"
once skipped upscale start/a.png -o one.png -m "$model" --quality 50
once 'done' upscale start/a.png -o one.png -m "$model" --network-alpha
cp "$model" mine.pth
once 'done' upscale start/a.png -o one.png -m mine.pth
cp "$other" mine.pth
once 'done' upscale start/a.png -o one.png -m mine.pth
once 'done' upscale start/a.png -o one.png --blend "$model:$model:0.25"
once 'done' upscale start/a.png -o one.png --blend "$model:$model:0.5"
once skipped upscale start/a.png -o one.png --blend "$model:$model:0.5"
once 'done' upscale start/a.png -o one.png --blend "$model:$model:0.50000001"
for options in "" "--strength 0.5" "--level 25" "--noise 20" "--then-upscale 2:$other" "--then-upscale 2:$model"; do
    # shellcheck disable=SC2086
    once 'done' restore start/a.png -o one.png -m "$restorer" $options
    # shellcheck disable=SC2086
    once skipped restore start/a.png -o one.png -m "$restorer" $options
done
# What is noted names no folders.
! grep -aqF "$GOLDEN" one.png || claim_failed "the note has the model's folder"
grep -aqF "then-upscale srvgg-prelu-x4.pth (" one.png || claim_failed "the note has no settings"
mkdir before
picture 12x9 before/a.png
touch -d '-1 day' before/a.png
once 'done' restore before/a.png -o one.png -m "$restorer" --then-upscale "2:$model"
out_says "one.png was made of another picture; it is made anew."
size_is one.png 24x18

# The same without -o: two models whose results have one name.
once 'done' upscale before/a.png -m "$model"
once 'done' upscale before/a.png -m "$GOLDEN/rrdb-basicsr-x4.pth"
once skipped upscale before/a.png -m "$GOLDEN/rrdb-basicsr-x4.pth"

# A file of another origin is not replaced, and not taken for a result.
picture 5x5 alien.png
run 1 "$GIMP_GAN" upscale start/a.png -o alien.png -m "$model"
err_says "alien.png exists, and how it was made is not known; --overwrite replaces it."
size_is alien.png 5x5
run 1 "$GIMP_GAN" upscale start/a.png -o alien.png -m "$model" --dry-run
once 'done' upscale start/a.png -o alien.png -m "$model" --overwrite
size_is alien.png 48x32
once 'done' upscale start/a.png -o alien.png -m "$model" --overwrite
run 0 "$GIMP_GAN" upscale start/a.png -o alien.png -m "$other" --dry-run
out_says "alien.png was made with other settings; it is to be made anew."
last_line_is "1 would be done, 0 skipped, 0 failed"
size_is alien.png 48x32

# In place: what was interrupted goes on, and nothing is enlarged twice; equal pictures are no sources of
# each other's results; other settings take all of them.
in_place=("$GIMP_GAN" upscale twins -o twins -t '{name}.{ext}' -m "$model" --overwrite)
mkdir twins
for name in a b c; do cp start/a.png twins/$name.png; done
run 0 "$GIMP_GAN" upscale twins/a.png -o twins -t '{name}.{ext}' -m "$model" --overwrite
run 0 "${in_place[@]}"
last_line_is "2 done, 1 skipped, 0 failed"
out_says "twins/a.png: skipped: the same settings made it already"
for name in a b c; do size_is twins/$name.png 48x32; done
cp start/a.png twins/b.png
run 0 "${in_place[@]}" --json
json_is "(d['done'], d['skipped'])" "(1, 2)"
out_says '{"event":"skipped","input":"twins/a.png","output":"twins/a.png","reason":"made"}'
for name in a b c; do size_is twins/$name.png 48x32; done
cp start/a.png twins/b.png
run 0 "$GIMP_GAN" restore twins/a.png twins/b.png -o twins -t '{name}.{ext}' -m "$restorer" --overwrite
last_line_is "2 done, 0 skipped, 0 failed"
err_is_free_of() { ! grep -qF -- "$1" "$log/err" || claim_failed "standard error says: $1"; }
err_is_free_of "left out"
# A result of another name is left out all the same, whichever of the equal pictures it is of.
mkdir equal
for name in a b; do cp start/a.png equal/$name.png; done
run 0 "$GIMP_GAN" upscale equal/a.png -o equal -t '{name}-large.{ext}' -m "$model"
rm equal/a.png
run 0 "$GIMP_GAN" upscale equal -o large -m "$model"
last_line_is "1 done, 0 skipped, 0 failed"
err_says "1 result of this program is left out: equal/a-large.png."

# Many results take no longer each than few: looking each up among all would take minutes. (The names
# are refused after that.)
mkdir many
seq -f 'many/%g.png' 8000 | xargs -n 400 sh -c 'tee "$@" <twins/c.png' tee >"$log/out"
run 2 timeout -s KILL 30 "$GIMP_GAN" upscale many -o many2 -t one.png -m "$model"
err_says "would both become 'many2/one.png'"

# A long folder needs no more open files than a short one.
mkdir long
for number in $(seq 60); do
    cp start/a.png "long/p$number.png"
    cp moved/b.jpg "long/j$number.jpg"
    cp moved/c.tif "long/t$number.tif"
    cp moved/d.webp "long/w$number.webp"
    head -c 60 start/a.png >"long/q$number.png"
done
ulimit -S -n 32
run 1 "$GIMP_GAN" upscale long -o long2 -m "$model"
last_line_is "240 done, 0 skipped, 60 failed"
run 1 "$GIMP_GAN" upscale long -o long2 -m "$model"
last_line_is "0 done, 240 skipped, 60 failed"
finish
