/** Where things are in the containers that run cargo. These paths get into binaries, so they are the same for everyone. */

const ROOT = "/mzbuild";

/** Tree of scripts, read-only. */
export const SCRIPTS = `${ROOT}/scripts`;
/** The repository's files as they are now, read-only. */
export const SOURCES = `${ROOT}/sources`;
/** The cache mount of a target: the sources as cargo saw them last, and its artefacts. */
export const WORK = `${ROOT}/work`;
/** Where cargo runs. */
export const SOURCE = `${WORK}/source`;
export const TARGET = `${WORK}/target`;
export const CARGO_HOME = `${ROOT}/cargo-home`;
/** The cache mount of downloads, which all repositories share. */
export const DOWNLOADS = `${ROOT}/downloads`;
/** What the lock file names, downloaded: the output of the fetch. */
export const FETCHED = `${ROOT}/fetched`;
/** Compiled dependencies, as a target directory: the output of their own step, a seed of the build's. */
export const DEPENDENCIES = `${ROOT}/dependencies`;
/** Programs and extracted files: the output of the build. */
export const OUT = `${ROOT}/out`;
/** Where sccache keeps what it compiled, where it isn't told of another place. */
export const SCCACHE = `${ROOT}/sccache`;
/** Certificates to trust besides the image's own, where the client has such a secret. */
export const CA = `${ROOT}/ca.crt`;
