#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Runs a command in a copy of this checkout, in a new root that holds a minimal Debian or Ubuntu and nothing else, so
# that what happens to be installed on a machine cannot hide what a fresh one lacks.  As root:
#
#   build-aux/bare-root.sh SUITE COMMAND...     for example: build-aux/bare-root.sh trixie ./check
#
# The mirror is that of this machine's apt.  For a suite that it cannot have, Ubuntu's on Debian say, $SOURCES has the
# lines for sources.list: SOURCES='deb MIRROR SUITE COMPONENT...' build-aux/bare-root.sh SUITE COMMAND...
#
# The status is that of the command, or 69 where no such root can be made; the command has not been run then.
#
# All that is mounted is in a mount namespace of its own, and all that runs in a PID namespace that ends with this
# script: however it ends, it leaves no process behind, and no mount through which its folder could be deleted.
set -eu

PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
source=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
datasets=${KAIROS_DATASETS:-$source/../shared/datasets}

# ---- Within the namespaces: bare-root.sh --inside FOLDER SUITE COMMAND... ----

# Lines for sources.list: this machine's own, however they are written, with the wanted suite for the installed one.
sources () {
  if [ -n "${SOURCES-}" ]; then
    printf '%s\n' "$SOURCES"
    return
  fi
  own=$(. /etc/os-release && echo "$VERSION_CODENAME")
  distribution=$(. /etc/os-release && echo "$ID")
  # shellcheck disable=SC2016
  apt-get indextargets --format '$(ORIGIN) $(CODENAME) $(REPO_URI) $(COMPONENT)' 'Created-By: Packages' |
    awk -v distribution="$distribution" -v own="$own" -v suite="$1" '
      tolower($1) == distribution && index($2 "-", own "-") == 1 {
        print "deb", $3, suite substr($2, length(own) + 1), $4
      }' | sort -u
}

make_root () {
  root=$1 suite=$2
  lines=$(sources "$suite")
  mirror=$(echo "$lines" | awk -v suite="$suite" '$3 == suite { print $2; exit }')
  [ -n "$mirror" ] || { echo "This machine's apt names no mirror that could have $suite." >&2; exit 1; }
  set -- --variant=minbase
  case $lines in *https:*) set -- "$@" --include=ca-certificates ;; esac
  debootstrap "$@" "$suite" "$root" "$mirror"
  echo "$lines" >"$root/etc/apt/sources.list"
  apt-config dump Acquire >"$root/etc/apt/apt.conf.d/90mirror" # how to reach it: a proxy, say
  echo force-unsafe-io >"$root/etc/dpkg/dpkg.cfg.d/no-sync"     # nothing here has to survive a crash
  cp /etc/hosts "$root/etc/hosts"

  mount -t proc proc "$root/proc"
  mount --rbind /dev "$root/dev"
  mount --rbind /sys "$root/sys"
  mkdir "$root/root/kairos"
  tar -C "$source" --exclude=./.git --exclude='./_build*' -cf - . | tar -C "$root/root/kairos" -xf -
  if [ -d "$datasets" ]; then
    mkdir -p "$root/root/shared/datasets"
    mount --bind "$datasets" "$root/root/shared/datasets"
    mount -o remount,bind,ro "$root/root/shared/datasets"
  fi
}

# The environment is that of a first login, besides what depends on the machine: its processor, and its way out.
run_in_root () {
  root=$1
  shift
  kept=$(env | grep -xE '(CI|OPENBLAS_[A-Z0-9_]+|[a-z]+_proxy)=[^ ]*' || true)
  # shellcheck disable=SC2016,SC2086
  exec env -i HOME=/root USER=root PATH="$PATH" TERM="${TERM:-dumb}" $kept \
    chroot "$root" sh -c 'cd /root/kairos && exec "$@"' sh "$@"
}

if [ "${1-}" = --inside ]; then
  folder=$2 suite=$3
  shift 3
  make_root "$folder/root" "$suite" >&2
  touch "$folder/made"
  run_in_root "$folder/root" "$@"
fi

# ---- Outside ----

[ $# -ge 2 ] || { echo "Usage: $0 SUITE COMMAND..." >&2; exit 2; }

unavailable () {
  echo "No bare root: $*." >&2
  exit 69
}

folder=
namespaces=

clean_up () {
  [ -z "$namespaces" ] || kill -KILL "$namespaces" 2>/dev/null || true
  [ -n "$folder" ] || return 0
  if grep -qF " $folder/" /proc/self/mountinfo; then
    echo "Something is mounted in $folder, so it stays." >&2
    return
  fi
  for _ in 1 2 3 4 5; do # what was just killed may still be writing
    rm -rf --one-file-system "$folder" && return
    sleep 1
  done
}

[ "$(id -u)" -eq 0 ] || unavailable 'it takes root to make one'
command -v apt-get >/dev/null || unavailable 'it takes a Debian or Ubuntu to make one'
apt-get update -q >&2 || true
command -v debootstrap >/dev/null ||
  DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends debootstrap >&2 ||
  unavailable 'debootstrap cannot be installed'

trap clean_up EXIT
trap 'exit 130' INT TERM HUP
folder=$(mktemp -d "${TMPDIR:-/var/tmp}/kairos-bare.XXXXXX")
status=0
# In the background, since a shell is deaf to signals while it waits for a command in the foreground.
unshare --mount --pid --fork --kill-child --mount-proc sh "$0" --inside "$folder" "$@" &
namespaces=$!
wait "$namespaces" || status=$?
namespaces=
[ -e "$folder/made" ] || unavailable 'it could not be made, see above'
(exit "$status") # not exit itself, as shellcheck would then hold clean_up to be unreachable
