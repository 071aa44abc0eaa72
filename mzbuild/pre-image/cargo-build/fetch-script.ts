/**
 * Downloads what the lock file names, and leaves a copy of just that as an output: `registry` and `git` as in a CARGO_HOME.
 * So the build finds its dependencies where the download itself was a cache hit, be it of another machine, and the cache
 * mount of downloads is empty.
 */
import { DOWNLOADS, FETCHED, SOURCES } from "./layout.ts";
import { setupScript, stubCommands } from "./setup-script.ts";
import { shellCommand } from "./shell.ts";
import type { Stubs } from "./stubs.ts";

export interface Fetch {
  readonly stubs: Stubs;
  /** Triples; what only other platforms need isn't downloaded. */
  readonly targets: readonly string[];
}

export function fetchScript({ stubs, targets }: Fetch): string {
  const cargo = ["cargo", "fetch", "--locked", ...targets.flatMap((target) => ["--target", target])];
  return `set -eu
${setupScript}
${fetchFunctions}
need_cargo
enter_cargo_home
trust_ca
# The lock of the downloads must be shared as they are: other steps may be downloading.
mkdir -p ${DOWNLOADS}/registry ${DOWNLOADS}/git
ln -sfn ${DOWNLOADS}/registry ${DOWNLOADS}/git ${DOWNLOADS}/.package-cache ${DOWNLOADS}/.package-cache-mutate "$CARGO_HOME"
workspace=$(mktemp -d)
cp -R ${SOURCES}/. "$workspace"
${stubCommands('"$workspace"', stubs)}
cd "$workspace"
fetch ${shellCommand(cargo)}
keep_locked Cargo.lock
`;
}

/** Exported for tests, which run them one by one. */
export const fetchFunctions = `
# What to do about a failed download, as far as cargo's words tell.
fetch_help() {
  if said 'SSL certificate\\|certificate verify failed\\|self.signed certificate'; then
    echo "certificates to trust are those of the machine that starts the build: SSL_CERT_FILE names a file with others"
  elif said 'no token found\\|status 401\\|got 401\\|status 403\\|got 403'; then
    echo "tokens come from secrets: cargo: {secrets: {CARGO_REGISTRIES_NAME_TOKEN: ID}} in mzbuild-settings.yml, --secret id=ID,…"
  elif said 'unknown SSH host key\\|ssh host key\\|SSH host key'; then
    echo "put the host's key into the repository's .cargo/config.toml: [net.ssh] known-hosts = [...]"
  elif said 'no authentication\\|authentication required\\|attempted ssh-agent authentication'; then
    echo "for git over ssh an agent is wanted: cargo: {ssh: default} in mzbuild-settings.yml, and --ssh default"
  fi
}

fetch() {
  logged "$workspace.log" "$@" && return
  if said '--locked was passed'; then die_of_lock_file "$status"; fi
  die fetch-failed "cargo could not download what Cargo.lock names" "$(fetch_help)" "$status"
}

# Prints "crate NAME VERSION INDEX-PATH" and "git REPOSITORY REVISION" for the packages of a lock file.
locked_packages() {
  awk '
    function index_path(name, n) {
      n = length(name)
      if (n < 3) return n "/" name
      if (n == 3) return "3/" substr(name, 1, 1) "/" name
      return substr(name, 1, 2) "/" substr(name, 3, 2) "/" name
    }
    function flush(url, revision) {
      if (source ~ /^(registry|sparse)[+]/) print "crate", name, version, index_path(tolower(name))
      if (source ~ /^git[+]/) {
        url = revision = source
        sub(/.*#/, "", revision)
        sub(/[?#].*/, "", url)
        sub(/[/]+$/, "", url)
        sub(/.*[/]/, "", url)
        sub(/[.]git$/, "", url)
        print "git", tolower(url), substr(revision, 1, 7)
      }
      source = ""
    }
    /^\\[\\[package\\]\\]/ { flush() }
    /^name = / { name = value() }
    /^version = / { version = value() }
    /^source = / { source = value() }
    function value(text) { text = $0; sub(/^[^"]*"/, "", text); sub(/".*/, "", text); return text }
    END { flush() }
  ' "$1"
}

# Copies the downloads of a lock file, and nothing of other repositories that share the cache.
keep_locked() {
  locked_packages "$1" >"$workspace.locked"
  # While cargo of another step downloads, parts of the index may be half written.
  if command -v flock >/dev/null; then
    exec 9>>${DOWNLOADS}/.package-cache
    flock 9
  fi
  cd ${DOWNLOADS}
  for registry in registry/cache/*/; do
    [ -d "$registry" ] || continue
    registry=\${registry#registry/cache/}
    registry=\${registry%/}
    # To resolve, cargo also looks up packages that only other platforms need, and that it therefore did not download.
    while read -r kind name version path; do
      if [ "$kind" != crate ]; then continue; fi
      for entry in registry/cache/$registry/$name-$version.crate registry/index/$registry/.cache/$path; do
        if [ -e "$entry" ]; then echo "$entry"; fi
      done
    done <"$workspace.locked" | sort -u >"$workspace.files"
    [ -s "$workspace.files" ] || continue
    for entry in registry/index/$registry/* registry/index/$registry/.[!.]*; do
      if [ -e "$entry" ] && [ "\${entry##*/}" != .cache ]; then echo "$entry"; fi
    done >>"$workspace.files"
    xargs -r -d '\\n' cp -R --parents -t ${FETCHED} <"$workspace.files"
  done
  while read -r kind name revision; do
    if [ "$kind" != git ]; then continue; fi
    for directory in git/db/* git/checkouts/*/"$revision"; do
      repository=\${directory#git/*/}
      repository=\${repository%%/*}
      owner=$(echo "\${repository%-*}" | tr A-Z a-z)
      if [ -d "$directory" ] && [ "$owner" = "$name" ]; then echo "$directory"; fi
    done
  done <"$workspace.locked" | sort -u | xargs -r -d '\\n' cp -R --parents -t ${FETCHED}
}
`;
