#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The house style, as far as a script can see it: style.sh SOURCE_ROOT
set -eu
cd "$1"
. tests/lint/tap.sh

all=$(sources '*.[ch]')

# shellcheck disable=SC2046,SC2086
too_long () {
  wc -l $all $(sources '*.ui' '*.sh' '*.awk' 'meson.build') | awk '$2 != "total" && $1 > 800 { print $2 " has " $1 " lines; split it" }'
}
verdict 'files have at most 800 lines' "$(too_long)"

# In this style a function begins with "{" in the first column and ends with "}" there; its name is on the line before, or, with long
# arguments, on a line above that.
# shellcheck disable=SC2086
verdict 'functions have at most 60 lines' "$(awk '
  FNR == 1 { name = "" }
  /^[A-Za-z_][A-Za-z0-9_]* \(/ { name = $1; start = FNR }
  /^}/ && name != "" { if (FNR - start + 1 > 60) print FILENAME ":" start ": " name " has " FNR - start + 1 " lines"; name = "" }
  /;$/ && !/^[ \t{}]/ { name = "" }' $all)"

# shellcheck disable=SC2086
verdict 'lines have at most 120 columns' "$(grep -nE '^.{121,}' $all || true)"

# shellcheck disable=SC2086
verdict 'no tabs, no blanks at the ends of lines' "$(grep -nE "$(printf '\t')|[[:blank:]]+\$" $all || true)"

# Versions of clang-format differ in what they make of the same settings; Debian 12's is the one that counts.
if clang-format --version 2>/dev/null | grep -q 'version 14\.'; then
  # shellcheck disable=SC2086
  verdict 'the code is laid out as clang-format lays it out' "$(clang-format --dry-run $all 2>&1 | grep -E 'warning:' | cut -d: -f1,2 || true)"
else
  skip 'the code is laid out as clang-format lays it out' 'no clang-format 14 here'
fi

# A pointer is asked for by itself; compared with NULL only where the answer is stored or handed on.
# shellcheck disable=SC2086
verdict 'pointers are tested without NULL' "$(grep -nE '== NULL|(if|while) \([^;]*!= NULL|!= NULL (&&|\|\||\?)|(&&|\|\|) [^;]*!= NULL' $all || true)"

# shellcheck disable=SC2086
verdict 'callbacks are called on_..., properties properties' "$(grep -nE '\b[a-z_]+_cb\b|GParamSpec \*props\b' $all || true)"

# Meson files and data carry no header; everything a person reads as a program does.
# shellcheck disable=SC2046
verdict 'every program file names its licence' "$(grep -L 'SPDX-License-Identifier: MIT' $(sources '*.c' '*.h' '*.sh' '*.awk') start check .ci/run)"

# What a header is for is seen from its use: lines of code in the comment on top of it.
verdict 'every public header begins with its use' "$(for header in include/kairos/*.h; do
  sed '/^#pragma once/q' "$header" | grep -q '^ \*   [^ ]' || echo "$header"
done)"
verdict 'types are named in types.h' "$(grep -nE '^typedef (struct|union) [A-Za-z_]+ [A-Za-z]+;' include/kairos/*.h | grep -v '/types\.h:' || true)"

# shellcheck disable=SC2046
verdict 'nothing is left for later' "$(grep -nE '\b(TODO|FIXME|XXX|HACK)\b' $(sources '*.[ch]' '*.ui' '*.css' 'meson.build') README.md CONTRIBUTING.md || true)"

# Functions without a bound, or that hide errors, or whose state is shared.
# shellcheck disable=SC2086
verdict 'no banned functions' "$(grep -nE '(^|[^A-Za-z0-9_>.])(strcpy|strcat|sprintf|vsprintf|gets|atoi|atol|atof|strtok|rand|srand|tmpnam|system) ?\(' $all \
  | grep -vE ':[0-9]+: *(/?\*|/\*)' || true)"

# json-glib's parser recurses without a bound.
# shellcheck disable=SC2046
verdict 'JSON is read by kairos_json_parse alone' "$(grep -nE '\b(json_parser_[a-z_]+|json_from_string|json_reader_new) ?\(' \
  $(sources '*.c' '*.h' | grep -E '^(src|ui|include)/' | grep -vxF src/base/json.c) || true)"

# A kind of clip or event is known by name in its own file alone, so that one more needs no other.  A name that a hyper-parameter, a layer
# or an optimiser has, too, is looked for only where nothing but a kind can be meant.
named_kinds () {
  for file in src/teach/kinds/*.c; do
    name=$(sed -n 's/.*\.info = { "\([a-z-]*\)".*/\1/p' "$file")
    [ -n "$name" ] || echo "$file names no kind"
    folders='src ui'
    ! grep -rqF "\"$name\"" src/nn src/run/config.c || folders='src/teach ui/timeline'
    # shellcheck disable=SC2086
    grep -rnF "\"$name\"" $folders --include='*.[ch]' | grep -v "^$file:" || true
  done
}
verdict 'a kind of clip is named in its own file only' "$(named_kinds)"

# The library reports through GError; only the programs talk.
# shellcheck disable=SC2046
verdict 'the library prints nothing and never exits' "$(grep -nE '(^|[^A-Za-z0-9_>.])(printf|g_print|g_printerr|puts|perror|exit|abort) ?\(' \
  $(find src -name '*.[ch]' -not -path 'src/cli/*') || true)"

# Links, and paths between back quotes; NAME stands for any name.
missing_paths () {
  for document in README.md CONTRIBUTING.md; do
    {
      sed -n 's/](/\n](/gp' $document | sed -n 's/^](\([^):]*\)).*/\1/p'
      tr '`' '\n' <$document | grep -xE '(src|include|ui|resources|data|tests|build-aux|docs)/[A-Za-z0-9_./-]*'
    } | grep -v NAME | sort -u | while read -r path; do
      [ -e "$path" ] || echo "$document: there is no $path"
    done
  done
}
verdict 'the documents speak of files that exist' "$(missing_paths)"

if command -v shellcheck >/dev/null 2>&1; then
  verdict 'shell scripts are clean' "$(shellcheck -x start check .ci/run build-aux/*.sh tests/lint/*.sh || true)"
else
  skip 'shell scripts are clean' 'no shellcheck here'
fi

plan
