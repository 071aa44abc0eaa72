/**
 * A build without a daemon, of a file that has a bit of everything. The image is made with the code that V8 compiled for it,
 * which every real build then starts with.
 */
import type { Gateway } from "../../client/index.ts";
import { gateway as contract } from "../../proto/index.ts";
import { buildDockerfile } from "./build.ts";

const SAMPLE = `ARG VERSION=13
FROM debian:\${VERSION} AS base
ARG TARGETARCH
ENV PATH=/usr/local/bin:$PATH LANG=C.UTF-8
WORKDIR /work
RUN --mount=type=cache,target=/var/cache/apt apt-get update && \\
    apt-get install -y gcc
COPY --chown=1:1 *.c src/ ./
RUN <<EOF
make
EOF
FROM scratch
LABEL a="b"
ADD https://example.com/file.tar.gz /
COPY --from=base /work/out /bin/
USER 1:1
EXPOSE 80
VOLUME /data
ENTRYPOINT ["/bin/out"]
CMD ["--help"]
`;

const FILES: Readonly<Record<string, string>> = { Dockerfile: SAMPLE, ".dockerignore": ".git\n*.o\n" };

class Everything extends Set<string> {
  override has(): boolean {
    return true;
  }
}

export async function warmUp(): Promise<void> {
  const frontend = new Set(["frontend.inputs"]);
  const config = JSON.stringify({ architecture: "amd64", os: "linux", config: { Env: ["PATH=/bin"], Cmd: ["sh"] } });
  const unasked = () => Promise.reject(new Error("nobody asks for this"));
  const gateway: Gateway = {
    ping: async () => ({ frontend, llb: new Everything(), workers: [] }),
    inputs: async () => ({}),
    solve: async (request) => {
      contract.SolveRequest.decode(contract.SolveRequest.encode(request));
      return contract.Result.decode(contract.Result.encode({ ref: { id: "r" } }));
    },
    readFile: async ({ path }) => {
      const text = FILES[path];
      if (text === undefined) throw new Error(`open ${path}: no such file or directory`);
      return Buffer.from(text);
    },
    resolveSourceMeta: async (request) => ({
      Source: { identifier: request.Source?.identifier ?? "", attrs: {} },
      Image: { Digest: `sha256:${"0".repeat(64)}`, Config: Buffer.from(config) },
    }),
    readDir: async () => [],
    statFile: unasked,
    resolveImageConfig: unasked,
    evaluate: unasked,
    warn: async () => {},
    newContainer: unasked,
    return: async (result) => void contract.Result.encode(result),
    fail: async () => {},
  };
  await buildDockerfile(gateway, { opts: {}, sessionId: "warm-up" }, new AbortController().signal);
}
