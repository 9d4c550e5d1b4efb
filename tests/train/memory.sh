#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# What `--dry-run` says of the memory is what the run takes at the most, as the system counts it.
source "$(dirname "$0")/../cli/check.sh"
: "${RECIPES:?is not set}"
if nm -D "$GIMP_GAN" | grep -q __asan_init; then
    echo "skipped: the address sanitizer keeps memory of its own"
    exit 77
fi

mkdir photos large
for k in 1 2 3; do convert -size 220x200 -seed $k plasma:fractal -depth 8 photos/$k.png; done
convert -size 1000x900 -seed 1 plasma:fractal -depth 8 large/1.png

# foresees WHAT OPTION…: the run's peak lies within 15 % of what was said. Below half a gigabyte what GEGL takes while it
# starts would count instead.
foresees() {
    local what=$1 said
    shift
    set -- train "$RECIPES/restore-jpeg.ini" --data photos --threads 2 --device cpu --set network.features=64 --set network.blocks=6 \
        --set data.patch=192 --set data.batch=28 --set run.n_samples=2 --set run.steps=2 "$@"
    run 0 "$GIMP_GAN" "$@" -o none --dry-run --json
    said=$(json "d['memory_bytes']")
    rm -rf out
    run 0 python3 - "$GIMP_GAN" "$@" -o out --quiet <<'END'
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024)
END
    python3 - "$said" "$(cat "$log/out")" "$what" <<'END' || claim_failed "$what: the memory is not what was foreseen"
import sys
said, taken = float(sys.argv[1]), float(sys.argv[2])
print(f"{sys.argv[3]}: foreseen {said / 2**20:.0f} MiB, taken {taken / 2**20:.0f} MiB")
sys.exit(not (taken > 500 * 2**20 and 0.85 * said < taken < 1.15 * said))
END
}

quiet=(--set run.samples_every=0 --set run.validate_every=0)
foresees "steps alone" "${quiet[@]}"
foresees "more blocks" "${quiet[@]}" --set network.blocks=8
foresees "with samples and validation" --set run.samples_every=1 --set data.validation=large --set run.validate_every=1
# A critic, and pictures that pass through it.
foresees "with a critic" "${quiet[@]}" --set critic.loss=hinge --set critic.kind=patch --set critic.features=16 \
    --set critic.norm=spectral
finish
