/**
 * The key by which a daemon checks that a later session belongs to the same user of a registry: Ed25519, derived from the
 * user's seed and the daemon's salt.
 * Source: moby/buildkit v0.33.0: session/auth/authprovider/authprovider.go (getAuthorityKey), nacl/sign's message format.
 */
import { createHmac, createPrivateKey, createPublicKey, type KeyObject, sign } from "node:crypto";

/** PKCS#8 around a bare Ed25519 seed (RFC 8410). */
const PKCS8_PREFIX = Buffer.from("302e020100300506032b657004220420", "hex");

/** `seed` is undefined for an anonymous user: the key then depends on the salt alone. */
export function authorityKey(salt: Uint8Array, seed: Uint8Array | undefined): KeyObject {
  const hmac = createHmac("sha256", salt);
  if (seed !== undefined) hmac.update(seed);
  return createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, hmac.digest()]), format: "der", type: "pkcs8" });
}

/** The 32 bytes of the public half. */
export function publicBytes(key: KeyObject): Uint8Array {
  return createPublicKey(key).export({ format: "der", type: "spki" }).subarray(-32);
}

/** The signature (64 bytes) followed by the payload. */
export function signPayload(key: KeyObject, payload: Uint8Array): Uint8Array {
  return Buffer.concat([sign(undefined, payload, key), payload]);
}
