/**
 * Mutants of conformance cases: Dockerfiles that are nearly right, and requests for them. They know the grammar well
 * enough to get past the parser more often than not.
 */
import type { FuzzCase, FuzzRequest } from "./fuzz-case.ts";
import type { Random } from "./random.ts";
import { varyRequest } from "./vary-request.ts";

/** Statements and options of all cases, to make new ones from. */
export interface Pool {
  readonly statements: readonly string[];
  readonly words: readonly string[];
  readonly opts: readonly (readonly [string, string])[];
}

const mostMutations = 4;

export function makePool(cases: readonly FuzzCase[]): Pool {
  const statements = cases.flatMap(({ dockerfile }) => splitStatements(dockerfile));
  const words = new Set(statements.flatMap((statement) => statement.split(/\s+/)).filter((word) => word.length < 60));
  return {
    statements,
    words: [...words, ...extraWords],
    opts: cases.flatMap(({ request }) => Object.entries(request.opts ?? {})),
  };
}

export function mutate(original: FuzzCase, pool: Pool, random: Random): FuzzCase {
  const varied = random.chance(0.2) ? varyRequest(original, random) : original;
  let { dockerfile, request } = varied;
  const count = 1 + random.below(mostMutations);
  for (let index = 0; index < count; index++) {
    if (random.chance(0.12)) request = mutateRequest(request, pool, random);
    else dockerfile = random.pick(textMutations)(dockerfile, pool, random);
  }
  return { ...varied, dockerfile, request };
}

