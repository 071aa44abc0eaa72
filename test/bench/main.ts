/**
 * `npm run bench [NAME…]`: measures, and prints what it measured beside what it is compared with.
 * Nothing here passes or fails: machines are too different, and too busy.
 */
import { benchAcquire } from "./acquire.ts";
import { benchCargo } from "./cargo.ts";
import { benchCompose } from "./compose.ts";
import { benchDazzle } from "./dazzle.ts";
import { benchDockerfile } from "./dockerfile.ts";
import { benchFrontend } from "./frontend.ts";
import { benchMzimage } from "./mzimage.ts";
import { benchTour } from "./tour.ts";

export interface BenchPlace {
  /** The project's own directory. */
  readonly root: string;
  readonly print: (line: string) => void;
}

const benches: Readonly<Record<string, (place: BenchPlace) => void | Promise<void>>> = {
  tour: benchTour,
  frontend: benchFrontend,
  dockerfile: ({ root, print }) => benchDockerfile(`${root}/dist/llb-dump.cjs`, print),
  mzimage: async ({ root, print }) => {
    await benchMzimage(`${root}/bin/mzimage`, print);
    await benchAcquire(`${root}/bin/mzimage`, print);
  },
  cargo: benchCargo,
  dazzle: ({ print }) => benchDazzle(print),
  compose: benchCompose,
};

const [root = process.cwd(), ...asked] = process.argv.slice(2);
const names = asked.length > 0 ? asked : Object.keys(benches);
for (const name of names) {
  const bench = benches[name];
  if (bench === undefined) {
    process.stderr.write(`there is no bench "${name}": choose among ${Object.keys(benches).join(", ")}\n`);
    process.exitCode = 2;
    break;
  }
  await bench({ root, print: (line) => process.stdout.write(`${line}\n`) });
}
