#!/usr/bin/env bash
# fuzz.sh SECONDS [TARGET] — runs the libFuzzer targets of build-fuzz/fuzz, one after the other. What libFuzzer finds
# new is kept in the cache folder and used again; a crash leaves its input in build-fuzz/findings and fails.
. "$(dirname "$0")/common.sh"
cd "$repo"

seconds=$1
only=${2:-}
findings=$repo/build-fuzz/findings
mkdir -p "$findings"
failed=()
ran=0
for program in build-fuzz/fuzz/*; do
  [ -x "$program" ] && [ -f "$program" ] || continue
  name=$(basename "$program")
  [ -z "$only" ] || [ "$only" = "$name" ] || continue
  ran=$((ran + 1))
  corpus=$cache/corpus/$name
  mkdir -p "$corpus"
  options=(-max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -artifact_prefix="$findings/$name-"
           -print_final_stats=1 -verbosity=1)
  folders=("$corpus")
  [ ! -d "tests/fuzz/corpus/$name" ] || folders+=("tests/fuzz/corpus/$name")
  [ ! -f "tests/fuzz/$name.dict" ] || options+=(-dict="tests/fuzz/$name.dict")
  say "fuzz: $name for $seconds s"
  "$program" "${options[@]}" "${folders[@]}" >"$findings/$name.log" 2>&1 </dev/null || failed+=("$name")
  grep -E '^(stat::number_of_executed_units|stat::average_exec_per_sec|==[0-9]+==|SUMMARY)' "$findings/$name.log" >&2 || true
done
[ "$ran" -gt 0 ] || fail "no fuzz target${only:+ named $only} in build-fuzz/fuzz"
[ ${#failed[@]} -eq 0 ] || fail "findings in: ${failed[*]} (inputs and logs in build-fuzz/findings)"
say "fuzz: $ran targets, no findings"
