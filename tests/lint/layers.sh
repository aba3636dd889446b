#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The architecture: layers.sh SOURCE_ROOT KAIROSCTL LIBRARY...
# The libraries are given from the lowest layer to the highest.  What a layer needs is read from its symbols, so nothing escapes: a library
# may use only itself and those below it, and none of src/ knows GTK.
set -eu
cd "$1"
kairosctl=$2
shift 2
. tests/lint/tap.sh

# Name and kind of every symbol of ours or of the toolkit, and the file it is in, one library after the other.
symbols=$(mktemp)
trap 'rm -f "$symbols"' EXIT
for library in "$@"; do
  echo "library $(basename "$library" .a)"
  nm -A "$library" | awk '
    NF >= 2 && $NF ~ /^(kairos|cli|gtk|gdk|gsk|adw)_/ {
      n = split($1, place, ":")
      sub(/.*\//, "", place[n - 1])
      sub(/\.c\.o$/, "", place[n - 1])
      print $(NF - 1), $NF, place[n - 1]
    }'
done >"$symbols"

verdict 'every library has symbols of ours' "$(awk '
  $1 == "library" { library = $2; symbols[library] += 0; next }
  $2 ~ /^kairos_/ { symbols[library]++ }
  END { for (library in symbols) if (symbols[library] == 0) print library " has none" }' "$symbols")"

verdict 'a library uses only itself and those below it' "$(awk '
  $1 == "library" { library = $2; level[library] = ++n; next }
  $2 !~ /^kairos_/ { next }
  $1 == "U" { uses[library, $2] = 1; next }
  $1 ~ /^[A-Zi]$/ && !($2 in home) { home[$2] = library } # i: chosen at load time for the processor
  END {
    for (use in uses) {
      split(use, part, SUBSEP)
      if (!(part[2] in home))
        print part[1] " uses " part[2] ", which no library of src/ defines"
      else if (level[home[part[2]]] > level[part[1]])
        print part[1] " uses " part[2] " of " home[part[2]] ", a layer above it"
    }
  }' "$symbols")"

verdict 'no library of src/ uses the toolkit' "$(awk '
  $1 == "library" { library = $2; next }
  library != "libkairos-ui" && $1 == "U" && $2 ~ /^(gtk|gdk|gsk|adw)_/ && $2 !~ /^gdk_pixbuf_/ { print library " uses " $2 }' "$symbols")"

verdict 'kairosctl does not load the toolkit' "$(ldd "$kairosctl" 2>&1 | grep -E 'lib(gtk|gdk|adwaita)-?[0-9]|No such file' || true)"

verdict 'only ui/ and its tests include the toolkit' "$(grep -rnE '#include *<(gtk|gdk|gsk|adwaita)' src include tests --include='*.[ch]' \
  | grep -vE '^tests/(ui|e2e|bench)/' || true)"

includes () {
  own=$(sources '*.c' '*.h' | grep -E '^(src|ui|include)/')
  echo "$own" | sed 's/^/file /'
  # shellcheck disable=SC2086
  grep -nE '^ *# *include' $own | sed 's/: *# *include */ /; s/:/ /'
}
verdict 'files use each other in one direction, but those of one type' "$({ includes; cat "$symbols"; } | awk -f tests/lint/circles.awk | sort)"

verdict 'a file includes private headers of its own layer and of base, and public ones from below' "$(includes | awk -f tests/lint/includes.awk)"

verdict 'ui/ asks worker, session and runner only through the document' \
  "$(grep -rnE '\<kairos_(worker|session|runner)_[a-z_]+' ui --include='*.[ch]' || true)"

# A widget emits its own signals; what the document says is said by a verb of the document.  (The benchmark plays the
# person's part and moves gestures.)
verdict 'no widget emits the signal of another object' \
  "$(grep -rnE 'g_signal_emit_by_name \(' ui --include='*.[ch]' | grep -vE 'emit_by_name \((self|widget),|kairos-benchmark' || true)"

one_file () {
  found=$(grep -rlE "#include *[<\"]([a-z]+/)*$1" src ui include tests --include='*.[ch]' || true)
  [ "$(echo "$found" | wc -w)" -le 1 ] || echo "$found"
}
verdict 'one file includes cblas.h' "$(one_file 'cblas\.h')"
verdict 'one file includes dnnl.h' "$(one_file '(dnnl|oneapi/dnnl/dnnl)\.h')"
verdict 'one file includes sqlite3.h' "$(one_file 'sqlite3\.h')"

# Every source is built: its path from its meson.build appears there, or its name is made up there ("test-" + name).
unbuilt () {
  sources '*.c' | grep -vE '^tests/' | while read -r file; do
    folder=$(dirname "$file")
    while [ ! -f "$folder/meson.build" ]; do
      folder=$(dirname "$folder")
    done
    grep -qF "'${file#"$folder"/}'" "$folder/meson.build" || echo "$file is in no meson.build"
  done
}
verdict 'every source is built' "$(unbuilt)"

plan
