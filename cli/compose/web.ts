/** `mzcompose web SERVICE`: a service's first port in a browser. */
import { spawn } from "node:child_process";
import { didYouMean } from "../../mzbuild/index.ts";
import { ComposeError } from "./compose-error.ts";
import { operationsOn } from "./operations.ts";
import type { ComposeProject } from "./project.ts";
import { TestReport } from "./test-report.ts";

/** Prints the address, too: there may be no browser. */
export async function openInBrowser(project: ComposeProject, service: string): Promise<number> {
  const { terminal } = project.context;
  const names = (await project.services()).map(({ name }) => name);
  if (!names.includes(service)) {
    const hint = didYouMean(service, names) ?? `the services are ${names.join(", ")}`;
    throw new ComposeError("unknown-service", `no such service: ${service}`, { hint });
  }
  const noWorkflows = () => Promise.reject(new TypeError("web runs no workflow"));
  const { port } = operationsOn(project, new TestReport("", terminal.now), noWorkflows);
  const address = `http://localhost:${await port({ service })}`;
  terminal.stdout.write(`${address}\n`);
  const opener = terminal.platform === "darwin" ? "open" : "xdg-open";
  const child = spawn(opener, [address], { stdio: "ignore", detached: true, env: { ...terminal.env } });
  // On a machine without a browser the address has to do.
  child.once("error", () => {});
  child.unref();
  return 0;
}
