# Configures and builds presets. Sourced by ./dev after common.sh.

# build_folder PRESET — where CMakePresets.json puts it.
build_folder() { if [ "$1" = release ]; then echo build; else echo "build-$1"; fi; }

# build_preset PRESET [TARGET…] — configures where something changed, then lets ninja decide.
# Without targets: everything of the preset, tests included.
build_preset() {
  local preset=$1 folder tests=ON wanted
  shift
  folder=$(build_folder "$preset")
  IKEV2D_BOTAN_ROOT=$("$repo/tools/dev/botan.sh")
  export IKEV2D_BOTAN_ROOT
  # Programs alone need no test libraries; a folder that was configured with tests keeps them.
  if [ "$preset" = tidy ]; then
    tests=OFF
  elif [ "$preset" = release ] && [ $# -gt 0 ] && ! grep -qs '^IKEV2D_TESTS:BOOL=ON' "$folder/CMakeCache.txt"; then
    tests=OFF
  fi
  wanted="$tests $IKEV2D_BOTAN_ROOT $(sha256sum <CMakePresets.json)"
  if [ ! -e "$folder/build.ninja" ] || [ "$(cat "$folder/.configured" 2>/dev/null)" != "$wanted" ]; then
    say "configuring $folder"
    cmake --preset "$preset" -DIKEV2D_TESTS=$tests -Wno-dev >&2 || fail "cmake failed"
    echo "$wanted" >"$folder/.configured"
  fi
  say "building in $folder${*:+: $*}"
  ninja -C "$folder" -j"$jobs" "$@" >&2 || fail "the build failed"
}

# fuzz_names — the fuzz targets, by their files in tests/fuzz.
fuzz_names() {
  local file
  for file in "$repo"/tests/fuzz/*.cpp; do
    if grep -q LLVMFuzzerTestOneInput "$file"; then basename "$file" .cpp; fi
  done
}

# build_fuzzers — all of them and the makers of their seeds, into build-fuzz/fuzz.
build_fuzzers() {
  local name targets=()
  for name in $(fuzz_names); do targets+=("fuzz_$name"); done
  for name in "$repo"/tests/fuzz/make_*.cpp; do
    if [ -e "$name" ]; then targets+=("$(basename "$name" .cpp)"); fi
  done
  build_preset fuzz "${targets[@]}"
}

# run_tests [CTEST OPTION…] — ctest as root, then the reason of every test that was skipped, which ctest does not show.
run_tests() {
  local status=0 log=$repo/build/Testing/Temporary/LastTest.log reasons
  as_root env IKEV2D_CACHE="$cache" ctest --test-dir "$repo/build" --output-on-failure --no-tests=error "$@" || status=$?
  reasons=$(as_root sed -n 's/^SKIPPED: //p' "$log" | sort | uniq -c)
  [ -z "$reasons" ] || say "tests that were skipped, and why:"$'\n'"$reasons"
  case $status in
    0) ;;
    8) second_try || return 8 ;; # tests have failed
    *) return $status ;;
  esac
}

# second_try — runs the few tests that have failed once more, alone, where all of them drive real programs against the clock: a
# shared machine may stall for longer than a peer waits. Says which they were. 1 where one of them is another kind, where they are
# more than three, or where one fails again.
second_try() {
  local failed=$repo/build/Testing/Temporary/LastTestsFailed.log names
  names=$(as_root sed 's/^[0-9]*://' "$failed")
  if grep -qv '^interop\.' <<<"$names" || [ "$(wc -l <<<"$names")" -gt 3 ]; then return 1; fi
  say "once more, alone: ${names//$'\n'/, }"
  as_root env IKEV2D_CACHE="$cache" ctest --test-dir "$repo/build" --output-on-failure --rerun-failed || return 1
  say "passed at the second try only, which is a bug if it happens again: ${names//$'\n'/, }"
}

# coverage FOLDER — builds and runs the tests of FOLDER with counters in every line, and prints what they reached.
coverage() {
  local folder=$1 programs=("unit_${1%%/*}") program
  case $folder in
    ikev2*) programs+=(sim) ;;
    esp*) programs+=(dataplane) ;;
  esac
  [ -d "$repo/tests/unit/${folder%%/*}" ] || fail "no tests of '$folder' in tests/unit"
  build_preset coverage "${programs[@]}"
  find "$repo/build-coverage" -name '*.gcda' -delete # of an earlier run
  for program in "${programs[@]}"; do
    say "running $program (slower than usual: nothing is optimised)"
    (cd "$repo/build-coverage" && "tests/$program" >"$program.log" 2>&1) || fail "$program failed: build-coverage/$program.log"
  done
  "$repo/tools/coverage.py" "$repo/build-coverage" --uncovered "$folder"
}

# bench [OPTION…] — builds what is measured and what makes the load, gets the contender that Debian 12 lacks, and measures.
bench() {
  local wireguard
  if [[ " $* " =~ " --"(list|report|help)" " ]]; then # what needs neither a build nor root
    python3 -B "$repo/tools/bench/bench.py" "$@"
    return
  fi
  build_preset release ikev2d ikectl udp_load
  # The load of IKE is a program of the tests; the cases with it are left out where they are not configured.
  if ninja -C build -t query ike_load >/dev/null 2>&1; then build_preset release ike_load; fi
  wireguard=$("$repo/tools/dev/wireguard_go.sh") || say "wireguard-go cannot be had: it will be left out"
  as_root env IKEV2D_WIREGUARD_GO="$wireguard" python3 -B "$repo/tools/bench/bench.py" "$@"
}
