#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# Every word for the user can be translated, and is: POTFILES names all files with words, and each translation has all of
# them, with the same placeholders.
# Usage: translations.sh SOURCE_FOLDER
set -u
cd "$1" || exit 1
for tool in xgettext msgfmt msgcmp; do
    command -v "$tool" >/dev/null || { echo "there is no $tool (package gettext)"; exit 77; }
done
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
failed=0
fail() {
    echo "FAILED: $*"
    failed=1
}
grep -v '^#' plugin/po/POTFILES | LC_ALL=C sort >"$work/named"
grep -rlE '\b(N?_|g_dngettext) ?\(' plugin --include='*.c' | LC_ALL=C sort >"$work/have"
diff "$work/named" "$work/have" >"$work/diff" || { fail "plugin/po/POTFILES (<) is not the files with words (>)"; cat "$work/diff"; }
xgettext --from-code=UTF-8 --keyword=_ --keyword=N_ --keyword=g_dngettext:2,3 --files-from="$work/have" \
    --output="$work/all.pot" || fail "xgettext"
while read -r language; do
    msgfmt --check --statistics --output-file=/dev/null "plugin/po/$language.po" || fail "plugin/po/$language.po is damaged"
    msgcmp "plugin/po/$language.po" "$work/all.pot" || fail "plugin/po/$language.po lacks words"
    if msgattrib --only-fuzzy "plugin/po/$language.po" | grep -q '^msgid'; then
        fail "plugin/po/$language.po has guesses (fuzzy)"
    fi
done < <(grep -v '^#' plugin/po/LINGUAS)
exit "$failed"
