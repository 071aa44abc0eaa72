/**
 * Carries compiled dependencies from one target directory to another, as functions of POSIX shell. A unit is what cargo compiles
 * at once; it has a hash of all that decides the outcome, which is in the names of its files:
 *
 *     PART/deps/libNAME-HASH.rlib …, PART/build/NAME-HASH/, PART/.fingerprint/NAME-HASH/
 *
 * PART is the directory of the profile, once for the machine that compiles and once for the target. Where cargo changes this
 * layout, nothing is carried and cargo compiles it again.
 * Contract: rust-lang/cargo: src/cargo/core/compiler/layout.rs.
 */
export const unitsScript = `
# Hashes of the units of cargo's messages that are no crates of the repository, which are found by their paths.
foreign_units() {
  grep -v -e '"package_id":"path+' "$1" | grep -o -e '-[0-9a-f]\\{16\\}[./]' | tr -d './' | sort -u
}

# copy_units FROM TO HASHES: the fingerprint, which says that a unit is complete, comes last.
copy_units() (
  from=$1 to=$2 hashes=$3
  cd "$from"
  for kind in deps build .fingerprint; do
    for part in */ */*/; do
      if [ -d "$part$kind" ]; then find "$part$kind" -mindepth 1 -maxdepth 1; fi
    done | { grep -F -f "$hashes" || true; } | xargs -r -d '\\n' cp -R -p --parents -t "$to"
  done
)

# seed_units SEED TARGET STAMP: brings the units that TARGET doesn't have. They get one time, that of STAMP: cargo only minds
# what is newer than what was made of it, and the clock of the machine that compiled them may be another one.
seed_units() (
  export LC_ALL=C
  hashes=$(mktemp)
  (cd "$1" && find . -path '*/.fingerprint/*' -prune) | sort >"$hashes.there"
  (cd "$2" && find . -path '*/.fingerprint/*' -prune) | sort >"$hashes.here"
  comm -23 "$hashes.there" "$hashes.here" | grep -o -e '-[0-9a-f]\\{16\\}$' >"$hashes" || exit 0
  copy_units "$1" "$2" "$hashes"
  (cd "$1" && for part in */ */*/; do
    for kind in deps build .fingerprint; do
      if [ -d "$part$kind" ]; then find "$part$kind"; fi
    done
  done) | { grep -F -f "$hashes" || true; } | (cd "$2" && xargs -r -d '\\n' touch -c -h -r "$3")
)
`;
