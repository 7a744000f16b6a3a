#!/bin/sh
# Makes text safe for a host's log: names in a tenant are anybody's to choose,
# and what a host takes for its own commands must not stand in a line, such as
# ##vso[task.setvariable …] of Azure DevOps, ::add-mask:: of GitHub or
# section_start: of GitLab.
#
#   plain.sh <file        filters
#   . plain.sh            defines plainly: runs a command, filters what it prints
#                         and ends as it does
#
# Escape sequences and control characters go first: they could come between the
# characters of a command.

plain() {
  escape=$(printf '\033')
  tab=$(printf '\t')
  # Where sed can, line by line: an apply is to be followed.
  unbuffered=
  if printf '' | sed -u '' 2>/dev/null; then unbuffered=-u; fi
  LC_ALL=C sed $unbuffered \
    -e "s/${escape}\\[[0-9;:<=>?]*[ -\\/]*[@-~]//g" -e "s/${tab}/    /g" -e 's/[[:cntrl:]]//g' \
    -e ':hash' -e 's/##/# #/' -e 't hash' \
    -e ':colon' -e 's/::/: :/' -e 't colon' \
    -e 's/section_start:/section start :/g' -e 's/section_end:/section end :/g'
}

# plainly <command …>: needs $scratch, a folder of the caller's.
plainly() {
  rm -f "$scratch/code"
  {
    code=0
    "$@" 2>&1 || code=$?
    echo "$code" >"$scratch/code"
  } | plain || return 1
  return "$(cat "$scratch/code" 2>/dev/null || echo 1)"
}

case $0 in
  */plain.sh | plain.sh)
    case ${1:-} in
      -h | --help) sed -n -e '/^#!/d' -e '/^#/!q' -e 's/^# \{0,1\}//p' "$0" ;;
      *) plain ;;
    esac
    ;;
esac
