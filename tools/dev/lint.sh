#!/usr/bin/env bash
# Every static check, in the order of their price; all run, the exit status tells whether any failed.
. "$(dirname "$0")/common.sh"
. "$repo/tools/dev/build.sh"
cd "$repo"

failed=()
check() {
  local name=$1
  shift
  say "lint: $name"
  "$@" >&2 || failed+=("$name")
}
format_check() {
  git ls-files -z --cached --others --exclude-standard -- '*.h' '*.cpp' |
    xargs -0 -r clang-format --dry-run --Werror
}
shell_check() {
  { git ls-files --cached --others --exclude-standard -- '*.sh'; echo dev; echo .ci/run; } |
    xargs shellcheck --severity=warning --shell=bash --exclude=SC1090,SC1091,SC2034,SC2154,SC2164
}
symbols_check() {
  build_preset release ikev2d_ikev2 ikev2d_esp ikev2d_spd ikev2d_crypto && tools/check_symbols.sh build
}
tidy_check() { build_preset tidy; }

check "format" format_check
check "layers" python3 tools/check_layers.py
check "sizes" python3 tools/check_sizes.py
check "bad inputs" python3 tools/check_bad_inputs.py
check "shell scripts" shell_check
check "symbols of the core" symbols_check
if [ "${IKEV2D_LINT_TIDY:-1}" = 1 ]; then check "clang-tidy" tidy_check; fi
[ ${#failed[@]} -eq 0 ] || fail "lint found something in: $(printf '%s, ' "${failed[@]}" | sed 's/, $//')"
say "lint: clean"
