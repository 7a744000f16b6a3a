#!/bin/sh
# Applies the plan that plan.sh saved, and no other:
#
#   apply.sh auto [folder]      where it is hires and leavers alone; else ends with 3
#   apply.sh approved [folder]  after a person has seen report.md; a blocked plan stays blocked
#
# folder is where plan.sh wrote (default: this one). A hire is whom the plan calls
# joined, a leaver whom it calls left. Ends with 0 where it applied, or nothing was
# to be applied; with 3 where the plan waits or is blocked; with 1 where something
# failed. TF is the CLI (default: terraform), JQ the jq (default: jq);
# TF_CLI_ARGS_apply adds arguments to the apply.
#
# The verdict is found again from the plan itself: a file beside it proves
# nothing, and can only hold the plan back. A plan that is no longer current is
# refused by the CLI.
set -eu

case ${1:-} in
  -h | --help)
    sed -n -e '/^#!/d' -e '/^#/!q' -e 's/^# \{0,1\}//p' "$0"
    exit 0
    ;;
esac

who=${1:?auto or approved: see apply.sh --help}
out=${2:-.}
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
TF=${TF:-terraform}
JQ=${JQ:-jq}
. "$here/plain.sh"

umask 077
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' HUP INT TERM
show() { "$TF" show -json "$out/saved.tfplan" >"$scratch/plan.json"; }
judge() { "$JQ" -r -f "$here/verdict.jq" "$scratch/plan.json" >"$scratch/verdict"; }

plainly show || exit 1
plainly judge || exit 1
verdict=$(cat "$scratch/verdict")
# plan.sh is the warier one where the CLI's exit code says otherwise than the
# plan's JSON: nothing is applied by itself that both don't take for harmless.
noted=$(cat "$out/verdict" 2>/dev/null || echo review)
if [ "$who" = auto ] && [ "$noted" != "$verdict" ] && [ "$verdict" != blocked ]; then verdict=review; fi

case $who:$verdict in
  auto:none | approved:none)
    echo "Nothing to apply."
    ;;
  auto:auto | approved:auto | approved:review)
    plainly "$TF" apply -input=false -no-color "$out/saved.tfplan"
    ;;
  auto:review)
    echo "The plan waits for a person: see report.md." >&2
    exit 3
    ;;
  auto:blocked | approved:blocked)
    echo "A guardrail holds the plan back. Put the hash that it prints into guardrails.approve, or repair the cause." >&2
    exit 3
    ;;
  *)
    echo "usage: apply.sh auto|approved [folder]" >&2
    exit 1
    ;;
esac
rm -f "$out/saved.tfplan"
