"""The load generator and what it needs, as a composition in Python.

mzcompose --find fancy run default
"""

from materialize.mzcompose import Composition, Service, WorkflowArgumentParser

SERVICES = [
    Service("fancy-loadgen", {"mzbuild": "fancy-loadgen", "command": ["--bills", "10"]}),
    Service(
        "prices",
        {
            "mzbuild": "price-list",
            "command": ["sleep", "infinity"],
            "init": True,
            "healthcheck": {"test": ["CMD", "cat", "/usr/share/prices/standard.csv"], "interval": "1s"},
        },
    ),
]


def workflow_default(c: Composition, parser: WorkflowArgumentParser) -> None:
    """Sends bills twice, and expects the same load both times."""
    parser.add_argument("--bills", default="100", help="how many bills to send")
    args = parser.parse_args()
    loads = set()
    for turn in ["first", "second"]:
        with c.test_case(turn):
            sent = c.run("fancy-loadgen", "--bills", args.bills, capture=True, rm=True)
            load, _, _ = sent.stdout.partition(" in ")
            print(load)
            loads.add(load)
    with c.test_case("the same load"):
        assert len(loads) == 1, loads


def workflow_prices(c: Composition) -> None:
    """Shows the prices that bills are made of."""
    c.up("prices")
    c.exec("prices", "cat", "/usr/share/prices/standard.csv")
    c.down()
