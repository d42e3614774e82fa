"""Examples in the help of commands whose own text has none."""

import click

ROWS = {
    "alert-rules": "hot",
    "connectors": "noc-mail",
    "dependencies": "6f1c2a52-0b7e-4c1e-9a55-6a3c1d7a2f10",
    "devices": "10.1.2.3",
    "machine-configurations": "ups",
    "mappings own": "1.3.6.1.4.1.99999.7",
    "people": "ada",
    "policies": "climb",
    "rules": "power",
    "schedules": "nights",
    "teams": "noc",
}
"""A row of each group of commands on declared rows."""
OF_ROWS = {
    "list": ("{path} list", "{path} list --output csv > rows.csv"),
    "show": ("{path} show {row}", "{path} show {row} --output json"),
    "create": ("{path} create rows.yaml --dry-run", "{path} create rows.yaml"),
    "update": ("{path} update {row} changes.yaml --dry-run", "{path} update {row} changes.yaml"),
    "edit": ("{path} edit {row}",),
    "delete": ("{path} delete {row} --dry-run", "{path} delete {row}"),
}
"""Examples of the commands on rows, by the last word."""
EXAMPLES = {
    "alerts ack": ('alerts ack 8d87aed1 --note "on my way"', "alerts ack 8d87aed1 347fdcf1"),
    "alerts assign": ("alerts assign 8d87aed1 --to ada", "alerts assign 8d87aed1"),
    "alerts note": ('alerts note 8d87aed1 "spare part ordered"',),
    "alerts related": ("alerts related 8d87aed1", "alerts related 8d87aed1 --output json"),
    "alerts reopen": ("alerts reopen 8d87aed1",),
    "alerts resolve": ("alerts resolve 8d87aed1 347fdcf1",),
    "alerts show": ("alerts show 8d87aed1", "alerts show 8d87aed1 --output json"),
    "alerts unack": ("alerts unack 8d87aed1",),
    "alerts unshelve": ("alerts unshelve 8d87aed1",),
    "anomalies ack": ('anomalies ack 8d87aed1-8f1f-4c5e-9d0c-4f4c1f2a7b11 --notes "on it"',),
    "anomalies digest": ("anomalies digest", "anomalies digest --hours 168 --output json"),
    "anomalies export": ("anomalies export > anomalies.csv", "anomalies export --format jsonl"),
    "anomalies feedback": (
        "anomalies feedback 8d87aed1-8f1f-4c5e-9d0c-4f4c1f2a7b11 --false --notes 'backup night'",
    ),
    "anomalies list": ("anomalies list --open", "anomalies list --device ups-1 --output csv"),
    "anomalies resolve": ("anomalies resolve 8d87aed1-8f1f-4c5e-9d0c-4f4c1f2a7b11",),
    "anomalies show": ("anomalies show 8d87aed1-8f1f-4c5e-9d0c-4f4c1f2a7b11",),
    "aside forget": ("aside forget 5f2c9d10",),
    "aside list": ("aside list", "aside list --output csv"),
    "aside retry": ("aside retry 5f2c9d10",),
    "aside show": ("aside show 5f2c9d10",),
    "connectors disable": ("connectors disable noc-mail",),
    "connectors enable": ("connectors enable noc-mail",),
    "credential delete": ("credential delete prtg-token",),
    "credential list": (
        "credential list",
        "credential list --server https://ops.example.net --key-file ~/.ops-key",
    ),
    "credential rotate": ("credential rotate", "credential rotate --new-key /root/new.key"),
    "datasets analyses": ("datasets analyses turbine",),
    "datasets cancel": ("datasets cancel 6f1c2a52-0b7e-4c1e-9a55-6a3c1d7a2f10",),
    "datasets change": ("datasets change turbine --share --tag plant-2",),
    "datasets delete": ("datasets delete turbine",),
    "datasets list": ("datasets list", "datasets list turbine --output csv"),
    "datasets rerun": ("datasets rerun 6f1c2a52-0b7e-4c1e-9a55-6a3c1d7a2f10 --false-alarms 0.001",),
    "datasets results": (
        "datasets results 6f1c2a52-0b7e-4c1e-9a55-6a3c1d7a2f10",
        "datasets results 6f1c2a52-0b7e-4c1e-9a55-6a3c1d7a2f10 --csv rows.csv --picture rows.png",
    ),
    "datasets show": ("datasets show turbine",),
    "db current": ("db current",),
    "db downgrade": ("db downgrade 0039",),
    "db history": ("db history",),
    "db upgrade": ("db upgrade",),
    "dependencies export": ("dependencies export --output dependencies.csv",),
    "dependencies import": (
        "dependencies import dependencies.csv --dry-run",
        "dependencies import dependencies.csv",
    ),
    "dependencies list": ("dependencies list --device core-sw-1", "dependencies list --output csv"),
    "dependencies preview": ("dependencies preview access-7 core-sw-1",),
    "devices alerts": ("devices alerts core-sw-1",),
    "devices failure": ("devices failure core-sw-1",),
    "devices graph": ("devices graph core-sw-1",),
    "devices list": ("devices list", "devices list core --output csv"),
    "devices show": ("devices show core-sw-1",),
    "devices state": ("devices state core-sw-1 --at 2h", "devices state core-sw-1 --at 2026-03-01T14:30"),
    "doctor": ("doctor", "doctor --output json"),
    "inventory status": ("inventory status",),
    "maintenance delete": ('maintenance delete "patch night"', "maintenance delete nightly --take-over"),
    "maintenance end": ("maintenance end fibre",),
    "maintenance extend": (
        "maintenance extend fibre --for 1h",
        "maintenance extend fibre --until 2026-12-02T04:00",
    ),
    "maintenance list": ("maintenance list", "maintenance list --output csv"),
    "models evaluate": ("models evaluate 2", "models evaluate 2 --days 28 --seed 7"),
    "models list": ("models list", "models list --json"),
    "models promote": ("models promote 2",),
    "models register": ("models register open_days=200 clip=4", "models register hyperparameters.yaml"),
    "models retire": ("models retire 2",),
    "models show": ("models show 2",),
    "oncall at": ("oncall at 2026-12-24T20:00",),
    "oncall now": ("oncall now", "oncall now --output json"),
    "oncall override": ("oncall override nights bob --from 2026-12-02T00:00 --to 2026-12-02T08:00",),
    "oncall overrides": ("oncall overrides",),
    "oncall restore": ("oncall restore 6f1c2a52-0b7e-4c1e-9a55-6a3c1d7a2f10",),
    "oncall show": ("oncall show nights",),
    "reports delete": ("reports delete 6f1c2a52-0b7e-4c1e-9a55-6a3c1d7a2f10",),
    "reports list": ("reports list", "reports list --output csv"),
    "reports make": ("reports make weekly", "reports make monthly --site berlin --save berlin.pdf"),
    "reports save": ("reports save 6f1c2a52-0b7e-4c1e-9a55-6a3c1d7a2f10 week.pdf",),
    "series delete": ("series delete 42",),
    "series export": ("series export 42 > temperature.csv", "series export 42 --step 3600 --aggregate max"),
    "series import": ("series import values.csv",),
    "series list": ("series list --device ups-1", "series list --metric temperature --output csv"),
    "series show": ("series show 42",),
    "token list": ("token list", "token list --output csv"),
    "token revoke": ("token revoke berlin-wall",),
    "users disable": ("users disable carl",),
    "users enable": ("users enable carl",),
    "users list": ("users list", "users list --output csv"),
    "users origin": ("users origin carl ldap",),
    "users reset-second-factor": ("users reset-second-factor carl",),
    "users sessions": ("users sessions", "users sessions --output csv"),
    "users setup-link": ("users setup-link",),
    "users log-out": ("users log-out carl",),
}
"""Examples by the words of the command."""


def with_examples(command: click.Command, path: str) -> click.Command:
    """Add examples to a command, or to all of a group, that have none; once."""
    if isinstance(command, click.Group):
        for name, each in command.commands.items():
            with_examples(each, f"{path} {name}")
    if command.epilog is None and "Examples:" not in (command.help or "") and (lines := examples_of(path)):
        command.epilog = "\n".join(["\b", "Examples:", *(f"  opsconductor {line}" for line in lines)])
    return command


def examples_of(path: str) -> tuple[str, ...]:
    """Return the examples of the command with these words; empty: there are none."""
    if path in EXAMPLES:
        return EXAMPLES[path]
    group, _, verb = path.rpartition(" ")
    row = ROWS.get(group.removesuffix(" declared"))
    if row is None:
        return ()
    return tuple(line.format(path=group, row=row) for line in OF_ROWS.get(verb, ()))
