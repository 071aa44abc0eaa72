/**
 * What a build may ask of the user's ssh agent: the list of keys and signatures, nothing that changes the agent.
 * Contract: https://datatracker.ietf.org/doc/html/draft-ietf-sshm-ssh-agent
 * Source of the policy: moby/buildkit v0.33.0: session/sshforward/sshprovider/agentprovider.go (readOnlyAgent).
 */

const REQUEST_IDENTITIES = 11;
const SIGN_REQUEST = 13;
const EXTENSION = 27;
const FAILURE = 5;
const EXTENSION_FAILURE = 28;

/** More than any request of ssh; the limit of OpenSSH's own agent. */
const MAX_MESSAGE_BYTES = 256 * 1024;

/** Whether a request, without its length, may reach the agent. */
export function isAllowedRequest(message: Uint8Array): boolean {
  return message[0] === REQUEST_IDENTITIES || message[0] === SIGN_REQUEST;
}

/** The answer, with its length, to a request that may not. */
export function refusal(message: Uint8Array): Uint8Array {
  return frame(Uint8Array.of(message[0] === EXTENSION ? EXTENSION_FAILURE : FAILURE));
}

export function frame(message: Uint8Array): Uint8Array {
  const framed = Buffer.allocUnsafe(4 + message.length);
  framed.writeUInt32BE(message.length);
  framed.set(message, 4);
  return framed;
}

/** Cuts a stream of bytes into the agent protocol's messages, without their lengths. Throws `RangeError` for one too long. */
export async function* agentMessages(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  let rest = Buffer.alloc(0);
  for await (const chunk of bytes) {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= 4) {
      const length = rest.readUInt32BE();
      if (length > MAX_MESSAGE_BYTES) throw new RangeError(`an ssh agent message of ${length} bytes`);
      if (rest.length < 4 + length) break;
      yield rest.subarray(4, 4 + length);
      rest = rest.subarray(4 + length);
    }
  }
}
