#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# Files, folders and patterns; names; skipping; a damaged file among good ones.
source "$(dirname "$0")/check.sh"
model=$GOLDEN/srvgg-prelu-x4.pth
mkdir -p in/sub in/.hidden
picture 12x8 in/a.png
picture 9x7 in/c.jpg
picture 5x5 in/sub/d.png
picture 5x5 in/.hidden/e.png
cp in/a.png in/.f.png
echo "no picture" >in/b.png
echo "not looked at" >in/notes.txt

# A damaged file does not stop the others; sub-folders only on demand.
run 1 "$GIMP_GAN" upscale in -o out -m "$model"
last_line_is "2 done, 0 skipped, 1 failed"
err_says "in/b.png"
files_are out "a-x4.png c-x4.jpg"
size_is out/a-x4.png 48x32
size_is out/c-x4.jpg 36x28

# The second run skips what is done.
run 1 "$GIMP_GAN" upscale in -o out -m "$model" --recursive
last_line_is "1 done, 2 skipped, 1 failed"
out_says "in/a.png: skipped: out/a-x4.png exists"
files_are out "a-x4.png c-x4.jpg sub/d-x4.png"
rm in/b.png
run 0 "$GIMP_GAN" upscale in -o out -m "$model" --recursive
last_line_is "0 done, 3 skipped, 0 failed"

# An input that is newer than its result is done again, and everything with --overwrite.
touch -d '+2 seconds' in/a.png
run 0 "$GIMP_GAN" upscale in -o out -m "$model"
last_line_is "1 done, 1 skipped, 0 failed"
touch -d '-1 hour' in/a.png
run 0 "$GIMP_GAN" upscale in -o out -m "$model" --overwrite
last_line_is "2 done, 0 skipped, 0 failed"

# Missing files and empty patterns are failures of their own.
run 1 "$GIMP_GAN" upscale in/a.png in/nope.png 'in/*.tif' -o out2 -m "$model"
last_line_is "1 done, 0 skipped, 2 failed"
err_says "in/nope.png: No such file or folder."
err_says "in/*.tif: No file matches this pattern."
mkdir empty
run 1 "$GIMP_GAN" upscale empty -m "$model"
err_says "There is no picture in what was named"

# Patterns that the shell left alone; a file named twice is done once.
run 0 "$GIMP_GAN" upscale 'in/[ac].*' in/a.png -o out3 -m "$model"
last_line_is "2 done, 0 skipped, 0 failed"
files_are out3 "a-x4.png c-x4.jpg"

# Beside the input, results of the first run are no inputs of the second.
mkdir beside
cp in/a.png beside
run 0 "$GIMP_GAN" upscale beside -m "$model"
last_line_is "1 done, 0 skipped, 0 failed"
run 0 "$GIMP_GAN" upscale beside -m "$model"
last_line_is "0 done, 1 skipped, 0 failed"
files_are beside "a-x4.png a.png"

# An output folder inside the input folder is not entered.
run 0 "$GIMP_GAN" upscale beside -o beside/more --recursive -m "$model" --template '{name}.{ext}'
run 0 "$GIMP_GAN" upscale beside -o beside/more --recursive -m "$model" --template '{name}.{ext}'
last_line_is "0 done, 1 skipped, 0 failed"

# Templates with every placeholder.
run 0 "$GIMP_GAN" upscale in/a.png -m "$model" -o out4 --scale 2.5 \
    --template '{folder}/{index}{{}}{name}_{model}_{scale}.{ext}'
files_are out4 "in/1{}a_srvgg-prelu-x4_2.5.png"
run 0 "$GIMP_GAN" upscale in/a.png -m "$model" -o out5/ --to 20x
files_are out5 "a-20x.png"
size_is out5/a-20x.png 20x13

# One file, named; formats; a picture replaced by its own result on demand only.
run 0 "$GIMP_GAN" upscale in/a.png -o one.webp -m "$model" --quality 80
size_is one.webp 48x32
for format in png jpg tif webp exr; do
    run 0 "$GIMP_GAN" upscale in/a.png -o formats -f $format -m "$model"
    exists formats/a-x4.$format
done
cp in/a.png self.png
run 2 "$GIMP_GAN" upscale self.png -o self.png -m "$model"
size_is self.png 12x8
run 0 "$GIMP_GAN" upscale self.png -o self.png -m "$model" --overwrite
size_is self.png 48x32
ln -s self.png link.png
run 2 "$GIMP_GAN" upscale self.png -o link.png -m "$model"

