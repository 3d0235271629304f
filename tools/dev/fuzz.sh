#!/usr/bin/env bash
# fuzz.sh SECONDS [TARGET] — runs the libFuzzer targets of build-fuzz/fuzz, one after the other. What libFuzzer finds
# new is kept in the cache folder and used again; a crash leaves its input in build-fuzz/findings and fails.
. "$(dirname "$0")/common.sh"
. "$repo/tools/dev/build.sh"
cd "$repo"

seconds=$1
only=${2:-}
findings=$repo/build-fuzz/findings
corpora=$cache/corpus
mkdir -p "$findings" "$corpora"
failed=()
ran=0
total=0

for maker in build-fuzz/fuzz/make_*; do
  if [ -x "$maker" ]; then "$maker" "$corpora"; fi
done
for name in $(fuzz_names); do
  [ -z "$only" ] || [ "$only" = "$name" ] || continue
  program=build-fuzz/fuzz/$name
  [ -x "$program" ] || fail "$program is not built (./dev fuzz builds it, ./dev test too)"
  ran=$((ran + 1))
  mkdir -p "$corpora/$name"
  options=(-max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -max_len=4096 -print_final_stats=1
    -artifact_prefix="$findings/$name-")
  folders=("$corpora/$name")
  [ ! -d "tests/fuzz/corpus/$name" ] || folders+=("tests/fuzz/corpus/$name")
  [ ! -f "tests/fuzz/$name.dict" ] || options+=(-dict="tests/fuzz/$name.dict")
  say "fuzz: $name for $seconds s"
  "$program" "${options[@]}" "${folders[@]}" >"$findings/$name.log" 2>&1 </dev/null || failed+=("$name")
  runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$findings/$name.log")
  total=$((total + ${runs:-0}))
  say "fuzz: $name ran ${runs:-0} inputs"
  grep -E '^(==[0-9]+==|SUMMARY|.*runtime error)' "$findings/$name.log" >&2 || true
done
[ "$ran" -gt 0 ] || fail "no fuzz target${only:+ named $only} in tests/fuzz"
[ ${#failed[@]} -eq 0 ] || fail "findings in: ${failed[*]} (inputs and logs in build-fuzz/findings)"
say "fuzz: $ran targets, $total inputs, no findings"
