/**
 * What workflows can do with their composition. Every operation takes one JSON object and answers with JSON, so that a
 * workflow may run in this process or in another one (`rpc.ts`). Users see it through the friendlier `Composition`, in
 * Python through the class of that name.
 *
 * All throw `WorkflowError`, most often because docker compose failed; its own words have been written to standard error then,
 * unless they were captured.
 */
import type { Json, JsonObject, ServiceConfig } from "./model.ts";

/** How the output of a command is treated. Default: it goes where that of mzcompose goes. */
export interface CommandOptions {
  /** Return standard output instead of showing it. */
  readonly capture?: boolean;
  readonly captureStderr?: boolean;
  /** The standard input, whole; nothing by default. */
  readonly stdin?: string;
  /** Whether a failure is an error. Default: true. */
  readonly check?: boolean;
}

export interface CommandResult {
  readonly exitCode: number;
  /** Empty unless captured. */
  readonly stdout: string;
  readonly stderr: string;
}

export interface ServicesRequest {
  /** All services of the composition if none is named. */
  readonly services?: readonly string[];
}

export interface UpRequest extends ServicesRequest {
  /** Default: true. */
  readonly detach?: boolean;
  /** Until all that have a health check are healthy and the others run. Default: true. */
  readonly wait?: boolean;
  /** For `wait`; no limit by default. */
  readonly timeoutSeconds?: number;
  /**
   * Keeps the containers alive without running their commands, so that `exec` can be used with them: all that are started, or those of
   * these services. Default: false.
   */
  readonly persistent?: boolean | readonly string[];
  /** Further arguments of `docker compose up`. */
  readonly options?: readonly string[];
}

export interface RunRequest extends CommandOptions {
  readonly service: string;
  /** The command, instead of the service's own. */
  readonly args?: readonly string[];
  readonly detach?: boolean;
  /** Removes the container afterwards. Default: true, unless detached. */
  readonly rm?: boolean;
  readonly env?: Readonly<Record<string, string>>;
  readonly entrypoint?: string;
  /** Further arguments of `docker compose run`. */
  readonly options?: readonly string[];
}

export interface ExecRequest extends CommandOptions {
  readonly service: string;
  readonly args: readonly string[];
  readonly detach?: boolean;
  readonly env?: Readonly<Record<string, string>>;
  readonly workdir?: string;
}

export interface DownRequest {
  /** Default: true, for both. */
  readonly volumes?: boolean;
  readonly removeOrphans?: boolean;
}

export interface KillRequest extends ServicesRequest {
  /** Default: SIGKILL. */
  readonly signal?: string;
  /** Until the containers are gone. Default: true. */
  readonly wait?: boolean;
}

export interface OverrideRequest {
  /** Services in the place of those of the same name, whole. */
  readonly services: readonly { readonly name: string; readonly config: ServiceConfig }[];
  /** Whether names that the composition doesn't have are added. Default: false, which makes them an error. */
  readonly allowNew?: boolean;
}

export interface TestEnd {
  readonly name: string;
  /** What failed; undefined for success. */
  readonly error?: { readonly message: string; readonly details?: string };
}

export interface CompositionOperations {
  /** Runs `docker compose ARGS` on the rendered composition, after acquiring its images if the command needs them. */
  invoke(request: CommandOptions & { readonly args: readonly string[] }): Promise<CommandResult>;
  up(request: UpRequest): Promise<void>;
  run(request: RunRequest): Promise<CommandResult>;
  exec(request: ExecRequest): Promise<CommandResult>;
  down(request: DownRequest): Promise<void>;
  kill(request: KillRequest): Promise<void>;
  start(request: ServicesRequest): Promise<void>;
  stop(request: ServicesRequest & { readonly timeoutSeconds?: number }): Promise<void>;
  restart(request: ServicesRequest): Promise<void>;
  pause(request: ServicesRequest): Promise<void>;
  unpause(request: ServicesRequest): Promise<void>;
  /** Stops (default: true) and removes containers, with their anonymous volumes (default: true). */
  rm(request: ServicesRequest & { readonly stop?: boolean; readonly volumes?: boolean }): Promise<void>;
  /** Removes named volumes of the composition. */
  removeVolumes(request: { readonly volumes: readonly string[]; readonly force?: boolean }): Promise<void>;
  /** The port of the host by which a port of a running service is reached; the service's first port by default. */
  port(request: { readonly service: string; readonly port?: number }): Promise<number>;
  /** Waits until services run and those with a health check are healthy. Tells the last log lines of one that is not. */
  waitForHealth(request: ServicesRequest & { readonly timeoutSeconds?: number }): Promise<void>;
  logs(request: ServicesRequest & { readonly tail?: number }): Promise<string>;
  /** Of a service's first container; null where it has none. */
  containerId(request: { readonly service: string }): Promise<string | null>;
  /** Puts other services in place until `popOverride`; may be nested. Their images are acquired when they are started. */
  pushOverride(request: OverrideRequest): Promise<void>;
  popOverride(request: JsonObject): Promise<void>;
  /** Opens a test case of the JUnit report; may be nested. */
  beginTest(request: { readonly name: string }): Promise<void>;
  endTest(request: TestEnd): Promise<void>;
  /** Runs another workflow of the same composition. */
  workflow(request: { readonly name: string; readonly args?: readonly string[] }): Promise<void>;
  /** The composition as it is now, overrides included, before it is rendered: services by name. */
  services(request: JsonObject): Promise<{ readonly [name: string]: JsonObject }>;
  /** Writes a line for people, in the manner of mzcompose's own. */
  say(request: { readonly text: string }): Promise<void>;
}

export type OperationName = keyof CompositionOperations;

/** All of them, for those who dispatch by name. */
export const OPERATIONS = Object.keys({
  invoke: 0,
  up: 0,
  run: 0,
  exec: 0,
  down: 0,
  kill: 0,
  start: 0,
  stop: 0,
  restart: 0,
  pause: 0,
  unpause: 0,
  rm: 0,
  removeVolumes: 0,
  port: 0,
  waitForHealth: 0,
  logs: 0,
  containerId: 0,
  pushOverride: 0,
  popOverride: 0,
  beginTest: 0,
  endTest: 0,
  workflow: 0,
  services: 0,
  say: 0,
} satisfies Record<OperationName, 0>);

/** An operation or a workflow failed, for a reason that is told in the message. */
export class WorkflowError extends Error {
  override readonly name = "WorkflowError";
  readonly hint: string | undefined;
  /** Whether people have been told already, by the workflow's own program. */
  readonly told: boolean;

  constructor(
    message: string,
    details: { readonly hint?: string; readonly cause?: unknown; readonly told?: boolean } = {},
  ) {
    super(message, { cause: details.cause });
    this.hint = details.hint;
    this.told = details.told ?? false;
  }
}

/** What an operation answers, as JSON; null for nothing. */
export type OperationResult = Json;
