#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# Every wrong option is refused with status 2 and a message that names it, before anything is done.
source "$(dirname "$0")/check.sh"
model=$GOLDEN/srvgg-prelu-x4.pth
picture 8x6 a.png
picture 8x6 b.png

refused() {
    local message=$1
    shift
    run 2 "$GIMP_GAN" "$@"
    err_says "$message"
    out_is_empty
}
run 0 "$GIMP_GAN" --help
out_says upscale
run 0 "$GIMP_GAN" --version
out_says "gimp-gan 0."
for verb in $("$GIMP_GAN" --help | awk '/^Verbs:/ { on = 1; next } !NF { on = 0 } on { print $1 }'); do
    run 0 "$GIMP_GAN" "$verb" --help
    out_says "gimp-gan $verb"
    run 0 "$GIMP_GAN" help "$verb"
    refused "Unknown option --bogus" "$verb" --bogus
    run 0 "$GIMP_GAN" "$verb" -V
    out_says "gimp-gan 0."
done
refused "a verb is missing"
run 0 "$GIMP_GAN" -V
out_says "gimp-gan 0."

# What was meant is asked: verbs, options, models.
refused "'enlarge' is not a verb. 'gimp-gan --help'" enlarge
refused "'upscal' is not a verb. Did you mean 'upscale'?" upscal
refused "'Doctor' is not a verb. Did you mean 'doctor'?" Doctor
refused "'pictures' is not a verb. 'gimp-gan --help'" help pictures
refused "'resotre' is not a verb. Did you mean 'restore'?" help resotre
refused "'--foo' is not an option. 'gimp-gan --help'" --foo
refused "'--versoin' is not an option. Did you mean '--version'?" --versoin
refused "Unknown option --modle. Did you mean --model?" upscale a.png --modle x
refused "Unknown option --scal=2. Did you mean --scale?" upscale --scal=2 a.png
refused "Unknown option --colums=3. Did you mean --columns?" generate --colums=3
refused "Unknown option --dat. Did you mean --data?" evaluate --dat x
run 2 "$GIMP_GAN" upscale a.png --wholly-other
! grep -q "Did you mean" "$log/err" || claim_failed "nothing is near that"

# The examples of the help name models that come with the program.
"$GIMP_GAN" --help | grep -oE 'photo-x[0-9]-[a-z]+' | sort -u >"$log/named"
(($(wc -l <"$log/named") >= 2)) || claim_failed "the help names no models"
while read -r name; do exists "$PACKAGING/../weights/models/$name.safetensors"; done <"$log/named"

refused "No picture is named" upscale
refused "--scale is 0.4; it goes from 0.5 to 16" upscale a.png --scale 0.4
refused "--scale is 16.5; it goes from 0.5 to 16" upscale a.png --scale 16.5
refused "--scale is 'two'; it takes a number" upscale a.png --scale two
refused "--scale is 'nan'" upscale a.png --scale nan
refused "--scale is '3/0'" upscale a.png --scale 3/0
refused "--scale is 1/4; it goes from 0.5" upscale a.png --scale 1/4
refused "--to is '800'" upscale a.png --to 800
refused "--to is '0x0'" upscale a.png --to 0x0
refused "--to is '99999999x1'" upscale a.png --to 99999999x1
refused "--scale and --to exclude each other" upscale a.png --scale 2 --to 20x20
refused "--model and --blend exclude each other" upscale a.png --model a --blend a:b:0.5
refused "--blend is 'a:b'" upscale a.png --blend a:b
refused "--blend is 1.5; it goes from 0 to 1" upscale a.png --blend a:b:1.5
refused "--memory is '2Q'" upscale a.png --memory 2Q
refused "--memory is '-1'" upscale a.png --memory -1
refused "--threads is -1" upscale a.png --threads -1
refused "--quality is 0; it goes from 1 to 100" upscale a.png --quality 0
refused "--quality is 101; it goes from 1 to 100" upscale a.png --quality 101
refused "--quiet and --json exclude each other" upscale a.png --quiet --json
refused "--models is 'nowhere', which is not a folder" upscale a.png --models nowhere
refused "--format is 'gif'" upscale a.png --format gif
refused "pictures cannot be written as 'xyz'" upscale a.png -o x.xyz
refused "--output is 'x.jpg', but --format is 'png'" upscale a.png -o x.jpg --format png
refused "--output is 'x.png', which is a file" upscale a.png b.png -o x.png
refused "The template '{nam}.png' has an unknown placeholder" upscale a.png --template '{nam}.png'
refused "has a { without its }" upscale a.png --template '{name'
refused "has a } without its {" upscale a.png --template 'name}'
refused "it has to end in {ext}" upscale a.png --template '{name}' -m "$model"
refused "would both become" upscale a.png b.png --template 'x.{ext}' -m "$model"
refused "would replace it" upscale a.png --template '{name}.{ext}' -m "$model"
refused "would replace the input" upscale a.png b.png --template '{index}.png' -m "$model" ./1.png
picture 8x6 1.png
refused "would replace the input" upscale a.png 1.png --template '{index}.png' -m "$model" --overwrite
refused "No model is named" info
refused "is too much" info a b
refused "--size is '5'" info a --size 5
refused "No weight file is named" import
refused "--dtype is 'f8'" import a --dtype f8
refused "--name goes with one weight file only" import a b --name c
refused "--name is 'a/b'" import a --name a/b
refused "--activation is 'tanh'" import a --activation tanh
refused "--residual-scale is 'x'" import a --residual-scale x
refused "'x' is too much" models x
refused "'x' is too much" doctor x
refused "--data is missing" evaluate a
refused "No model is named, and no --ready folder" evaluate --data .
refused "--feature-layer is for --features" evaluate a --data . --feature-layer conv1_1
refused "--scale is missing" evaluate --data . --ready .
refused "--seed is for --degrade" evaluate a --data . --seed 1
refused "--seed is negative" evaluate a --data . --degrade jpeg:75 --seed -1
refused "--degrade: 'jpeg:0' is no damage; there are jpeg:1 to jpeg:100" evaluate a --data . --degrade noise:5,jpeg:0
refused "--scale is 17" evaluate a --data . --scale 17
refused "No model is named" bench
refused "--runs is 0" bench a --runs 0
refused "--input-raw needs --size" bench a --input-raw f

run 1 "$GIMP_GAN" upscale a.png --device abacus -m "$model"
err_says abacus
run 1 "$GIMP_GAN" upscale a.png -m nope
err_says "There is no model and no file called 'nope'"
run 1 "$GIMP_GAN" upscale a.png --models "$GOLDEN" -m rrdb-basicsr-4x
err_says "no file called 'rrdb-basicsr-4x'. Did you mean 'rrdb-basicsr-x4'? The models are: "
rm -r xdg
run 1 "$GIMP_GAN" upscale a.png -m ./nope.pth
err_says "There is no model file './nope.pth'"
run 1 "$GIMP_GAN" upscale a.png
err_says "No model to upscale with was found"
err_says "$XDG_DATA_HOME/gimp-gan/models"
files_are . "1.png a.png b.png"
finish
