/** Which failures of a push will be over in a moment. */

/** Of a daemon's words about a registry: too many requests, the server's own troubles, a connection that broke. */
const TRANSIENT =
  /\b(?:429|500|502|503|504)\b|too many requests|toomanyrequests|bad gateway|service unavailable|gateway timeout|internal server error|connection (?:reset|refused)|broken pipe|unexpected EOF|: EOF$|i\/o timeout|unknown: unknown error|TLS handshake timeout|temporary failure/i;

/** Of the reference registry: a blob that two pushes send at the same moment is unreadable while the later one is written. */
const HALF_WRITTEN = /blob unknown to registry/i;

/** Never for a refused login, an unknown name or a tag that may not be changed: those stay as they are. */
export function isTransientPush(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (HALF_WRITTEN.test(error.message)) return true; // comes with 400
  return TRANSIENT.test(error.message) && !/\b(?:400|401|403|404|405)\b|denied|unauthorized/i.test(error.message);
}
