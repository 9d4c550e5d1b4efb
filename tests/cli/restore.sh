#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# restore: strength, level, then enlarging; and what it shares with the other verbs of pictures.
source "$(dirname "$0")/check.sh"
model=$GOLDEN/srvgg-leakyrelu-x1.pth
upscaler=$GOLDEN/srvgg-relu-x2.pth
mkdir -p in/sub
picture 24x16 in/a.png
picture 21x13 in/b.jpg
picture 9x7 in/sub/c.tif
echo broken >in/d.png
differ() { ! compare -metric AE "$1" "$2" null: 2>/dev/null; }

# A folder: a damaged file does not stop the others, what is done is skipped, sizes stay.
run 1 "$GIMP_GAN" restore in -o out -m "$model" --recursive
last_line_is "3 done, 0 skipped, 1 failed"
out_says "in/a.png -> out/a-restored.png: 24 x 16 pixels"
err_says "in/d.png"
files_are out "a-restored.png b-restored.jpg sub/c-restored.tif"
size_is out/b-restored.jpg 21x13
rm in/d.png
run 0 "$GIMP_GAN" restore in -o out -m "$model" --recursive
last_line_is "0 done, 3 skipped, 0 failed"
differ in/a.png out/a-restored.png || claim_failed "the network changed nothing"
run 0 "$GIMP_GAN" restore in/a.png -m "$model" -o named -t '{name}_{model}_{scale}.{ext}'
files_are named "a_srvgg-leakyrelu-x1_1.png"

# Strength: none is the picture itself, half is half of the way.
run 0 "$GIMP_GAN" restore in/a.png -o none.png -m "$model" --strength 0
differ in/a.png none.png && claim_failed "a strength of 0 changes the picture"
run 0 "$GIMP_GAN" restore in/a.png -o half.png -m "$model" --strength 0.5
# Where the network's result is black or white it may have been more than that.
python3 - half.png in/a.png out/a-restored.png <<'PY' || claim_failed "half the strength is not half of the way"
import subprocess, sys
half, before, after = (subprocess.run(["convert", path, "-depth", "8", "rgb:-"], stdout=subprocess.PIPE, check=True).stdout
                       for path in sys.argv[1:])
inside = [i for i, value in enumerate(after) if 0 < value < 255]
far = max(abs(half[i] - (before[i] + after[i]) / 2) for i in inside)
print(far, len(inside), len(after))
sys.exit(not (far < 1.01 and len(inside) > 0.2 * len(after)))
PY

# Transparency and depth stay.
convert in/a.png -alpha set -channel A -evaluate set 50% -depth 16 -define png:bit-depth=16 clear.png
run 0 "$GIMP_GAN" restore clear.png -m "$model"
[[ $(identify -format '%[channels] %z' clear-restored.png) == *a*16 ]] || claim_failed "transparency or depth is lost"

# Transparency as data: colours under it and itself come out as of two opaque pictures.
convert -size 24x16 plasma:tomato-steelblue -depth 8 "PNG24:colours.png"
convert -size 24x16 gradient:black-white -threshold 40% -depth 8 -colorspace Gray alpha.png
convert colours.png alpha.png -alpha off -compose CopyOpacity -composite PNG32:texture.png
for way in "restore -m $model" "upscale -m $upscaler"; do
    # shellcheck disable=SC2086 # words
    for name in texture colours alpha; do
        flag=--data-alpha
        [[ $name == texture ]] || flag=--quiet
        run 0 "$GIMP_GAN" $way "$name.png" -o "$name-as-data.png" "$flag" --overwrite
    done
    convert texture-as-data.png -alpha off -depth 8 PNG24:found.png
    differ found.png colours-as-data.png && claim_failed "$way: colours under transparency as data are others"
    convert texture-as-data.png -alpha extract -depth 8 found.png
    compare -metric AE -fuzz 0.6% found.png alpha-as-data.png null: 2>/dev/null ||
        claim_failed "$way: transparency as data is another than that of a grey picture"
    # shellcheck disable=SC2086
    run 0 "$GIMP_GAN" $way texture.png -o plain.png --overwrite
    convert plain.png -alpha off -depth 8 PNG24:found.png
    differ found.png colours-as-data.png || claim_failed "$way: without --data-alpha it is the same"
