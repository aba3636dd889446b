#!/bin/sh
# SPDX-License-Identifier: MIT
#
# What the desktop reads, and what translators need: desktop.sh SOURCE_ROOT
set -eu
cd "$1"
. tests/lint/tap.sh

# validate NAME PATTERN COMMAND...: the command must be quiet about each file of data/ and resources/ that the pattern names.
validate () {
  name=$1 pattern=$2
  shift 2
  files=$(find data resources -name "$pattern" | sort)
  if ! command -v "$1" >/dev/null 2>&1; then
    skip "$name" "no $1 here"
  elif [ -z "$files" ]; then
    verdict "$name" "there is no $pattern"
  else
    verdict "$name" "$(for file in $files; do "$@" "$file" >"$messages" 2>&1 || { echo "$file:"; cat "$messages"; }; done)"
  fi
}

messages=$(mktemp)
trap 'rm -f "$messages"' EXIT

validate 'the desktop entry is valid' '*.desktop*' desktop-file-validate
validate 'the metainfo is valid' '*.metainfo.xml*' appstreamcli validate --no-net
# shellcheck disable=SC2016
validate 'the settings schema is valid' '*.gschema.xml' sh -c 'glib-compile-schemas --strict --dry-run "$(dirname "$1")"' sh
if command -v man >/dev/null 2>&1; then
  # shellcheck disable=SC2016
  validate 'the man pages are valid' '*.1' sh -c 'test -z "$(LC_ALL=C.UTF-8 man --warnings -l -Tutf8 "$1" 2>&1 >/dev/null)"' sh
else
  skip 'the man pages are valid' 'no man here'
fi

# The templates name types of our own and of libadwaita, which the validator cannot know; the tests of the window load those.
plain_templates () {
  for file in $(find resources -name '*.ui' | sort); do
    grep -qE '"(Adw|Kairos)[A-Za-z]+"' "$file" || echo "$file"
  done
}
if [ -n "$(plain_templates)" ] && [ -n "${DISPLAY-}" ] && command -v gtk4-builder-tool >/dev/null 2>&1; then
  verdict 'the plain templates are valid' "$(for file in $(plain_templates); do gtk4-builder-tool validate "$file" 2>&1 || true; done)"
else
  skip 'the plain templates are valid' 'no such template, no display, or no gtk4-builder-tool'
fi

verdict 'every template is in the resources' "$(for file in $(find resources -name '*.ui' | sort); do
  grep -qF "${file#resources/}" resources/kairos.gresource.xml || echo "$file"; done)"

# Where a person reads a string, the translator must too.
translatable () {
  grep -rlE '(^|[^A-Za-z0-9_])(_|N_|C_|NC_|ngettext|g_dngettext) ?\("' src ui include --include='*.[ch]' || true
  grep -rlE 'translatable="(yes|true|1)"' resources --include='*.ui' || true
  find data -name '*.desktop*' -o -name '*.metainfo.xml*'
}
potfiles=data/po/POTFILES
if [ -f $potfiles ]; then
  listed=$(grep -vE '^(#|$)' $potfiles | sort -u)
  verdict 'POTFILES lists every file with strings' "$(translatable | sort -u | while read -r file; do
    echo "$listed" | grep -qxF "$file" || echo "$file"; done)"
  verdict 'POTFILES lists only files that exist' "$(echo "$listed" | while read -r file; do [ -f "$file" ] || echo "$file"; done)"
else
  verdict 'POTFILES is there' "there is no $potfiles"
fi

plan
