// An image like Docker Hub's moby/buildkit, for builders of buildx in a container: our buildkitd, the runc of Docker's
// packages, and a program in buildctl's place that does what builders want of it.
import { copyFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestDocker } from "./docker-engine.ts";
import { dockerRoot } from "./docker-root.ts";
import { buildkitdProgram } from "./engine.ts";

const BUILDCTL = `\
#!/usr/bin/perl
# dial-stdio connects its caller with buildkitd; anything else says whether buildkitd is there.
use strict;
use IO::Select;
use IO::Socket::UNIX;
my $socket = IO::Socket::UNIX->new(Peer => "/run/buildkit/buildkitd.sock") or die "buildkitd does not answer: $!\\n";
exit 0 unless $ARGV[-1] eq "dial-stdio";
my $select = IO::Select->new($socket, \\*STDIN);
while (my @ready = $select->can_read) {
  for my $from (@ready) {
    my $to = $from == $socket ? \\*STDOUT : $socket;
    my $count = sysread($from, my $data, 65536);
    if (!$count) { exit 0 if $from == $socket; $select->remove($from); $socket->shutdown(1); next }
    for (my $at = 0; $at < $count;) { $at += syswrite($to, $data, $count - $at, $at) // exit 1 }
  }
}
`;

const DOCKERFILE = `\
FROM debian:trixie-slim
COPY --chmod=755 buildkitd buildctl runc /usr/bin/
VOLUME /var/lib/buildkit
ENTRYPOINT ["buildkitd"]
`;

/** Loads it under the name that buildx looks for. */
export async function loadBuildkitImage(docker: TestDocker): Promise<void> {
  const [buildkitd, provision] = await Promise.all([buildkitdProgram(), dockerRoot()]);
  if (buildkitd === undefined || provision.kind === "missing") throw new Error("there is no buildkitd for an image");
  const directory = await mkdtemp(join(tmpdir(), "mzbuild-buildkit-image-"));
  try {
    await copyFile(buildkitd, join(directory, "buildkitd"));
    await copyFile(provision.programs.runc, join(directory, "runc"));
    await writeFile(join(directory, "buildctl"), BUILDCTL);
    await writeFile(join(directory, "Dockerfile"), DOCKERFILE);
    await docker.loadDebian();
    await docker.docker(["build", "--quiet", "--tag", "moby/buildkit:buildx-stable-1", directory]);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
