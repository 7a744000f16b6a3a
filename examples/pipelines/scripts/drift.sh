#!/bin/sh
# The nightly run: plans, and applies that very plan where it is hires and
# leavers alone: whom the plan calls joined and left.
#
#   drift.sh [folder]  folder is where it writes, as plan.sh does (default: this one)
#
# Ends with 0 where nothing changed, or was applied; with 3 where the plan waits
# for a person; with 1 where something failed.
set -eu

case ${1:-} in
  -h | --help)
    sed -n -e '/^#!/d' -e '/^#/!q' -e 's/^# \{0,1\}//p' "$0"
    exit 0
    ;;
esac

out=${1:-.}
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
"$here/plan.sh" "$out"
"$here/apply.sh" auto "$out"
