#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The program as a person uses it, with real keys and a real pointer in a real window: e2e.sh SOURCE_ROOT KAIROS KAIROSCTL
#
# What it does is seen from outside: the windows' titles, the session file, whether the processor is busy.  Nothing is measured; every wait ends as soon as
# what is waited for is there, and fails after two minutes.
set -eu
root=$1 kairos=$2 kairosctl=$3
. "$root/tests/lint/tap.sh"

for tool in xdotool openbox; do
  command -v $tool >/dev/null 2>&1 || { echo "1..0 # SKIP no $tool"; exit 0; }
done
[ -n "${DISPLAY-}" ] || { echo '1..0 # SKIP no display'; exit 0; }

home=$(mktemp -d)
pid=
cleanup () {
  [ -z "$pid" ] || kill "$pid" 2>/dev/null || true
  rm -rf "$home"
}
trap cleanup EXIT
export HOME="$home" XDG_DATA_HOME="$home/data" XDG_CONFIG_HOME="$home/config" XDG_CACHE_HOME="$home/cache"
export GSETTINGS_BACKEND=memory GSK_RENDERER=cairo GDK_BACKEND=x11 GTK_A11Y=none
untitled="$XDG_DATA_HOME/kairos/sessions/Untitled 1.kairos"
session="$home/a session.kairos"

# within N COMMAND...: TRUE as soon as the command succeeds, FALSE after N tries, five a second.
within () {
  tries=$1
  shift
  until "$@" >/dev/null 2>&1; do
    tries=$((tries - 1))
    [ $tries -gt 0 ] || return 1
    sleep 0.2
  done
}

# check NAME COMMAND...: a test that passes when the command comes to succeed.
check () {
  name=$1
  shift
  if within 600 "$@"; then verdict "$name" ''; else verdict "$name" "never came true: $*"; fi
}

window () { xdotool search --onlyvisible --name "$1" 2>/dev/null | tail -1; }
has_window () { [ -n "$(window "$1")" ]; }
no_window () { [ -z "$(window "$1")" ]; }
# press KEY WINDOW NAME COMMAND...: as check, after the key was pressed in that window; again now and then, as a window manager under load drops keys.
press () {
  key=$1 window=$2 name=$3
  shift 3
  for _ in 1 2 3 4 5 6 7 8 9 10; do
    target=$(window "$window")
    [ -z "$target" ] || xdotool windowactivate --sync "$target" key "$key" 2>/dev/null || true
    within 50 "$@" && break
  done
  check "$name" "$@"
}
# drag X Y TO_X TO_Y: with the pointer, in small steps, as a drag is recognised from motion only.
drag () {
  xdotool mousemove "$1" "$2" mousedown 1
  for i in 1 2 3 4 5 6 7 8 9 10; do
    xdotool mousemove $(($1 + ($3 - $1) * i / 10)) $(($2 + ($4 - $2) * i / 10)) sleep 0.05
  done
  xdotool mousemove $(($3 + 1)) "$4" sleep 0.3 mouseup 1
}
# A rubber band over the samples in the first two rows, then all of them onto the timeline; where that got lost under load, again from the beginning:
# the click on a sample further down leaves only that one selected.
drag_samples_to_the_timeline () {
  for _ in 1 2 3 4 5 6 7 8; do
    target=$(window '^Digits – Kairos$')
    xdotool windowactivate --sync "$target" windowsize "$target" 1440 900 windowmove "$target" 0 0 sleep 0.5 2>/dev/null || true
    xdotool mousemove 100 400 click 1 sleep 0.3
    drag 35 175 200 250
    drag 100 190 950 830
    within 25 has_focus_on_several && return
  done
}
has_focus_on_several () { "$kairosctl" timeline "$session" | grep -q '"kind":"focus".*"ids":\[[0-9]*, *[0-9]'; }
epochs () { "$kairosctl" show "$session" --json | tr '{' '\n' | grep -c '"val_accuracy"' || true; }
more_epochs_than () { [ "$(epochs)" -gt "$1" ]; }
ticks () { awk '{ sub (/.*\) /, ""); print $12 + $13 }' "/proc/$pid/stat"; }
# A paused session leaves the processor alone, a training one never does.
ticks_in_a_second () { before=$(ticks); sleep 1; echo $(($(ticks) - before)); }
is_idle () { [ "$(ticks_in_a_second)" -le 10 ]; }
is_busy () { [ "$(ticks_in_a_second)" -gt 10 ]; }
is_gone () { ! kill -0 "$pid" 2>/dev/null; }

