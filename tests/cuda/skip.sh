#!/bin/sh
# SPDX-License-Identifier: LGPL-3.0-or-later
# Skips a check with the reason that is given.
echo "skipped: $1"
exit 77
