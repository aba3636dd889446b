# SPDX-License-Identifier: MIT
#
# Which file includes what it may not.  Input: "file PATH" for every source, then "PATH LINE NAME" for every include, NAME in its quotes or
# angle brackets.
#
# A name means the file beside the one that includes it, or one below the roots of the include path.  The layer of a public header is the
# lowest that has a source file of its name, or of one that begins with it; a header without such a file belongs to all.

function layer (path, part) {
  split (path, part, "/")
  return part[1] == "src" ? part[2] : part[1]
}
function folder (path) {
  sub (/\/[^\/]*$/, "", path)
  return path
}
function meaning (from, name, root) {
  if ((folder(from) "/" name) in file)
    return folder(from) "/" name
  if (name ~ /^\.\.\// && (folder(folder(from)) "/" substr (name, 4)) in file)
    return folder(folder(from)) "/" substr (name, 4)
  for (root in roots)
    if ((root name) in file)
      return root name
  return ""
}
function home (header, name, path) {
  if (header in known)
    return known[header]
  name = header
  sub (/.*\//, "", name)
  sub (/\.h$/, "", name)
  known[header] = ""
  for (path in file)
    if (path ~ ("^src/[a-z]+/" name "s?(-[a-z]+)?\\.c$") && (known[header] == "" || level[layer(path)] < level[known[header]]))
      known[header] = layer(path)
  return known[header]
}
BEGIN {
  split ("base nn data teach measure run app cli ui", order, " ")
  for (i in order)
    level[order[i]] = i + 0
  roots[""]; roots["include/"]; roots["ui/"]
}
$1 == "file" { file[$2]; next }
{
  from = $1; at = $1 ":" $2; quoted = $3 ~ /^"/; name = $3
  gsub (/["<>]/, "", name)
  to = meaning(from, name)
  if (to == "" && quoted && name != "config.h")
    print at ": \"" name "\" is no header here; write the path from the root of the project"
  if (to == "")
    next
  if (to ~ /^include\//)
    asked = home(to)
  else if (from ~ /^include\// || (layer(to) != layer(from) && layer(to) != "base")) {
    print at ": " to " is private to " layer(to) "; what others need is in include/kairos or src/base"
    next
  } else
    asked = layer(to)
  giver = from ~ /^include\// ? home(from) : layer(from)
  if (giver != "" && asked != "" && level[asked] > level[giver])
    print at ": " to " is of " asked ", a layer above " giver
}
