/**
 * Containers of a solve, and processes in them. One `ExecProcess` call carries one process.
 * Source: moby/buildkit v0.33.0: frontend/gateway/gateway.go (ExecProcess), frontend/gateway/grpcclient/client.go.
 */

import type { gateway, Init, pb } from "../../proto/index.ts";
import { randomId } from "../random-id.ts";
import type { ClientCall } from "../rpc/client.ts";
import type { CallOptions } from "../rpc/method.ts";
import { codeName, RpcCode, RpcError } from "../rpc/rpc-error.ts";

export interface ProcessOptions {
  readonly args: readonly string[];
  /** `NAME=value` each; nothing is inherited. */
  readonly env?: readonly string[] | undefined;
  /** Default: `/`. */
  readonly cwd?: string | undefined;
  /** Default: root. */
  readonly user?: string | undefined;
  /** Gives the process a terminal; its errors then come by `onStdout`, as its other output does. */
  readonly tty?: boolean | undefined;
  /** More of what a process may be given, such as secrets in its environment. */
  readonly more?: Omit<Init<gateway.InitMessage>, "ContainerID" | "Meta" | "Fds" | "Tty"> | undefined;
  /** The process' standard input; its end is passed on. Default: none. */
  readonly stdin?: AsyncIterable<Uint8Array> | undefined;
  /** Take its output; the process waits until the returned promise has resolved. Output that nobody takes is thrown away. */
  readonly onStdout?: ((data: Uint8Array) => Promise<void> | undefined) | undefined;
  readonly onStderr?: ((data: Uint8Array) => Promise<void> | undefined) | undefined;
  /** Aborting kills the process. */
  readonly signal?: AbortSignal | undefined;
}

/** A process that has been asked for. */
export interface Process {
  /** Resolves when it runs; rejects as `exit` does. */
  readonly started: Promise<void>;
  /**
   * Resolves with its exit code when it has ended and all its output was delivered; 128 + n where signal n ended it. Rejects with
   * {@link RpcError} if it could not be started, or was lost.
   */
  readonly exit: Promise<number>;
  /** Tells it the new size of its terminal, in characters. */
  resize(size: { readonly rows: number; readonly columns: number }): void;
  /** Sends it a signal, by name without "SIG": `INT`, `TERM`, `KILL`. */
  kill(signal: string): void;
}

/** A container, which exists until it is released or the solve ends. */
export interface Container extends AsyncDisposable {
  readonly id: string;
  /** Runs a process. The first one is the container's init; others can be run while it lives. */
  run(options: ProcessOptions): Process;
  release(): Promise<void>;
}

type ExecCall = ClientCall<gateway.ExecMessage, gateway.ExecMessage>;

/** What a container needs of its gateway. */
interface ContainerConnection {
  readonly id: string;
  readonly execProcess: (options: CallOptions) => Promise<ExecCall>;
  readonly release: () => Promise<void>;
}

export function openContainer({ id, execProcess, release }: ContainerConnection): Container {
  return {
    id,
    run: (options) => runProcess(id, execProcess({ signal: options.signal }), options),
    release,
    [Symbol.asyncDispose]: release,
  };
}

function runProcess(containerId: string, opening: Promise<ExecCall>, options: ProcessOptions): Process {
  const processId = randomId();
  let begun: () => void = () => {};
  const running = new Promise<void>((resolve) => {
    begun = resolve;
  });
  const send = async (message: Omit<Init<gateway.ExecMessage>, "ProcessID">) => {
    await (await opening).send({ ...message, ProcessID: processId });
  };
  /** What comes after the process' end has no meaning any more, and why it failed is what `exit` tells. */
  const post = (message: Omit<Init<gateway.ExecMessage>, "ProcessID">) => {
    void running.then(() => send(message)).catch(() => {});
  };

  const exit = (async () => {
    await send({ Init: initMessage(containerId, options) });
    return follow(await opening, options, begun);
  })();
  if (options.stdin !== undefined) pumpStdin(options.stdin, running, send).catch(() => {});
  const started = Promise.race([running, exit.then(() => {})]);
  // Whoever awaits neither or only one of the two is not to be punished with an unhandled rejection.
  started.catch(() => {});
  exit.catch(() => {});

  return {
    started,
    exit,
    resize: ({ rows, columns }) => post({ Resize: { Rows: rows, Cols: columns } }),
    kill: (signal) => post({ Signal: { Name: signal } }),
  };
}

function initMessage(containerId: string, options: ProcessOptions): Init<gateway.InitMessage> {
  const meta: Init<pb.Meta> = { args: options.args, env: options.env, cwd: options.cwd ?? "/", user: options.user };
  const outputs = options.tty ? [1] : [1, 2];
  return {
    ...options.more,
    ContainerID: containerId,
    Meta: meta,
    Fds: options.stdin === undefined ? outputs : [0, ...outputs],
    Tty: options.tty,
  };
}

/** Reads what the daemon says of the process until it is done, and gives its exit code. */
async function follow(call: ExecCall, options: ProcessOptions, begun: () => void): Promise<number> {
  let code: number | undefined;
  for await (const message of call.responses) {
    if (message.Started !== undefined) begun();
    if (message.File !== undefined && message.File.Data.length > 0) {
      const take = message.File.Fd === 2 ? options.onStderr : options.onStdout;
      await take?.(message.File.Data);
    }
    if (message.Exit !== undefined) code = exitCode(message.Exit);
    if (message.Done !== undefined) break;
  }
  if (code === undefined) throw new RpcError("INTERNAL", "the process ended without an exit code");
  return code;
}

/** What stands for "it never ran, or nobody knows"; processes may end with it, too. Source: frontend/gateway/pb/exit.go. */
const unknownExitCode = 255;

function exitCode({ Code, Error: status }: gateway.ExitMessage): number {
  const isExit = status?.details.some(({ typeUrl }) => typeUrl.endsWith("gatewayapi.ExitMessage+json")) ?? false;
  if (status === undefined || status.code === RpcCode.OK || isExit || Code !== unknownExitCode) return Code;
  throw new RpcError(codeName(status.code), status.message, { details: status.details });
}

async function pumpStdin(
  stdin: AsyncIterable<Uint8Array>,
  running: Promise<void>,
  send: (message: Omit<Init<gateway.ExecMessage>, "ProcessID">) => Promise<void>,
): Promise<void> {
  await running;
  for await (const Data of stdin) await send({ File: { Fd: 0, Data } });
  await send({ File: { Fd: 0, EOF: true } });
}
