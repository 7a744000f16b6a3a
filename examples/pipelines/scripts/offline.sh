#!/bin/sh
# What a change of the configuration does, planned from a recorded snapshot,
# without credentials and without the real state: for pull requests from forks.
#
#   offline.sh <configuration before> <configuration after> <snapshot> [folder]
#
# The configuration before is accepted from the snapshot into a state that is
# thrown away, so that the plan of the one after shows the difference. Applying
# an outcome writes nothing to any service, and a provider that reads a snapshot
# refuses writes: what needs them can't be in such a configuration. While it
# runs, both folders have a backend_override.tf, for a local state.
set -eu

case ${1:-} in
  -h | --help)
    sed -n -e '/^#!/d' -e '/^#/!q' -e 's/^# \{0,1\}//p' "$0"
    exit 0
    ;;
esac

before=$(CDPATH='' cd -- "${1:?the configuration before: see offline.sh --help}" && pwd)
after=$(CDPATH='' cd -- "${2:?the configuration after}" && pwd)
snapshot=$(CDPATH='' cd -- "$(dirname -- "${3:?a snapshot}")" && pwd)/$(basename -- "$3")
out=${4:-.}
mkdir -p "$out"
out=$(CDPATH='' cd -- "$out" && pwd)
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
TF=${TF:-terraform}
export TF
. "$here/plain.sh"
TF_VAR_snapshot=$snapshot
export TF_VAR_snapshot

umask 077
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"; rm -f "$before/backend_override.tf" "$after/backend_override.tf"' EXIT
trap 'exit 1' HUP INT TERM

# locally <folder> <name>: goes there, with a state and a working folder of its own.
locally() {
  if [ -e "$1/backend_override.tf" ]; then
    echo "$1/backend_override.tf is there already." >&2
    exit 1
  fi
  printf 'terraform {\n  backend "local" {\n    path = "%s"\n  }\n}\n' "$scratch/$2.tfstate" >"$1/backend_override.tf"
  export TF_DATA_DIR="$scratch/$2"
  cd "$1"
  "$TF" init -input=false -no-color >"$scratch/log" 2>&1 || { plain <"$scratch/log" >&2; exit 1; }
}

locally "$before" before
"$TF" apply -input=false -no-color -auto-approve >"$scratch/log" 2>&1 || { plain <"$scratch/log" >&2; exit 1; }
rm "$before/backend_override.tf"
cp "$scratch/before.tfstate" "$scratch/after.tfstate"
locally "$after" after
"$here/plan.sh" "$out"
