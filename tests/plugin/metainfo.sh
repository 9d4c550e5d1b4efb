#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# What software centres show is valid, and names the version and an icon that are there.
# Usage: metainfo.sh SOURCE_FOLDER VERSION
set -u
cd "$1" || exit 1
command -v appstreamcli >/dev/null || { echo "there is no appstreamcli (package appstream)"; exit 77; }
file=packaging/org.gimp.GIMP.Plugin.GAN.metainfo.xml
# From 1.0.2 on it warns where no homepage is named. There is no address where this project is at home, and none is
# made up; older ones do not know that warning.
homepage=--override=url-homepage-missing=info
said=$(appstreamcli validate --no-net --pedantic $homepage "$file" 2>&1)
status=$?
if [[ $said == *"'url-homepage-missing' is not recognized"* ]]; then
    said=$(appstreamcli validate --no-net --pedantic "$file" 2>&1)
    status=$?
fi
echo "$said"
((status == 0)) || exit 1
grep -q "<release version=\"$2\" " "$file" || { echo "FAILED: $file has no release $2"; exit 1; }
icon=$(sed -n 's|.*<icon type="stock">\(.*\)</icon>.*|\1|p' "$file")
[[ -f packaging/icons/$icon.svg ]] || { echo "FAILED: there is no packaging/icons/$icon.svg"; exit 1; }
