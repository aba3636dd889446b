# SPDX-License-Identifier: MIT
# shellcheck shell=sh
#
# What Kairos needs from the system, in one place.  Sourced by start and check; POSIX sh.
#
#   need_packages build          to build the window and run it
#   need_packages build test     besides, to run the tests
#
# On Debian and Ubuntu whatever is missing is installed.  Elsewhere, if the libraries or tools are not there, the line that
# installs them is printed and the script ends with status 1.

apt_build='gcc libc6-dev meson ninja-build pkgconf gettext libglib2.0-dev libglib2.0-bin libjson-glib-dev libcairo2-dev libgtk-4-dev libgtk-4-bin
  libadwaita-1-dev libopenblas-dev libsqlite3-dev libstb-dev zlib1g-dev shared-mime-info desktop-file-utils appstream adwaita-icon-theme
  librsvg2-common dconf-gsettings-backend fonts-cantarell fonts-dejavu-core'
apt_optional='libdnnl-dev'
apt_test='xvfb xauth openbox xdotool imagemagick dbus at-spi2-core shellcheck clang-format man-db'

dnf_build='gcc meson ninja-build pkgconf-pkg-config gettext glib2-devel json-glib-devel cairo-devel gtk4-devel libadwaita-devel openblas-devel onednn-devel
  sqlite-devel stb_image-devel zlib-devel shared-mime-info desktop-file-utils appstream adwaita-icon-theme dejavu-sans-fonts'
dnf_test='libasan libubsan xorg-x11-server-Xvfb xorg-x11-xauth openbox xdotool ImageMagick dbus-daemon at-spi2-core ShellCheck
  clang-tools-extra man-db'

pacman_build='gcc meson ninja pkgconf gettext glib2-devel json-glib cairo gtk4 libadwaita openblas onednn sqlite stb zlib shared-mime-info
  desktop-file-utils appstream adwaita-icon-theme ttf-dejavu'
pacman_test='xorg-server-xvfb xorg-xauth openbox xdotool imagemagick dbus at-spi2-core shellcheck clang man-db'

zypper_build='gcc meson ninja pkgconf-pkg-config gettext-tools glib2-devel json-glib-devel cairo-devel gtk4-devel gtk4-tools libadwaita-devel openblas-devel
  onednn-devel sqlite3-devel stb-devel zlib-devel shared-mime-info desktop-file-utils AppStream adwaita-icon-theme dejavu-fonts'
zypper_test='xorg-x11-server-Xvfb xauth openbox xdotool ImageMagick dbus-1-daemon at-spi2-core ShellCheck clang-tools man'

brew_build='meson ninja pkgconf gettext glib json-glib cairo gtk4 libadwaita openblas onednn sqlite zlib shared-mime-info desktop-file-utils
  appstream adwaita-icon-theme librsvg'
brew_test='dbus imagemagick shellcheck clang-format'
# Homebrew has no formula for this one header.
# shellcheck disable=SC2016
brew_stb='mkdir -p "$(brew --prefix)/include/stb" && curl -fsSLo "$(brew --prefix)/include/stb/stb_image.h" https://raw.githubusercontent.com/nothings/stb/master/stb_image.h'

tools_build='cc meson ninja pkg-config msgfmt glib-compile-resources glib-compile-schemas'
tools_test='xvfb-run openbox xdotool convert dbus-run-session shellcheck clang-format man'
libraries='glib-2.0 >= 2.74 json-glib-1.0 cairo gtk4 >= 4.8 libadwaita-1 >= 1.2 openblas sqlite3 zlib'

have () {
  command -v "$1" >/dev/null 2>&1
}

# Those of the named packages that dpkg does not report as installed.
apt_missing () {
  installed=" $(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "$@" 2>/dev/null | sed -n 's/^installed //p' | tr '\n' ' ')"
  for package in "$@"; do
    case $installed in
      *" $package "*) ;;
      *) printf '%s ' "$package" ;;
    esac
  done
}

as_root () {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif have sudo; then
    sudo "$@"
  else
    echo "Kairos needs packages, and there is no sudo here.  Run this as root: $*" >&2
    exit 1
  fi
}

apt_install () {
  echo "Installing $*" >&2
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@" >&2
}

# shellcheck disable=SC2046,SC2086
need_apt () {
  lists=$apt_build
  [ "${2-}" = test ] && lists="$lists $apt_test"
  missing=$(apt_missing $lists)
  optional=$(apt_missing $apt_optional)
  [ -z "$missing$optional" ] && return
  if [ -n "$missing" ] || [ -z "$(apt-cache show $optional 2>/dev/null)" ]; then
    as_root apt-get update -q >&2 || echo "The package lists could not be refreshed; going on with those at hand." >&2
  fi
  [ -n "$missing" ] && apt_install $missing
  for package in $optional; do
    [ -z "$(apt-cache show "$package" 2>/dev/null)" ] || apt_install "$package" || echo "Going on without $package." >&2
  done
}

# shellcheck disable=SC2086
have_all () {
  tools=$tools_build
  [ "${2-}" = test ] && tools="$tools $tools_test"
  for tool in $tools; do
    have "$tool" || return 1
  done
  pkg-config --exists "$libraries"
}

# What to type on this system, its packages on one line.
print_line () {
  command=$1 build=$2 test=$3
  [ "$4" = test ] || test=
  echo "Kairos needs some packages.  Install them like this, then run the script again:" >&2
  # shellcheck disable=SC2086
  echo $command $build $test >&2
}

need_packages () {
  if have apt-get && have dpkg-query; then
    need_apt "$@"
    return
  fi
  have_all "$@" && return
  if have dnf; then
    print_line 'sudo dnf install' "$dnf_build" "$dnf_test" "${2-}"
  elif have pacman; then
    print_line 'sudo pacman -S --needed' "$pacman_build" "$pacman_test" "${2-}"
  elif have zypper; then
    print_line 'sudo zypper install' "$zypper_build" "$zypper_test" "${2-}"
  elif have brew; then
    print_line "$brew_stb && brew install" "$brew_build" "$brew_test" "${2-}"
  else
    print_line 'install, by their names here, what Debian calls' "$apt_build $apt_optional" "$apt_test" "${2-}"
  fi
  exit 1
}
