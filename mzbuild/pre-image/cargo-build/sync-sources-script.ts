/**
 * The part of the cargo step that keeps binaries from being stale, as functions of POSIX shell.
 *
 * Cargo compares modification times, BuildKit compares contents. So the sources that cargo sees live next to its artefacts
 * in the cache mount, and are only changed where their content differs: a file keeps its time as long as it keeps its
 * content, and what is written gets a time later than that of any artefact. Whatever the order in which a cache meets
 * sources (branches, reverts, other checkouts), cargo sees what changed since it last ran on this cache.
 *
 * `sync_sources WORK TREE` makes WORK/source hold the files of TREE and nothing else. It needs sh, coreutils, findutils,
 * grep and sed as GNU has them.
 */
export const syncSourcesScript = `
# list_tree TREE FILE: writes "KIND DIGEST  PATH" for every file, sorted; f is plain, x executable, l a symbolic link.
# sha256sum puts a backslash before the digest where it had to escape the path, and so do we for links.
list_tree() (
  cd "$1"
  find . -type f ! -perm -100 -exec sha256sum {} + >"$2.f"
  find . -type f -perm -100 -exec sha256sum {} + >"$2.x"
  find . -type l -exec sh -c 'for link; do
    digest=$(readlink "$link" | sha256sum)
    case $link in *[\\\\"$0"]*)
      digest="\\\\$digest"
      link=$(printf %s "$link" | sed "s/\\\\\\\\/&&/g; \\$!s/\\$/\\\\\\\\n/" | tr -d "$0") ;;
    esac
    printf "%s  %s\\n" "\${digest%% *}" "$link"
  done' '
' {} + >"$2.l"
  for kind in f x l; do sed "s/^/$kind /" "$2.$kind"; done | sort >"$2"
)

# Leaves of each line the path, with the backslash that says whether it is escaped.
paths_of() { sed 's/^. \\(\\\\*\\)[0-9a-f]*  /\\1/' "$1"; }

unescape() { printf '%b' "\${1#?}"; }

# Sets $1/.now such that everything in the tree is older, and all that is written from here on is newer.
# Artefacts from the future, left by a clock that was set back, would hide changes from cargo: they go.
start_clock() {
  touch "$1/.now"
  future=$(find "$1/source" "$1/target" -name incremental -prune -o ! -type l -newer "$1/.now" -print | head -n 1)
  if [ -n "$future" ]; then
    echo "mzbuild: the clock was set back since the last build, so everything is compiled again" >&2
    rm -rf "$1/source" "$1/target"
    mkdir "$1/source" "$1/target"
  fi
  until touch "$1/.tick" && [ -n "$(find "$1/.tick" -newer "$1/.now")" ]; do sleep 0.01; done
}

# Cargo learns of a removed file by the time of its directory where a build script watches that, and not at all where a
# build script depends on its whole package. The time of the package's manifest tells it.
remove_source() {
  package=$1
  until [ "$package" = . ]; do
    package=\${package%/*}
    if [ -e "$source/$package/Cargo.toml" ]; then
      touch "$source/$package/Cargo.toml"
      break
    fi
  done
  rm -f "$source/$1"
}

sync_sources() (
  export LC_ALL=C
  work=$1 tree=$2 source=$1/source
  mkdir -p "$source" "$work/target" "$work/sync"
  start_clock "$work"
  cd "$work/sync"
  list_tree "$tree" "$work/sync/wanted"
  list_tree "$source" "$work/sync/present"
  paths_of wanted | sort >wanted-paths
  paths_of present | sort >present-paths
  comm -13 wanted-paths present-paths | while IFS= read -r path; do
    case $path in \\\\*) path=$(unescape "$path") ;; esac
    remove_source "$path"
  done
  find "$source" -mindepth 1 -depth -type d -empty -delete
  comm -23 wanted present >changed
  paths_of changed | grep -v '^\\\\' | tr '\\n' '\\0' >plain || true
  paths_of changed | grep '^\\\\' >escaped || true
  cd "$tree"
  xargs -0 -r cp -P --parents --remove-destination -t "$source" <"$work/sync/plain"
  while IFS= read -r path; do
    cp -P --parents --remove-destination -t "$source" "$(unescape "$path")"
  done <"$work/sync/escaped"
)
`;
