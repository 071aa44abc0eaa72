/** What workflows of an `mzcompose.ts` get: their composition, and what can be done with it. docs/mzcompose.md, "Workflows". */
import type { JsonObject, Service } from "./model.ts";
import type {
  CommandOptions,
  CommandResult,
  CompositionOperations,
  DownRequest,
  ExecRequest,
  KillRequest,
  RunRequest,
  UpRequest,
} from "./operations.ts";

/** Options of a request, without what is named by arguments. */
type Options<Request, Named extends keyof Request> = Omit<Request, Named>;

/** Every method throws `WorkflowError` when docker compose, or what it ran, fails. */
export class Composition {
  readonly #operations: CompositionOperations;

  constructor(operations: CompositionOperations) {
    this.#operations = operations;
  }

  /** Starts services and what they depend on, in the background, and waits until they are up: healthy, if they have a health check. */
  up(...services: ServicesAnd<Options<UpRequest, "services">>): Promise<void> {
    return this.#operations.up(request(services));
  }

  /** Runs a command, or the service's own, in a new container, which is removed afterwards. */
  run(
    service: string,
    args: readonly string[] = [],
    options: Options<RunRequest, "service" | "args"> = {},
  ): Promise<CommandResult> {
    return this.#operations.run({ ...options, service, args });
  }

  /** Runs a command in the running container of a service. */
  exec(
    service: string,
    args: readonly string[],
    options: Options<ExecRequest, "service" | "args"> = {},
  ): Promise<CommandResult> {
    return this.#operations.exec({ ...options, service, args });
  }

  /** Stops and removes everything, volumes included. */
  down(options: DownRequest = {}): Promise<void> {
    return this.#operations.down(options);
  }

  /** Kills services without grace, and waits until they are gone. */
  kill(...services: ServicesAnd<Options<KillRequest, "services">>): Promise<void> {
    return this.#operations.kill(request(services));
  }

  start(...services: readonly string[]): Promise<void> {
    return this.#operations.start({ services });
  }

  stop(...services: ServicesAnd<{ readonly timeoutSeconds?: number }>): Promise<void> {
    return this.#operations.stop(request(services));
  }

  restart(...services: readonly string[]): Promise<void> {
    return this.#operations.restart({ services });
  }

  pause(...services: readonly string[]): Promise<void> {
    return this.#operations.pause({ services });
  }

  unpause(...services: readonly string[]): Promise<void> {
    return this.#operations.unpause({ services });
  }

  /** Stops services and removes their containers. */
  rm(...services: readonly string[]): Promise<void> {
    return this.#operations.rm({ services });
  }

  /** Removes named volumes of the composition. */
  removeVolumes(...volumes: readonly string[]): Promise<void> {
    return this.#operations.removeVolumes({ volumes });
  }

  /** The port of this machine by which a port of a running service is reached; its first port by default. */
  port(service: string, port?: number): Promise<number> {
    return this.#operations.port(port === undefined ? { service } : { service, port });
  }

  /** Waits until services run, and are healthy if they have a health check. */
  waitForHealth(...services: ServicesAnd<{ readonly timeoutSeconds?: number }>): Promise<void> {
    return this.#operations.waitForHealth(request(services));
  }

  /** What services have written so far; of all if none is named. */
  logs(...services: ServicesAnd<{ readonly tail?: number }>): Promise<string> {
    return this.#operations.logs(request(services));
  }

  /** The id of a service's container; undefined where it has none. */
  async containerId(service: string): Promise<string | undefined> {
    return (await this.#operations.containerId({ service })) ?? undefined;
  }

  /** Runs `docker compose ARGS`. */
  invoke(args: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
    return this.#operations.invoke({ ...options, args });
  }

  /** Puts services in place of those of the same name while `work` runs. What is up already stays as it is until it is started anew. */
  async override<Result>(
    services: readonly Service[],
    work: () => Promise<Result>,
    options: { readonly allowNew?: boolean } = {},
  ): Promise<Result> {
    await this.#operations.pushOverride({ ...options, services });
    try {
      return await work();
    } finally {
      await this.#operations.popOverride({});
    }
  }

  /** Runs `work` as a test case of the report. One that fails is told of, and the workflow goes on; it fails at its end. */
  async testCase(name: string, work: () => Promise<void>): Promise<void> {
    await this.#operations.beginTest({ name });
    try {
      await work();
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      const details = error instanceof Error ? error.stack : undefined;
      await this.#operations.endTest({ name, error: details === undefined ? { message } : { message, details } });
      return;
    }
    await this.#operations.endTest({ name });
  }

  /** Runs another workflow of the composition. */
  workflow(name: string, ...args: readonly string[]): Promise<void> {
    return this.#operations.workflow({ name, args });
  }

  /** The services as they are now, by name. */
  services(): Promise<{ readonly [name: string]: JsonObject }> {
    return this.#operations.services({});
  }

  /** Writes a line to standard error, unless mzcompose is to be quiet. */
  say(text: string): Promise<void> {
    return this.#operations.say({ text });
  }
}

/** Names, and at the end an object of options perhaps: `c.up("db", "web", { wait: false })`. */
type ServicesAnd<Extra> = readonly string[] | readonly [...services: readonly string[], options: Extra];

function request<Extra extends object>(
  args: ServicesAnd<Extra>,
): Partial<Extra> & { readonly services: readonly string[] } {
  const all: readonly (string | Extra)[] = args;
  const services = all.flatMap((arg) => (typeof arg === "string" ? [arg] : []));
  const options: Partial<Extra> = Object.assign({}, ...all.filter((arg) => typeof arg !== "string"));
  return { ...options, services };
}
