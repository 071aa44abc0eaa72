#!/usr/bin/env python3
"""Takes bills from billing-demo, one JSON object a line, and prints the load that they amount to."""

import argparse
import json
import subprocess
import time


def main() -> None:
    parser = argparse.ArgumentParser(prog="fancy-loadgen", description=__doc__)
    parser.add_argument("--bills", type=int, default=10_000, help="how many bills to send (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="same seed, same bills (default: %(default)s)")
    args = parser.parse_args()

    command = ["billing-demo", "--count", str(args.bills), "--seed", str(args.seed)]
    started = time.monotonic()
    bills = cents = 0
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as billing:
        for line in billing.stdout:
            bills += 1
            cents += json.loads(line)["cents"]
    if billing.returncode != 0:
        raise SystemExit(f"billing-demo ended with status {billing.returncode}")
    seconds = time.monotonic() - started
    print(f"{bills} bills over {cents / 100:.2f} in {seconds:.2f} s: {bills / seconds:.0f} bills a second")


if __name__ == "__main__":
    main()
