/**
 * Asks an ssh server for its host key, as `ssh-keyscan` does: a key exchange is begun, and left when the server has shown
 * its key. Nobody logs in.
 * Contract: RFC 4253 (packets, `KEXINIT`), RFC 5656 and RFC 8731 (key exchange). The order in which kinds of keys are
 * preferred is that of golang.org/x/crypto v0.55.0: ssh/common.go, the line that of moby/buildkit v0.33.0:
 * util/sshutil/keyscan.go, so that both name the same key of a server that has several.
 */
import { createECDH, generateKeyPairSync, randomBytes } from "node:crypto";
import { connect, type Socket } from "node:net";
import { bytes, nameList, type Packets, packet, packetReader, wireReader } from "./ssh-packets.ts";

const DEFAULT_PORT = "22";
const TIMEOUT_MS = 20_000;

const DISCONNECT = 1;
const KEXINIT = 20;
const KEX_ECDH_INIT = 30;
const KEX_ECDH_REPLY = 31;

const HOST_KEY_KINDS = [
  "rsa-sha2-256-cert-v01@openssh.com",
  "rsa-sha2-512-cert-v01@openssh.com",
  "ssh-rsa-cert-v01@openssh.com",
  "ecdsa-sha2-nistp256-cert-v01@openssh.com",
  "ecdsa-sha2-nistp384-cert-v01@openssh.com",
  "ecdsa-sha2-nistp521-cert-v01@openssh.com",
  "ssh-ed25519-cert-v01@openssh.com",
  "ecdsa-sha2-nistp256",
  "ecdsa-sha2-nistp384",
  "ecdsa-sha2-nistp521",
  "rsa-sha2-256",
  "rsa-sha2-512",
  "ssh-rsa",
  "ssh-dss",
  "ssh-ed25519",
];

/** Our part of a key exchange; the secret is never computed. */
const exchanges: Readonly<Record<string, () => Uint8Array>> = {
  "curve25519-sha256": x25519Point,
  "curve25519-sha256@libssh.org": x25519Point,
  "ecdh-sha2-nistp256": () => createECDH("prime256v1").generateKeys(),
  "ecdh-sha2-nistp384": () => createECDH("secp384r1").generateKeys(),
  "ecdh-sha2-nistp521": () => createECDH("secp521r1").generateKeys(),
};

const CIPHERS = [
  "aes128-gcm@openssh.com",
  "aes256-gcm@openssh.com",
  "chacha20-poly1305@openssh.com",
  "aes128-ctr",
  "aes192-ctr",
  "aes256-ctr",
];
const MACS = [
  "hmac-sha2-256-etm@openssh.com",
  "hmac-sha2-512-etm@openssh.com",
  "hmac-sha2-256",
  "hmac-sha2-512",
  "hmac-sha1",
];

/**
 * The key of a server as a line of a known_hosts file, without a line end. `server` is `host` or `host:port`. Throws when
 * there is no such server, or none that speaks ssh, within some seconds.
 */
export async function scanHostKey(server: string, signal?: AbortSignal): Promise<string> {
  const { host, port } = splitServer(server);
  const key = await readHostKey(connect({ host, port: Number(port), signal: deadline(signal) }));
  const kind = wireReader(key).text();
  return `${port === DEFAULT_PORT ? host : `[${host}]:${port}`} ${kind} ${Buffer.from(key).toString("base64")}`;
}

function deadline(signal: AbortSignal | undefined): AbortSignal {
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  return signal === undefined ? timeout : AbortSignal.any([signal, timeout]);
}

function splitServer(server: string): { readonly host: string; readonly port: string } {
  const parts = /^(?:\[([^\]]*)\]|([^:]*)):(\d+)$/.exec(server);
  if (parts === null) return { host: server, port: DEFAULT_PORT };
  return { host: parts[1] ?? parts[2] ?? "", port: parts[3] ?? DEFAULT_PORT };
}

async function readHostKey(socket: Socket): Promise<Uint8Array> {
  try {
    socket.write("SSH-2.0-mzbuild\r\n");
    const packets = packetReader(socket);
    await packets.version();
    socket.write(packet(kexInit()));
    const theirs = wireReader(await expect(packets, KEXINIT)).skip(1 + 16);
    const offered = theirs.text().split(",");
    const chosen = Object.keys(exchanges).find((name) => offered.includes(name));
    const point = chosen === undefined ? undefined : exchanges[chosen]?.();
    if (point === undefined) throw new Error(`the ssh server offers key exchanges that are not known: ${offered}`);
    socket.write(packet(Buffer.concat([Buffer.of(KEX_ECDH_INIT), bytes(point)])));
    return wireReader(await expect(packets, KEX_ECDH_REPLY))
      .skip(1)
      .bytes();
  } finally {
    socket.destroy();
  }
}

/** The next packet of a kind. Others may come before it; one that ends the connection is an error. */
async function expect(packets: Packets, kind: number): Promise<Uint8Array> {
  for (;;) {
    const payload = await packets.next();
    if (payload[0] === kind) return payload;
    if (payload[0] === DISCONNECT)
      throw new Error(
        `the ssh server ends: ${wireReader(payload)
          .skip(1 + 4)
          .text()}`,
      );
  }
}

function kexInit(): Uint8Array {
  return Buffer.concat([
    Buffer.of(KEXINIT),
    randomBytes(16),
    ...[Object.keys(exchanges), HOST_KEY_KINDS, CIPHERS, CIPHERS, MACS, MACS, ["none"], ["none"], [], []].map(nameList),
    // No guess of a first packet, and four reserved bytes.
    Buffer.alloc(1 + 4),
  ]);
}

function x25519Point(): Uint8Array {
  const { x = "" } = generateKeyPairSync("x25519").publicKey.export({ format: "jwk" });
  return Buffer.from(x, "base64url");
}