"$kairos" --quick-start & pid=$!
check 'quick start opens a session on the digits' has_window '^Digits – Kairos$'
check 'which is already training' is_busy
press space '^Digits – Kairos$' 'Space pauses' is_idle
press ctrl+question '^Digits – Kairos$' 'Ctrl+? shows the keys' has_window '^Keyboard Shortcuts$'
press Escape '^Keyboard Shortcuts$' 'Escape puts them away' no_window '^Keyboard Shortcuts$'
press ctrl+n '^Digits – Kairos$' 'Ctrl+N opens a window for another session' has_window '^Kairos$'
press ctrl+w '^Kairos$' 'Ctrl+W closes it' no_window '^Kairos$'
press space '^Digits – Kairos$' 'Space plays on' is_busy
press ctrl+q '^Digits – Kairos$' 'Ctrl+Q ends the program' is_gone
status=0
wait "$pid" || status=$?
verdict 'with status 0' "$([ $status = 0 ] || echo "status $status")"
verdict 'leaving one file' "$(find "$(dirname "$untitled")" -type f -not -name 'Untitled 1.kairos'; [ -f "$untitled" ] || echo 'none')"

"$kairosctl" new "$session" --data builtin:digits --network logistic --epochs 10000
"$kairos" "$session" & pid=$!
check 'a session made without a display opens' has_window '^Digits – Kairos$'
check 'and rests' is_idle # else its start would pass for training
drag_samples_to_the_timeline
check 'samples dragged onto the timeline become a focus' has_focus_on_several
press space '^Digits – Kairos$' 'it trains' is_busy
check 'and keeps what it did' more_epochs_than 0
kill -9 "$pid"
wait "$pid" 2>/dev/null || true
kept=$(epochs)
verdict 'nothing is lost when the program is killed' "$([ "$kept" -gt 0 ] || echo "$kept epochs in $session")"
"$kairos" "$session" & pid=$!
check 'the session opens again' has_window '^Digits – Kairos$'
check 'and waits' is_idle # else its start would pass for training
press space '^Digits – Kairos$' 'it trains again' is_busy
check 'and goes on from there' more_epochs_than "$kept"
press ctrl+q '^Digits – Kairos$' 'and ends' is_gone
wait "$pid" || true

"$kairos" builtin:spirals & pid=$!
check 'data leads to the page for a new session' has_window '^New session – Kairos$'
press Return '^New session – Kairos$' 'from which Enter starts training' has_window '^Spirals – Kairos$'
press ctrl+q '^Spirals – Kairos$' 'and the program ends' is_gone
wait "$pid" || true
pid=

status=0
"$kairos" --screenshot "$home/window.png" --after 1 >/dev/null 2>"$home/errors" || status=$?
verdict 'a picture of the window is written' "$([ $status = 0 ] || cat "$home/errors")"
# bytes 16 to 23 of a PNG file: width and height
verdict 'of 1440 by 900' "$(od -An -tu1 -j16 -N8 "$home/window.png" | tr -s ' ' | grep -vxF ' 0 0 5 160 0 0 3 132' || true)"
verdict 'a picture that cannot be written is an error' "$("$kairos" --screenshot /nowhere/window.png --after 0.1 >/dev/null 2>&1 && echo 'status 0')"
json=$("$kairos" --benchmark-ui 1 builtin:blobs 2>/dev/null || true)
verdict 'the program measures itself' "$(echo "$json" | grep -q '"p99_ms":[0-9]' || echo "it said: $json")"
json=$("$kairos" --benchmark-ui 5 --benchmark-clips 40 2>/dev/null || true)
verdict 'also while clips are dragged, which changes the timeline' "$(echo "$json" | grep -q '"clips":40.*"drags":[1-9]' || echo "it said: $json")"

plan
