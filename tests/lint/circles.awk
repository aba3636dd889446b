# SPDX-License-Identifier: MIT
#
# Files that use each other in a circle.  Input: "file PATH" for every source, "PATH LINE NAME" for every include, NAME in its quotes or
# angle brackets; then "library NAME", and "KIND SYMBOL OBJECT" for each symbol of its objects, as nm has them.
#
# A use of a function and of a table count alike: a table knows its rows, so its rows know nothing of the table.  One type may be divided
# among files by concern: foo.c and each foo-bar.c that looks into the type, which is to say that it includes foo-private.h, are no circle.

function base (path) {
  sub (/.*\//, "", path)
  sub (/\.[ch]$/, "", path)
  return path
}
function folder (path, part) {
  split (path, part, "/")
  return part[1] == "src" ? part[2] : part[1]
}
# What a file is part of: a type, else nothing but itself.
function type (file, part, name) {
  split (file, part, "/")
  name = part[2]
  sub (/.*_/, "", name) # probes_fisher.c.o
  return (part[1], name) in inside ? part[1] "/" inside[part[1], name] : file
}
$1 == "library" { library = $2; sub (/.*-/, "", library); next }
$1 == "file" { next }
$3 ~ /^["<]/ {
  gsub (/["<>]/, "", $3)
  name = base($1)
  if (sub (/-private\.h$/, "", $3)) {
    owner = base($3)
    if (name == owner || index (name, owner "-") == 1)
      inside[folder($1), name] = owner
  }
  next
}
$1 == "U" { uses[library "/" $3, $2]; next }
$1 ~ /^[A-Zi]$/ { home[library, $2] = library "/" $3 } # i: chosen at load time for the processor
END {
  for (use in uses) {
    split (use, part, SUBSEP)
    from = part[1]; symbol = part[2]
    split (from, place, "/")
    if (!((place[1], symbol) in home) || home[place[1], symbol] == from)
      continue
    to = home[place[1], symbol]
    reaches[from, to]
    files[from]; files[to]
    if (!((from, to) in why) || symbol < why[from, to])
      why[from, to] = symbol
  }
  for (k in files)
    for (i in files)
      if ((i, k) in reaches)
        for (j in files)
          if ((k, j) in reaches)
            reaches[i, j]
  for (pair in why) {
    split (pair, part, SUBSEP)
    if ((part[2], part[1]) in reaches && type(part[1]) != type(part[2]))
      print part[1] " uses " why[pair] " of " part[2] ", which uses it in turn, by itself or by others"
  }
}
