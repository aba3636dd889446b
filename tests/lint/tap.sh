# SPDX-License-Identifier: MIT
# shellcheck shell=sh
#
# TAP for the lint scripts, which source this file: verdict NAME PROBLEMS, skip NAME REASON, and plan at the end.

count=0

# Passes when PROBLEMS is empty; else shows it, a line each.
verdict () {
  count=$((count + 1))
  if [ -z "$2" ]; then
    echo "ok $count $1"
  else
    echo "not ok $count $1"
    printf '%s\n' "$2" | sed 's/^/# /'
  fi
}

skip () {
  count=$((count + 1))
  echo "ok $count $1 # SKIP $2"
}

plan () {
  echo "1..$count"
}

# The sources that this project has written, of the kinds given as file name patterns.
sources () {
  for pattern in "$@"; do
    find src include ui tests data resources build-aux .ci -type f -name "$pattern"
  done | sort
}
