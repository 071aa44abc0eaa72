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
    release: () => releaseOnly(release),
    [Symbol.asyncDispose]: () => releaseOnly(release),
  };
}

/** The daemon answers with the failure of a process that ran in the container, which isn't one of releasing it. */
async function releaseOnly(release: () => Promise<void>): Promise<void> {
  try {
    await release();
  } catch (error) {
    if (!(error instanceof RpcError) || error.code === "UNAVAILABLE") throw error;
  }
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

  const stdin = options.stdin === undefined ? undefined : openStdin(options.stdin, running, send);
  const exit = (async () => {
    await send({ Init: initMessage(containerId, options) });
    return follow(await opening, options, { begun, exited: () => stdin?.close() });
  })();
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
async function follow(
  call: ExecCall,
  options: ProcessOptions,
  on: { readonly begun: () => void; readonly exited: () => void },
): Promise<number> {
  let code: number | undefined;
  try {
    for await (const message of call.responses) {
      if (message.Started !== undefined) on.begun();
      if (message.File !== undefined && message.File.Data.length > 0) {
        const take = message.File.Fd === 2 ? options.onStderr : options.onStdout;
        await take?.(message.File.Data);
      }
      if (message.Exit !== undefined) {
        code = exitCode(message.Exit);
        on.exited();
      }
      if (message.Done !== undefined) break;
    }
  } catch (error) {
    // Input that meets a process which has just ended makes the daemon fail the call, although the code is known.
    if (code === undefined || !(error instanceof RpcError)) throw error;
  }
  if (code === undefined) throw new RpcError("INTERNAL", "the process ended without an exit code");
  return code;
}

/** What stands for "it never ran, or nobody knows"; processes may end with it, too. Source: frontend/gateway/pb/exit.go. */
const UNKNOWN_EXIT_CODE = 255;

function exitCode({ Code, Error: status }: gateway.ExitMessage): number {
  const isExit = status?.details.some(({ typeUrl }) => typeUrl.endsWith("gatewayapi.ExitMessage+json")) ?? false;
  if (status === undefined || status.code === RpcCode.OK || isExit || Code !== UNKNOWN_EXIT_CODE) return Code;
  throw new RpcError(codeName(status.code), status.message, { details: status.details });
}

/** The process' input, which the daemon wants to see closed before it calls a process done. */
function openStdin(
  stdin: AsyncIterable<Uint8Array>,
  running: Promise<void>,
  send: (message: Omit<Init<gateway.ExecMessage>, "ProcessID">) => Promise<void>,
): { readonly close: () => void } {
  let closed = false;
  const close = () => {
    if (closed) return;
    closed = true;
    // If it can't be sent any more, the call has ended, and `exit` tells why.
    send({ File: { Fd: 0, EOF: true } }).catch(() => {});
  };
  const pump = async () => {
    await running;
    for await (const Data of stdin) {
      if (closed) return;
      await send({ File: { Fd: 0, Data } });
    }
  };
  // Input that can't be read ends, as far as the process is concerned.
  pump().then(close, close);
  return { close };
}
