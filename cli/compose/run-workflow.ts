/** `mzcompose run WORKFLOW`: as a test case, with a report of it and of those within it. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { WorkflowError } from "../../compose/index.ts";
import { didYouMean } from "../../mzbuild/index.ts";
import { ComposeError } from "./compose-error.ts";
import { operationsOn } from "./operations.ts";
import type { ComposeProject } from "./project.ts";
import { TestReport } from "./test-report.ts";

/** The exit code. Throws what the workflow throws, and `ComposeError` "test-failed" where one of its test cases has failed. */
export async function runAsTest(project: ComposeProject, name: string, args: readonly string[]): Promise<number> {
  const { terminal, root } = project.context;
  const { data, runWorkflow } = await project.loaded();
  const report = new TestReport(project.name, terminal.now);
  const nested = async (inner: string, innerArgs: readonly string[]): Promise<void> => {
    const known = data.workflows.map((workflow) => workflow.name);
    const found = known.find((each) => each === inner.replaceAll("_", "-"));
    if (found === undefined) throw new WorkflowError(`there is no workflow ${inner}`, hintOf(didYouMean(inner, known)));
    await runWorkflow(found, innerArgs, operations);
  };
  const operations = operationsOn(project, report, nested);
  const test = `workflow-${name}`;
  await operations.beginTest({ name: test });
  let thrown: { readonly error: unknown } | undefined;
  try {
    await runWorkflow(name, args, operations);
  } catch (error) {
    terminal.signal.throwIfAborted();
    thrown = { error };
  }
  const failed = report.cases.filter(({ failure }) => failure !== undefined);
  if (thrown !== undefined) report.end(test, failureOf(thrown.error));
  else if (failed.length > 0) report.end(test, { message: `${failed.length} of its test cases failed` });
  else await operations.endTest({ name: test });
  await writeFile(join(root.path, `junit_mzcompose_${project.name}_${name}.xml`), report.toXml());
  if (thrown !== undefined) {
    if (thrown.error instanceof WorkflowError && thrown.error.told) return 1;
    throw thrown.error;
  }
  if (failed.length === 0) return 0;
  throw new ComposeError("test-failed", `test cases failed: ${failed.map((each) => each.name).join(", ")}`);
}

function failureOf(error: unknown): { readonly message: string; readonly details?: string } {
  if (!(error instanceof Error)) return { message: String(error) };
  return error.stack === undefined ? { message: error.message } : { message: error.message, details: error.stack };
}

function hintOf(hint: string | undefined): { readonly hint?: string } {
  return hint === undefined ? {} : { hint };
}
