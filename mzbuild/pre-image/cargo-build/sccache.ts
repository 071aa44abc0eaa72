/**
 * Compiling by way of sccache: what a step is given besides, and how its script begins. The cache helps machines that have
 * nothing yet, so a build goes on without it where it cannot be reached.
 * Contract: mozilla/sccache v0.10.0: docs/Configuration.md.
 */
import { cacheMount, type Mount, type SecretEnv, type State, secretMount } from "../../../llb/index.ts";
import type { SccacheSettings } from "../../settings/settings.ts";
import { CA_SECRET } from "./cargo-world.ts";
import { CA, SCCACHE, WORK } from "./layout.ts";

export interface SccacheOptions {
  readonly mounts: readonly Mount[];
  readonly secretEnv?: readonly SecretEnv[];
  /** Left out where the cache is somewhere else. */
  readonly network?: "none";
}

/** What a step may reach: nothing without sccache, or where its cache is a mount. */
export function sccacheOptions(sccache: SccacheSettings | undefined): SccacheOptions {
  if (sccache === undefined) return { network: "none", mounts: [] };
  if (isLocal(sccache)) return { network: "none", mounts: [cacheMount(SCCACHE, "mzbuild/sccache")] };
  return {
    mounts: [secretMount(CA, CA_SECRET, { optional: true })],
    // Whoever doesn't have them compiles by themselves.
    secretEnv: [...sccache.secrets].map(([name, id]) => ({ name, id, optional: true })),
  };
}

/** The variables that tell sccache of its cache. */
export function withSccache(builder: State, sccache: SccacheSettings | undefined): State {
  if (sccache === undefined) return builder;
  const variables = [...(isLocal(sccache) ? [["SCCACHE_DIR", SCCACHE] as const] : []), ...sccache.env];
  return variables.reduce((state, [name, value]) => state.env(name, value), builder);
}

const LOCAL_VARIABLES: ReadonlySet<string> = new Set(["SCCACHE_CACHE_SIZE", "SCCACHE_LOG"]);

function isLocal({ env, secrets }: SccacheSettings): boolean {
  return secrets.size === 0 && [...env.keys()].every((name) => LOCAL_VARIABLES.has(name));
}

/** Needs `die` and `trust_ca`. */
export const sccacheScript = `
sccache_ends() {
  sccache --show-stats | grep -e '^Compile requests ' -e '^Cache hits ' -e '^Cache misses ' -e '^Cache location' >&2 || true
  sccache --stop-server >/dev/null 2>&1 || true
}

# The server is this step's own: that of another step, which may share the network, would compile other files. A port that is
# taken is another server's, and the next one is tried.
use_sccache() {
  command -v sccache >/dev/null || die builder-without-sccache \\
    "the settings ask for sccache, and the builder image has none in its PATH ($PATH)" \\
    "install sccache in the builder image, or leave cargo.sccache out of mzbuild-settings.yml"
  trust_ca
  export SCCACHE_IDLE_TIMEOUT=0
  for attempt in 1 2 3 4 5; do
    export SCCACHE_SERVER_PORT=$((20000 + $(od -An -N2 -tu2 /dev/urandom) % 12000))
    if sccache --start-server </dev/null >${WORK}/sccache.log 2>&1; then
      export RUSTC_WRAPPER=sccache
      # What is still on its way to the cache gets there, and what was found in it is told.
      trap sccache_ends EXIT
      if [ -z "\${SCCACHE_DIR:-}" ] && sccache --show-stats | grep -q '^Cache location .*Local disk'; then
        echo "mzbuild: warning: sccache, as the builder has it, doesn't know the storage of the settings, so nothing is kept" >&2
      fi
      return
    fi
    grep -q 'in use' ${WORK}/sccache.log || break
  done
  cat ${WORK}/sccache.log >&2
  echo "mzbuild: warning: sccache does not start, so all is compiled here" >&2
}
`;
