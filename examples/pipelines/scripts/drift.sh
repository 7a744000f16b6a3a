#!/bin/sh
# The nightly run: plans, and applies that very plan where it is hires and
# leavers alone. drift.sh [folder]
#
# Ends with 0 where nothing changed, or was applied; with 3 where the plan waits
# for a person; with 1 where something failed.
set -eu

out=${1:-.}
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
"$here/plan.sh" "$out"
"$here/apply.sh" auto "$out"