# Names with spaces, other letters and a leading dash.
cp in/a.png 'Ein Bild ü.png'
cp in/a.png ./-dash.png
run 0 "$GIMP_GAN" upscale 'Ein Bild ü.png' -m "$model" -- -dash.png
exists 'Ein Bild ü-x4.png'
exists ./-dash-x4.png

# Names up to the limit of the file system are written; a result that goes beyond it fails before
# any work, as does one in a folder that takes none.
long=$(printf 'p%.0s' $(seq 248))
for format in png jpg tif webp exr; do
    run 0 "$GIMP_GAN" upscale in/a.png -o "long/$long.$format" -m "$model"
    [[ $format == exr ]] && exists "long/$long.$format" && continue
    size_is "long/$long.$format" 48x32
done
cp in/a.png "$long.png"
run 0 "$GIMP_GAN" upscale "$long.png" -m "$model"
exists "$long-x4.png"
wide=$(printf 'ü%.0s' $(seq 125))
cp in/a.png "$wide.png"
run 1 "$GIMP_GAN" upscale "$wide.png" in/c.jpg -o wide -m "$model"
last_line_is "1 done, 0 skipped, 1 failed"
err_says "would have 257 bytes; the file system takes 255"
run 1 "$GIMP_GAN" upscale "$wide.png" -o wide -m "$model" --dry-run
run 1 "$GIMP_GAN" upscale in/a.png -o "wide/$long$long/" -m "$model"
err_says "would have 496 bytes"
files_are wide "c-x4.jpg"

# A folder that cannot be made, and a picture that does not fit its format, fail without touching anything.
echo file >blocked
run 1 "$GIMP_GAN" upscale in/a.png -o blocked/x.png -m "$model"
last_line_is "0 done, 0 skipped, 1 failed"
picture 4400x2 wide.png
run 1 "$GIMP_GAN" upscale wide.png -o huge.jpg --scale 16 -m "$model"
err_says "a JPEG file holds at most 65500 a side"
run 1 "$GIMP_GAN" upscale wide.png -o huge.webp -m "$model"
err_says "a WebP file holds at most 16383 a side"
is_missing huge.jpg
is_missing huge.webp
# A pipe is not waited for, in a folder, named or as a companion's place; nor is one read where a result goes.
mkdir piped
picture 8x6 piped/a.png
mkfifo piped/b.png piped/c-x4.png
run 1 timeout -s KILL 60 "$GIMP_GAN" upscale piped -m "$model" -o unpiped
last_line_is "1 done, 0 skipped, 2 failed"
err_says "piped/b.png: It is a pipe or a device, not a file."
run 1 timeout -s KILL 60 "$GIMP_GAN" upscale piped/b.png /dev/zero -m "$model" -o unpiped
last_line_is "0 done, 0 skipped, 2 failed"

# A picture of one's own that has the name of another one's result is neither replaced nor left out.
mkdir bearing
picture 6x4 bearing/a.png
picture 8x4 bearing/a2.png
picture 7x4 bearing/b.png
for option in "" --overwrite; do
    run 1 "$GIMP_GAN" upscale bearing -o bearing -t '{name}2.{ext}' -m "$model" $option
    last_line_is "2 done, 0 skipped, 1 failed"
    err_says "The result of 'bearing/a.png' would replace the input 'bearing/a2.png'."
    files_are bearing "a.png a2.png a22.png b.png b2.png"
    size_is bearing/a2.png 8x4
    size_is bearing/a22.png 32x16
done

# Links to folders, which may go round in a loop, are not followed, and that is said.
mkdir -p linked/deep
picture 6x4 linked/a.png
picture 6x4 linked/deep/b.png
ln -s .. linked/deep/up
ln -s ../in linked/other
run 0 "$GIMP_GAN" upscale linked -r -o linked2 -m "$model"
out_says "2 links to folders are not followed: linked/deep/up, linked/other"
last_line_is "2 done, 0 skipped, 0 failed"
rm linked/other
run 0 "$GIMP_GAN" upscale linked -r -o linked2 -m "$model"
out_says "1 link to a folder is not followed: linked/deep/up"
run 0 "$GIMP_GAN" upscale linked -r -o linked2 -m "$model" --json
json_is "d['not_followed']" 1

finish
