#!/bin/sh
# Plans, and says what the plan asks for.
#
#   plan.sh [folder]  folder is where it writes (default: this one)
#
# Writes there: saved.tfplan, verdict (none, auto, review or blocked) and
# report.md. Ends with 0, or with 1 where the plan failed. Plan and report name
# people: only their owner can read them, and they belong in no public place.
#
# TF is the CLI (default: terraform), JQ the jq (default: jq). TF_CLI_ARGS_plan
# adds arguments to the plan.
set -eu

case ${1:-} in
  -h | --help)
    sed -n -e '/^#!/d' -e '/^#/!q' -e 's/^# \{0,1\}//p' "$0"
    exit 0
    ;;
esac

out=${1:-.}
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
TF=${TF:-terraform}
JQ=${JQ:-jq}
. "$here/plain.sh"

command -v "$JQ" >/dev/null || { echo "plan.sh needs jq, 1.6 or later." >&2; exit 1; }
umask 077
mkdir -p "$out"
rm -f "$out/saved.tfplan" "$out/verdict" "$out/report.md"
scratch=$(mktemp -d)
# The CLI saves the plan of a failed run, too: without a verdict none is left.
trap 'rm -rf "$scratch"; [ -e "$out/verdict" ] || rm -f "$out/saved.tfplan"' EXIT
trap 'exit 1' HUP INT TERM

code=0
plainly "$TF" plan -input=false -no-color -detailed-exitcode -out="$out/saved.tfplan" || code=$?
case $code in
  0 | 2) ;;
  *)
    echo "The plan failed." >&2
    exit 1
    ;;
esac

show() { "$TF" show -json "$out/saved.tfplan" >"$scratch/plan.json"; }
judge() { "$JQ" -r -f "$here/verdict.jq" "$scratch/plan.json" >"$scratch/verdict"; }
report() { "$JQ" -r --arg verdict "$verdict" -f "$here/report.jq" "$scratch/plan.json" >"$out/report.md"; }

plainly show || exit 1
plainly judge || exit 1
verdict=$(cat "$scratch/verdict")
case $code:$verdict in
  0:none | 2:auto | 2:review | 2:blocked) ;;
  *)
    # What the CLI calls a change and this script doesn't, or the other way
    # round, is for a person.
    echo "The CLI ended with $code, and the plan's JSON says $verdict." >&2
    verdict=review
    ;;
esac
plainly report || exit 1
printf '%s\n' "$verdict" >"$out/verdict"
echo "Verdict: $verdict"