done
run 0 "$GIMP_GAN" restore texture.png -m "$model" --data-alpha --dry-run
out_says "2 passes"
run 2 "$GIMP_GAN" upscale texture.png -m "$upscaler" --data-alpha --network-alpha
err_says "exclude each other"

# Then enlarge, by a model of upscale.
run 0 "$GIMP_GAN" restore in/a.png -m "$model" -o large --then-upscale "3:$upscaler"
files_are large "a-restored-x3.png"
size_is large/a-restored-x3.png 72x48
run 0 "$GIMP_GAN" upscale out/a-restored.png -o two.png -m "$upscaler" --scale 3
differ large/a-restored-x3.png two.png && claim_failed "restoring and enlarging in one go is not the same as in two"
run 0 "$GIMP_GAN" restore in/a.png -m "$model" --then-upscale "3:$upscaler" --dry-run
out_says "in/a-restored-x3.png: 24 x 16 to 72 x 48 pixels, 3 passes (1 tile of 24 x 16, then 1 tile of 24 x 16, then 1 tile"
is_missing in/a-restored-x3.png
run 0 "$GIMP_GAN" restore in/a.png -m "$model" -o large --then-upscale "3:$upscaler" --overwrite --json
out_is_json_lines
out_says '"event":"start","model":"srvgg-leakyrelu-x1"'
out_says '"then":{"model":"srvgg-relu-x2"'
out_says '"width":24,"height":16,"result_width":72,"result_height":48,"passes":3'
out_says '"strength":1.0'

# Models by name and without one: each task has its own.
folder=$XDG_DATA_HOME/gimp-gan/models
mkdir -p "$folder"
cp "$GOLDEN/srvgg-prelu-x4.pth" "$folder/large.pth"
run 1 "$GIMP_GAN" restore in/a.png -o none.png --overwrite
err_says "No model to restore with was found"
cp "$model" "$folder/clean.pth"
run 0 "$GIMP_GAN" restore in/a.png -o chosen.png --then-upscale 4
out_says "Model: clean (SRVGGNetCompact"
out_says "--model NAME takes another"
out_says "Model: large (SRVGGNetCompact"
out_says "--then-upscale FACTOR:NAME takes another"
size_is chosen.png 96x64

# The number that a model takes: its own, another, and out of its range.
told=$GOLDEN/ffdnet-colour.safetensors
run 0 "$GIMP_GAN" info "$told"
out_says "number noise, values 0 to 75, 15 unless told"
run 0 "$GIMP_GAN" restore in/a.png -o own.png -m "$told"
out_says "The model takes a number, its noise from 0 to 75: 15 unless --level says another."
run 0 "$GIMP_GAN" restore in/a.png -o same.png -m "$told" --level 15
differ own.png same.png && claim_failed "the model's own level is not 15"
run 0 "$GIMP_GAN" restore in/a.png -o more.png -m "$told" --noise 75 --json
out_says '"strength":1.0,"level_of":"noise","level":75.0'
differ own.png more.png || claim_failed "the level changes nothing"
run 2 "$GIMP_GAN" restore in/a.png -o beyond.png -m "$told" --noise 76
err_says "--noise is 76; it goes from 0 to 75."

# A model that is to be told the quality, which says in what range it learned: each JPEG file has its own, others have
# none. At the best one a picture stays as it is.
python3 - "$told" quality.safetensors <<'END'
import json, struct, sys
data = open(sys.argv[1], "rb").read()
end = 8 + struct.unpack("<Q", data[:8])[0]
header, values = json.loads(data[8:end]), data[end:]
for name in ("residual", "quality"):
    header[name] = {"dtype": "F32", "shape": [1], "data_offsets": [len(values), len(values) + 4]}
    values += bytes(4)
header["__metadata__"] = {"number": "quality 10 100 60"}
text = json.dumps(header).encode()
open(sys.argv[2], "wb").write(struct.pack("<Q", len(text)) + text + values)
END
run 0 "$GIMP_GAN" info quality.safetensors
out_says "number quality, values 10 to 100, 60 unless told"
for quality in 5 30 62 90; do convert in/a.png -quality $quality at-$quality.jpg; done
run 0 "$GIMP_GAN" restore in/a.png at-30.jpg -o several/ -m quality.safetensors
out_says "The model takes a number, its quality from 10 to 100: that of each JPEG file, of other files 60, unless --level says another."
for pair in at-5.jpg:10.0 at-30.jpg:30.0 at-62.jpg:62.0 at-90.jpg:90.0 in/a.png:60.0; do
    run 0 "$GIMP_GAN" restore "${pair%:*}" -o told.png -m quality.safetensors --json --overwrite
    out_says "\"level_of\":\"quality\",\"level\":${pair#*:}"