/** Lines that belong together: continuations and here-documents stay with what they continue. */
function splitStatements(text: string): string[] {
  const statements: string[] = [];
  let current = "";
  let end: string | undefined;
  for (const line of text.split(/(?<=\n)/)) {
    current += line;
    end ??= /<<-?["']?(\w+)/.exec(line)?.[1];
    if (end !== undefined && line.trim() !== end) continue;
    if (end === undefined && /[\\`]\s*$/.test(line)) continue;
    statements.push(current);
    current = "";
    end = undefined;
  }
  return current === "" ? statements : [...statements, current];
}

type TextMutation = (text: string, pool: Pool, random: Random) => string;

const textMutations: readonly TextMutation[] = [
  changeStatements((statements, pool, random) => {
    statements.splice(random.below(statements.length + 1), 0, random.pick(pool.statements));
  }),
  changeStatements((statements, pool, random) => {
    statements.splice(random.below(statements.length + 1), 0, random.pick(pool.statements));
  }),
  changeStatements((statements, pool, random) => {
    statements[random.below(statements.length)] = random.pick(pool.statements);
  }),
  changeStatements((statements, _pool, random) => {
    statements.splice(random.below(statements.length), 1);
  }),
  changeStatements((statements, _pool, random) => {
    const [moved] = statements.splice(random.below(statements.length), 1);
    statements.splice(random.below(statements.length + 1), 0, moved ?? "");
  }),
  changeStatements((statements, _pool, random) => {
    const index = random.below(statements.length);
    statements[index] = `ONBUILD ${statements[index]}`;
  }),
  changeStatements((statements, _pool, random) => {
    const index = random.below(statements.length);
    const flag = random.pick(flags);
    statements[index] = (statements[index] ?? "").replace(/^(\s*\S+)/, (keyword) => `${keyword} ${flag}`);
  }),
  changeStatements((statements, _pool, random) => {
    const index = random.below(statements.length);
    statements[index] = (statements[index] ?? "").replace(/^\s*\w+/, (keyword) => changeCase(keyword, random));
  }),
  changeStatements((statements, _pool, random) => {
    statements.splice(random.below(statements.length + 1), 0, random.pick(templates));
  }),
  (text, pool, random) => replaceWord(text, random, () => random.pick(pool.words)),
  (text, _pool, random) => replaceWord(text, random, (word) => random.pick(wrappings)(word)),
  (text, _pool, random) => replaceWord(text, random, () => random.pick(extraWords)),
  (text, _pool, random) => insertAt(text, random, random.pick(characters)),
  (text, _pool, random) => deleteAt(text, random),
];

function changeStatements(change: (statements: string[], pool: Pool, random: Random) => void): TextMutation {
  return (text, pool, random) => {
    const statements = splitStatements(text);
    if (statements.length === 0) statements.push("FROM alpine\n");
    change(statements, pool, random);
    return statements.map((statement) => (statement.endsWith("\n") ? statement : `${statement}\n`)).join("");
  };
}

function replaceWord(text: string, random: Random, replacement: (word: string) => string): string {
  const words = [...text.matchAll(/[^\s=,]+/g)];
  if (words.length === 0) return text;
  const match = random.pick(words);
  return text.slice(0, match.index) + replacement(match[0]) + text.slice(match.index + match[0].length);
}

function insertAt(text: string, random: Random, inserted: string): string {
  const index = random.below(text.length + 1);
  return text.slice(0, index) + inserted + text.slice(index);
}

function deleteAt(text: string, random: Random): string {
  const index = random.below(text.length + 1);
  return text.slice(0, index) + text.slice(index + 1 + random.below(3));
}

function changeCase(word: string, random: Random): string {
  return random.pick([
    word.toLowerCase(),
    word.toUpperCase(),
    word.charAt(0).toUpperCase() + word.slice(1).toLowerCase(),
  ]);
}

function mutateRequest(request: FuzzRequest, pool: Pool, random: Random): FuzzRequest {
  const opts: Record<string, string> = { ...request.opts };
  const keys = Object.keys(opts);
  if (keys.length > 0 && random.chance(0.2)) {
    delete opts[random.pick(keys)];
  } else if (random.chance(0.5)) {
    const [key, value] = random.pick(pool.opts);
    // A frontend that is asked for otherwise than by the file takes other ways through both programs.
    opts[key] = value;
  } else {
    const [key, value] = random.pick(extraOpts);
    opts[key] = value;
  }
  return { ...request, opts };
}

const wrappings: readonly ((word: string) => string)[] = [
  (word) => `"${word}"`,
  (word) => `'${word}'`,
  (word) => `$${word}`,
  (word) => `\${${word}}`,
  (word) => `\${${word}:-d}`,
  (word) => `\${A:+${word}}`,
  (word) => `\${A#${word}}`,
  (word) => `\${A//${word}/x}`,
  (word) => `\\${word}`,
  (word) => `${word}\\`,
  (word) => `["${word}"]`,
  (word) => `${word}=${word}`,
  (word) => `<<${word}`,
  (word) => word.toUpperCase(),
  (word) => `/${word}/`,
  (word) => `${word}/./b`,
  (word) => `-${word}`,
  (word) => `--${word}`,
];

const characters = [
  ..." \t\n\r\\`\"'${}[]()<>#=,:;/.*?!&|@%~-+",
  "\n\n",
  "\\\n",
  " \\\n",
  "<<E\n",
  "# x\n",
  "\xa0",
  "\xc3\xa9",
  "\xef\xbb\xbf",
  "${",
  "}",
  "$A",
  "::",
  "//",
  "..",
  "\0",
];

const extraWords = [
  "scratch",
  "alpine",
  "a",
  "b",
  "0",
  "1",
  "-1",
  "7",
  "99999999999999999999",
  ".",
  "..",
  "/",
  "./",
  "../x",
  "/a/../b",
  "$A",
  "${A}",
  "${A:-x}",
  "${A-}",
  "${A:?e}",
  "${A%%x*}",
  "${A/x/y}",
  "$TARGETPLATFORM",
  "$BUILDPLATFORM",
  "$TARGETARCH",
  "${TARGETOS}/${TARGETARCH}",
  "linux/amd64",
  "linux/arm64",
  "linux/arm",
  "linux/arm/v6",
  "windows/amd64",
  "windows",
  "amd64",
  "linux/amd64/v2",
  "https://example.com/f.tgz",
  "http://example.com/",
  "https://example.com/r.git#v1:d",
  "https://example.com/r.git?ref=v1&subdir=s",
  "git://example.com/r",
  "github.com/a/b",
  "sha256:0000",
  "root",
  "1:2",
  "u:g",
  "0644",
  "755",
  "u+x",
  "go=",
  "a=rX,u+w",
  "8",
  "07777",
  "10000",
  "80",
  "80/tcp",
  "80-82/UDP",
  "1.2.3.4:80:80",
  "[::1]:80:80",
  "SIGTERM",
  "9",
  "sigrtmin+3",
  "1s",
  "1h2m3.5s",
  "5",
  "NONE",
  "CMD",
  '["a","b"]',
  "[]",
  '[""]',
  "<<EOF",
  "<<-EOF",
  '<<"EOF"',
  "true",
  "false",
  "type=bind",
  "type=cache,target=/c",
  "type=secret,id=s",
  "type=ssh",
  "type=tmpfs,target=/t,size=1k",
  "AS",
  "as",
  "A=b",
  "A",
  "=",
  '""',
  "''",
  "latest",
  "Alpine",
  "docker.io/library/alpine",
  "localhost:5000/x:y",
  "x@sha256:c9ef5b1f0b442255774ae31a839ff48ce1206a606a97052db8b4a13ae153fb7c",
  "C:/x",
  "c:\\x",
  "D:/x",
  "\\x",
  "*",
  "?",
  "[a",
];

const flags = [
  "--from=a",
  "--from=0",
  "--from=alpine",
  "--from=b",
  "--chown=1:2",
  "--chown=$A",
  "--chmod=644",
  "--chmod=u+x",
  "--chmod=9",
  "--link",
  "--link=false",
  "--link=maybe",
  "--parents",
  "--exclude=*.md",
  "--exclude=$A",
  "--keep-git-dir",
  "--keep-git-dir=false",
  "--checksum=sha256:c9ef5b1f0b442255774ae31a839ff48ce1206a606a97052db8b4a13ae153fb7c",
  "--checksum=x",
  "--unpack",
  "--unpack=false",
  "--platform=linux/arm64",
  "--platform=$BUILDPLATFORM",
  "--platform=$TARGETPLATFORM",
  "--platform=x",
  "--platform=",
  "--mount=type=bind,target=/m",
  "--mount=type=cache,target=/c,id=x,sharing=locked",
  "--mount=type=cache,target=c,uid=1,mode=0700",
  "--mount=type=tmpfs,target=/t,size=10m",
  "--mount=type=secret,id=s,env=S",
  "--mount=type=secret,target=/s,required,mode=0440",
  "--mount=type=ssh",
  "--mount=type=ssh,id=k,required=true",
  "--mount=from=a,target=/a,rw",
  "--mount=type=bind,from=alpine,source=/x,target=y",
  "--mount=target=/,type=bind",
  "--mount=type=$A,target=/t",
  "--mount=x",
  "--mount=type=tmpfs,source=/q,target=/t",
  "--mount=type=cache,from=a,target=/c,ro",
  "--network=none",
  "--network=host",
  "--network=default",
  "--network=x",
  "--security=insecure",
  "--security=sandbox",
  "--security=y",
  "--device=a.b/c=d",
  "--device=name=x,required",
  "--interval=5s",
  "--timeout=1ms",
  "--retries=3",
  "--retries=-1",
  "--start-period=2m",
  "--start-interval=500ms",
  "--",
  "-x",
  "--unknown=1",
];

const templates = [
  "FROM alpine AS a\n",
  "FROM a\n",
  "FROM a AS b\n",
  "FROM scratch AS c\n",
  "FROM --platform=$BUILDPLATFORM alpine AS x\n",
  "FROM $A\n",
  "ARG A\n",
  "ARG A=x\n",
  "ARG A=${B:-y} B=$A\n",
  "ENV A=1\n",
  "ENV A $A b\n",
  'ENV A=$A:c B="$A"\n',
  "RUN x\n",
  'RUN ["a", "b"]\n',
  "RUN <<EOF\na $A\nb\nEOF\n",
  "RUN <<-EOF\n\t#!/bin/sh\n\tx\n\tEOF\n",
  "RUN cat <<A <<B\n1\nA\n2\nB\n",
  "COPY a b\n",
  "COPY a b /c/\n",
  "COPY --from=a /x /y\n",
  "COPY --link a /b\n",
  "COPY --parents a/./b/c /d\n",
  'COPY <<EOF /f\n$A "x"\nEOF\n',
  "COPY <<'E' <<F /d/\n$A\nE\n2\nF\n",
  "ADD a.tgz /\n",
  "ADD https://example.com/x.tgz /x\n",
  "ADD --unpack https://example.com/x.tgz /x\n",
  "ADD https://example.com/r.git#v1 /r\n",
  "WORKDIR a\n",
  "WORKDIR /a/b\n",
  "WORKDIR $A\n",
  "USER 1:2\n",
  "USER u\n",
  "VOLUME /v\n",
  'VOLUME ["/a", "/b"]\n',
  "EXPOSE 80 443/udp\n",
  "EXPOSE $A 1000-1002\n",
  'SHELL ["/bin/bash", "-c"]\n',
  'SHELL ["powershell"]\n',
  "CMD x\n",
  'CMD ["a"]\n',
  "ENTRYPOINT x\n",
  'ENTRYPOINT ["a"]\n',
  "HEALTHCHECK NONE\n",
  "HEALTHCHECK --interval=5s CMD x\n",
  "STOPSIGNAL 9\n",
  "STOPSIGNAL $A\n",
  "LABEL a=b\n",
  "LABEL a b c\n",
  "MAINTAINER x\n",
  "ONBUILD RUN x\n",
  "ONBUILD COPY --from=a /x /y\n",
  "ONBUILD ENV A=$A\n",
  "# check=skip=all\n",
  "# check=error=true\n",
  "# escape=`\n",
  "# syntax=x\n",
  "# a comment\n",
  "\n",
  "   RUN  x   \\\n   # c\n   y\n",
];

const extraOpts: readonly (readonly [string, string])[] = [
  ["target", "a"],
  ["target", "b"],
  ["target", "A"],
  ["target", "0"],
  ["target", "stage-0"],
  ["platform", "linux/arm64"],
  ["platform", "linux/amd64,linux/arm64"],
  ["platform", "windows/amd64"],
  ["platform", "linux/arm/v7"],
  ["platform", "x"],
  ["build-arg:A", "1"],
  ["build-arg:A", ""],
  ["build-arg:A", "/p q"],
  ["build-arg:B", "$A"],
  ["build-arg:TARGETARCH", "mine"],
  ["build-arg:SOURCE_DATE_EPOCH", "1700000000"],
  ["build-arg:SOURCE_DATE_EPOCH", ""],
  ["build-arg:SOURCE_DATE_EPOCH", "a"],
  ["build-arg:SOURCE_DATE_EPOCH", "context"],
  ["build-arg:HTTP_PROXY", "p"],
  ["build-arg:BUILDKIT_CACHE_MOUNT_NS", "ns"],
  ["build-arg:BUILDKIT_MULTI_PLATFORM", "1"],
  ["build-arg:BUILDKIT_SANDBOX_HOSTNAME", "h"],
  ["build-arg:BUILDKIT_DOCKERFILE_CHECK", "error=true"],
  ["build-arg:BUILDKIT_DOCKERFILE_CHECK", "skip=all"],
  ["build-arg:BUILDKIT_DOCKERFILE_CHECK", "experimental=all"],
  ["label:x", "y"],
  ["no-cache", ""],
  ["no-cache", "a"],
  ["add-hosts", "h=1.2.3.4,i=::1"],
  ["ulimit", "nofile=1:2"],
  ["shm-size", "1000"],
  ["cgroup-parent", "c"],
  ["force-network-mode", "none"],
  ["force-network-mode", "host"],
  ["image-resolve-mode", "pull"],
  ["image-resolve-mode", "local"],
  ["multi-platform", "true"],
  ["hostname", "h"],
  ["context:alpine", "docker-image://debian"],
  ["context:a", "local:d"],
  ["context:alpine", "docker-image://scratch"],
  ["context:a", "https://example.com/r.git"],
  ["context:alpine", "https://example.com/x"],
  ["context:b", "oci-layout://s@sha256:c9ef5b1f0b442255774ae31a839ff48ce1206a606a97052db8b4a13ae153fb7c"],
  ["context", "https://example.com/r.git#main:sub"],
  ["contextsubdir", "sub"],
  ["contextkey", "ctx"],
  ["filename", "Dockerfile"],
  ["requestid", "frontend.outline"],
  ["requestid", "frontend.targets"],
  ["requestid", "frontend.lint"],
  ["memory", "1000"],
  ["cpusetcpus", "0-3,5"],
];
