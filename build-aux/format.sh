#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Lays all C sources out in the house style, with clang-format 14.
set -eu
cd "$(dirname -- "$0")/.."
find src ui include tests -name '*.[ch]' -exec clang-format -i {} +
