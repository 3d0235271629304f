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
  if [ "$preset" = release ] && [ $# -gt 0 ] && ! grep -qs '^IKEV2D_TESTS:BOOL=ON' "$folder/CMakeCache.txt"; then
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
