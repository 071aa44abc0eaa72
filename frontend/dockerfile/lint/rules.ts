/**
 * The lint rules: what each is about, where it is explained, and what it says.
 * Contract: moby/buildkit v0.33.0: frontend/dockerfile/linter/ruleset.go; texts as there.
 */
import { quote } from "../text/quote.ts";

export interface Rule {
  readonly description: string;
  /** Empty when there is no page about it. */
  readonly url: string;
  /** Only reported when asked for. */
  readonly experimental: boolean;
}

const PAGES = "https://docs.docker.com/go/dockerfile/rule/";

function rule(page: string, description: string): Rule {
  return { description, url: page === "" ? "" : `${PAGES}${page}/`, experimental: false };
}

/** By the name that warnings have, and that `# check=skip=` takes. */
export const rules = {
  StageNameCasing: rule("stage-name-casing", "Stage names should be lowercase"),
  FromAsCasing: rule("from-as-casing", "The 'as' keyword should match the case of the 'from' keyword"),
  NoEmptyContinuation: rule("no-empty-continuation", "Empty continuation lines will become errors in a future release"),
  ConsistentInstructionCasing: rule(
    "consistent-instruction-casing",
    "All commands within the Dockerfile should use the same casing (either upper or lower)",
  ),
  DuplicateStageName: rule("duplicate-stage-name", "Stage names should be unique"),
  ReservedStageName: rule("reserved-stage-name", "Reserved words should not be used as stage names"),
  JSONArgsRecommended: rule(
    "json-args-recommended",
    "JSON arguments recommended for ENTRYPOINT/CMD to prevent unintended behavior related to OS signals",
  ),
  MaintainerDeprecated: rule(
    "maintainer-deprecated",
    "The MAINTAINER instruction is deprecated, use a label instead to define an image author",
  ),
  UndefinedArgInFrom: rule("undefined-arg-in-from", "FROM command must use declared ARGs"),
  WorkdirRelativePath: rule(
    "workdir-relative-path",
    "Relative workdir without an absolute workdir declared within the build can have unexpected results if the base image changes",
  ),
  UndefinedVar: rule("undefined-var", "Variables should be defined before their use"),
  MultipleInstructionsDisallowed: rule(
    "multiple-instructions-disallowed",
    "Multiple instructions of the same type should not be used in the same stage",
  ),
  LegacyKeyValueFormat: rule(
    "legacy-key-value-format",
    "Legacy key/value format with whitespace separator should not be used",
  ),
  InvalidBaseImagePlatform: rule("", "Base image platform does not match expected target platform"),
  RedundantTargetPlatform: rule(
    "redundant-target-platform",
    "Setting platform to predefined $TARGETPLATFORM in FROM is redundant as this is the default behavior",
  ),
  SecretsUsedInArgOrEnv: rule(
    "secrets-used-in-arg-or-env",
    "Sensitive data should not be used in the ARG or ENV commands",
  ),
  InvalidDefaultArgInFrom: rule(
    "invalid-default-arg-in-from",
    "Default value for global ARG results in an empty or invalid base image name",
  ),
  FromPlatformFlagConstDisallowed: rule(
    "from-platform-flag-const-disallowed",
    "FROM --platform flag should not use a constant value",
  ),
  CopyIgnoredFile: rule("copy-ignored-file", "Attempting to Copy file that is excluded by .dockerignore"),
  InvalidDefinitionDescription: {
    ...rule(
      "invalid-definition-description",
      "Comment for build stage or argument should follow the format: `# <arg/stage name> <description>`. If this is not intended to be a description comment, add an empty line or comment between the instruction and the comment.",
    ),
    experimental: true,
  },
  ExposeProtoCasing: rule("expose-proto-casing", "Protocol in EXPOSE instruction should be lowercase"),
  ExposeInvalidFormat: rule(
    "expose-invalid-format",
    "IP address and host-port mapping should not be used in EXPOSE instruction. This will become an error in a future release",
  ),
} satisfies Record<string, Rule>;

export type RuleName = keyof typeof rules;

/** What the rules of the compiler say; those that are found while reading say it there. */
export const messages = {
  consistentInstructionCasing: (command: string, casing: string) =>
    `Command '${command}' should match the case of the command majority (${casing})`,
  duplicateStageName: (stage: string) => `Duplicate stage name ${quote(stage)}, stage names should be unique`,
  reservedStageName: (stage: string) => `Stage name should not use the same name as reserved stage ${quote(stage)}`,
  jsonArgsRecommended: (instruction: string) =>
    `JSON arguments recommended for ${instruction} to prevent unintended behavior related to OS signals`,
  undefinedArgInFrom: (name: string, suggestion: string | undefined) =>
    `FROM argument '${name}' is not declared${suggestion === undefined ? "" : ` (did you mean ${suggestion}?)`}`,
  workdirRelativePath: (path: string) =>
    `Relative workdir ${quote(path)} can have unexpected results if the base image changes`,
  undefinedVar: (name: string, suggestion: string | undefined) =>
    `Usage of undefined variable '$${name}'${suggestion === undefined ? "" : ` (did you mean $${suggestion}?)`}`,
  multipleInstructionsDisallowed: (instruction: string) =>
    `Multiple ${instruction} instructions should not be used in the same stage because only the last one will be used`,
  legacyKeyValueFormat: (instruction: string) =>
    `"${instruction} key=value" should be used instead of legacy "${instruction} key value" format`,
  invalidBaseImagePlatform: (image: string, expected: string, actual: string) =>
    `Base image ${image} was pulled with platform ${quote(actual)}, expected ${quote(expected)} for current build`,
  redundantTargetPlatform: (written: string) =>
    `Setting platform to predefined ${written} in FROM is redundant as this is the default behavior`,
  secretsUsedInArgOrEnv: (instruction: string, key: string) =>
    `Do not use ARG or ENV instructions for sensitive data (${instruction} ${quote(key)})`,
  invalidDefaultArgInFrom: (base: string) =>
    `Default value for ARG ${base} results in empty or invalid base image name`,
  fromPlatformFlagConstDisallowed: (platform: string) =>
    `FROM --platform flag should not use constant value ${quote(platform)}`,
  copyIgnoredFile: (command: string, file: string) =>
    `Attempting to ${command} file ${quote(file)} that is excluded by .dockerignore`,
  exposeProtoCasing: (port: string) => `Defined protocol '${port}' in EXPOSE instruction should be lowercase`,
  exposeInvalidFormat: (port: string) =>
    `EXPOSE instruction should not define an IP address or host-port mapping, found '${port}'`,
} as const;