done
run 0 "$GIMP_GAN" restore at-30.jpg -o told-90.png -m quality.safetensors --level 90 --json
out_says '"level_of":"quality","level":90.0'
run 0 "$GIMP_GAN" restore at-30.jpg -o told-30.png -m quality.safetensors
differ told-30.png told-90.png || claim_failed "the quality changes nothing"
run 0 "$GIMP_GAN" restore in/a.png -o whole.png -m quality.safetensors --level 100
differ in/a.png whole.png && claim_failed "a picture without damage is changed"
is_missing beyond.png
mkdir -p pairs/HR pairs/LR
cp in/a.png pairs/HR
cp in/a.png pairs/LR
run 0 "$GIMP_GAN" evaluate "$told" --data pairs --json
own=$(json 'd["mean"]["model"]["psnr_y"]')
run 0 "$GIMP_GAN" evaluate "$told" --data pairs --level 75 --json
json_is "d['mean']['model']['psnr_y'] != $own" True

# Wrong command lines do nothing.
refused() {
    local text=$1
    shift
    run 2 "$GIMP_GAN" restore in/a.png -o refused.png "$@"
    err_says "$text"
    is_missing refused.png
}
refused "--strength is 1.5; it goes from 0 to 1." --strength 1.5
refused "--strength is 'much'" --strength much
refused "--level and --noise exclude each other." --level 3 --noise 3
refused "--level is '20', but the model 'clean' takes no level; what it does is fixed by its weights." --level 20
refused "--noise is '20', but the model 'clean' takes no level; what it does is fixed by its weights." --noise 20
refused "The factor of --then-upscale is 'large'" --then-upscale large
refused "The factor of --then-upscale is 32; it goes from 0.5 to 16." --then-upscale 32:large
refused "--then-upscale is '2:'; after the colon it takes the name of a model." --then-upscale 2:
run 1 "$GIMP_GAN" restore in/a.png -o refused.png -m large
err_says "The model 'large' is one to upscale with, not to restore: 'gimp-gan upscale' takes it."
run 1 "$GIMP_GAN" restore in/a.png -o refused.png --then-upscale 2:clean
err_says "The model 'clean' is one to restore with, not to upscale: 'gimp-gan restore' takes it."
run 1 "$GIMP_GAN" upscale in/a.png -o refused.png -m clean
err_says "The model 'clean' is one to restore with, not to upscale: 'gimp-gan restore' takes it."
run 1 "$GIMP_GAN" upscale in/a.png -o refused.png --blend "$model:$model:0.5"
err_says "The model 'srvgg-leakyrelu-x1' is one to restore with"
is_missing refused.png
# The file itself is taken at its word: it makes what it makes.
run 0 "$GIMP_GAN" upscale in/a.png -o once.png -m "$model"
err_says "note: 'srvgg-leakyrelu-x1' is a model to restore with and keeps the size; 'gimp-gan restore' knows its strength."
differ once.png out/a-restored.png && claim_failed 'a model that restores gives something else under upscale'
run 0 "$GIMP_GAN" restore in/a.png -o blend.png --blend "$model:$model:0.5"
differ blend.png out/a-restored.png && claim_failed "a blend of a model with itself differs"

# A signal in the first or the second network leaves nothing half.
picture 700x500 big.png
for after in "$model|" "$model|2:$GOLDEN/srvgg-prelu-x4.pth"; do
    then=${after#*|}
    command_text="restore, interrupted"
    "$GIMP_GAN" restore big.png -o stopped/ -m "${after%|*}" ${then:+--then-upscale "$then"} --device reference --json \
        >"$log/out" 2>"$log/err" &
    pid=$!
    for _ in $(seq 300); do
        grep -q '"fraction"' "$log/out" && break
        sleep 0.1
    done
    kill -INT "$pid"
    status=0
    wait "$pid" || status=$?
    ((status == 130)) || claim_failed "exit status $status, wanted 130"
    out_is_json_lines
    out_says '"interrupted":true'
    is_missing stopped
done
finish
