# SPDX-License-Identifier: MIT
#
# Reads Meson's testlog.txt and prints "N passed, N failed, N skipped" over the single tests that the programs report in TAP; a program
# that speaks no TAP counts as one test.  A program that crashes, or runs fewer tests than it planned, adds one failure.
# Ends with status 1 when something failed, when nothing passed, or when -v status=... is not 0.

function finish () {
  if (!inside)
    return
  if (ok + not_ok + skip > 0 || planned != "") {
    passed += ok
    skipped += skip
    failed += not_ok
    if (planned == 0)
      skipped++
    if (not_ok == 0 && (result != "exit status 0" || ok + skip < planned))
      failed++
  } else if (result == "exit status 0")
    passed++
  else if (result == "exit status 77")
    skipped++
  else
    failed++
}

/^=+ [0-9]+\/[0-9]+ =+$/ { finish(); inside = 1; output = 0; result = planned = ""; ok = not_ok = skip = 0; next }
/^-+ stdout -+$/ { output = 1; next }
/^-+ stderr -+$/ { output = 0; next }
/^=+$/ { output = 0; next }
inside && !output && /^result:/ { sub(/^result: */, ""); result = $0; next }
output && /^1\.\.[0-9]+/ { planned = substr($1, 4) + 0; next }
output && /^ok .*# *(SKIP|skip|TODO)/ { skip++; next }
output && /^not ok .*# *TODO/ { skip++; next }
output && /^ok / { ok++; next }
output && /^not ok / { not_ok++; next }

END {
  finish()
  if (status != 0 && failed == 0)
    failed = 1
  printf "%d passed, %d failed, %d skipped\n", passed, failed, skipped
  exit failed > 0 || passed == 0
}
