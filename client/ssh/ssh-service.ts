/**
 * The session service that lets steps use the user's ssh keys without seeing them: `moby.sshforward.v1.SSH`.
 * Source: moby/buildkit v0.33.0: session/sshforward/{copy.go,sshprovider/}.
 */
import { once } from "node:events";
import { stat } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { sshforward } from "../../proto/index.ts";
import { ClientError, messageOf } from "../client-error.ts";
import { RpcError } from "../rpc/rpc-error.ts";
import { duplexCall, type RpcHandler, type ServerCall, unary } from "../rpc/server.ts";
import { agentMessages, frame, isAllowedRequest, refusal } from "./agent-filter.ts";
import { type KeyAgent, startKeyAgent } from "./key-agent.ts";

export interface SshForward {
  /** What the mount asks for: "default" unless said otherwise. */
  readonly id: string;
  /** One socket, or key files; absolute paths. */
  readonly paths: readonly string[];
  /** Passes bytes through as they are, to a socket that need not be an agent's. */
  readonly raw: boolean;
}

export interface SshService {
  readonly handlers: readonly RpcHandler[];
  /** Ends the agents that were started for key files. */
  close(): Promise<void>;
}

const ID_KEY = "buildkit.ssh.id";
const DEFAULT_ID = "default";

interface Forward {
  readonly socket: string;
  readonly raw: boolean;
}

/**
 * Looks at every path and starts the agents that key files need. Throws `ClientError` "bad-option" or
 * "ssh-agent-failed". `environment` is for the programs ssh-agent and ssh-add.
 */
export async function sshService(
  forwards: readonly SshForward[],
  environment: Readonly<Record<string, string | undefined>>,
): Promise<SshService> {
  const byId = new Map<string, Forward>();
  const agents: KeyAgent[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(agents.map((agent) => agent.close()));
  };
  try {
    for (const forward of forwards) {
      if (byId.has(forward.id))
        throw new ClientError("bad-option", `the ssh id ${JSON.stringify(forward.id)} is given twice`);
      byId.set(forward.id, await prepare(forward, environment, agents));
    }
  } catch (error) {
    await close();
    throw error;
  }
  return { handlers: handlersFor(byId), close };
}

async function prepare(
  forward: SshForward,
  environment: Readonly<Record<string, string | undefined>>,
  agents: KeyAgent[],
): Promise<Forward> {
  const sockets = await Promise.all(forward.paths.map((path) => isSocket(path)));
  const [first] = forward.paths;
  if (first !== undefined && sockets.length === 1 && sockets[0]) return { socket: first, raw: forward.raw };
  if (sockets.includes(true)) {
    throw new ClientError(
      "bad-option",
      `ssh id ${JSON.stringify(forward.id)}: give one socket, or key files, not both`,
    );
  }
  if (forward.raw || first === undefined) {
    throw new ClientError(
      "bad-option",
      `ssh id ${JSON.stringify(forward.id)}: ${forward.raw ? "raw needs one socket" : "no socket and no key"}`,
    );
  }
  const agent = await startKeyAgent(forward.paths, environment);
  agents.push(agent);
  return { socket: agent.socket, raw: false };
}

async function isSocket(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isSocket();
  } catch (cause) {
    throw new ClientError(
      "bad-option",
      `the ssh socket or key ${JSON.stringify(path)} can't be used: ${messageOf(cause)}`,
      { cause },
    );
  }
}

function handlersFor(forwards: ReadonlyMap<string, Forward>): readonly RpcHandler[] {
  const find = (id: string): Forward => {
    const forward = forwards.get(id);
    if (forward === undefined) throw new RpcError("UNKNOWN", `unset ssh forward key ${id}`);
    return forward;
  };
  return [
    unary(sshforward.SSH.checkAgent, (request) => {
      find(request.ID || DEFAULT_ID);
      return {};
    }),
    duplexCall(sshforward.SSH.forwardAgent, async (call) => {
      const id = call.metadata.get(ID_KEY)?.[0] || DEFAULT_ID;
      const forward = find(id);
      const agent = connect(forward.socket);
      agent.on("error", () => {}); // whoever reads or writes next gets it; between two requests nobody does
      const hangUp = (): void => void agent.destroy();
      call.signal.addEventListener("abort", hangUp);
      try {
        await once(agent, "connect");
        await (forward.raw ? pipe(call, agent) : converse(call, agent));
      } catch (error) {
        throw new RpcError("UNKNOWN", `ssh agent ${id}: ${messageOf(error)}`, {
          cause: error,
        });
      } finally {
        call.signal.removeEventListener("abort", hangUp);
        agent.destroy();
      }
    }),
  ];
}

type Call = ServerCall<sshforward.BytesMessage, sshforward.BytesMessage>;

/** Request by request, each answered before the next is looked at: refusals then come in their order. */
async function converse(call: Call, agent: Socket): Promise<void> {
  const answers = agentMessages(agent);
  for await (const request of agentMessages(dataOf(call))) {
    if (!isAllowedRequest(request)) {
      await call.send({ data: refusal(request) });
      continue;
    }
    agent.write(frame(request));
    const answer = await answers.next();
    if (answer.done === true) return;
    await call.send({ data: frame(answer.value) });
  }
}

async function pipe(call: Call, socket: Socket): Promise<void> {
  const inward = async (): Promise<void> => {
    for await (const data of dataOf(call)) {
      if (!socket.write(data)) await once(socket, "drain");
    }
    socket.end();
  };
  const outward = async (): Promise<void> => {
    for await (const data of socket) await call.send({ data });
  };
  // The side that listens ends the conversation; what it said before it did has then been passed on.
  await Promise.race([outward(), inward().then(() => new Promise<never>(() => {}))]);
}

async function* dataOf(call: Call): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const { data } of call.requests) yield data;
}
