"""The commands export and mapping, run as people run them."""

import json
from pathlib import Path

from typer.testing import CliRunner

from riskengine.cli import app

EXAMPLE = Path(__file__).parents[2] / "examples" / "mappings" / "county_guarantee.toml"
RUN = CliRunner()


def test_export_a_portfolio_in_every_format(folder: Path, tmp_path: Path) -> None:
    digests = set()
    for name in ("a.csv", "a.xlsx", "a.json", "b.csv"):
        out = tmp_path / "out" / name
        form = ["--format", "csv-gb18030"] if name == "b.csv" else []
        done = RUN.invoke(app, [
            "export", "bank_summary", str(folder), str(out), "--valued-on", "2026-11-24",
            "--mapping", str(EXAMPLE), "--json", *form,
        ])  # fmt: skip
        assert done.exit_code == 0, done.output
        told = json.loads(done.stdout)
        digests.add(told["rows_sha256"])
        assert told["mapping_digest"]
        assert out.stat().st_size > 1000
    assert len(digests) == 1


def test_export_records_of_decisions(tmp_path: Path) -> None:
    right = {"right_id": "R", "table": "land", "market_value_yuan": 9.0}
    source = tmp_path / "scores.jsonl"
    source.write_text(json.dumps({"rights": [right], "valued_on": "2026-11-24"}) + "\n")
    out = tmp_path / "o.json"
    done = RUN.invoke(
        app, ["export", "collateral", str(source), str(out), "--mapping", "pbc_collateral"]
    )
    assert done.exit_code == 0, done.output
    assert "1 行" in " ".join(done.stdout.split())  # a long path breaks the line
    assert json.loads(out.read_bytes())["rows"][0]["value_yuan"] == 9.0
    for text in ("{}", "[3]", '{"rights": [{"table": "land"}]}', "no"):
        (tmp_path / "bad.json").write_text(text)
        done = RUN.invoke(app, ["export", "collateral", str(tmp_path / "bad.json"), str(out)])
        assert "no records of scores" in str(done.exception)


def test_a_format_that_cannot_be_told_is_asked_for(folder: Path, tmp_path: Path) -> None:
    done = RUN.invoke(app, ["export", "balances", str(folder), str(tmp_path / "x.pdf")])
    assert done.exit_code == 2
    assert not (tmp_path / "x.pdf").exists()


def test_identifiers_are_shown_with_a_reason_alone(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "x.csv"
    command = ["export", "balances", str(folder), str(out), "--valued-on", "2026-11-24"]
    assert RUN.invoke(app, command).exit_code == 0
    assert "SAMPLE-IDENTITY" not in out.read_text("utf-8")
    assert RUN.invoke(app, [*command, "--show-identifiers", "监管检查要求"]).exit_code == 0
    assert "SAMPLE-IDENTITY" in out.read_text("utf-8")
    assert "shown_because=监管检查要求" in out.read_text("utf-8")


def test_check_a_mapping(tmp_path: Path) -> None:
    done = RUN.invoke(app, ["mapping", "check", str(EXAMPLE)])
    assert done.exit_code == 0
    assert "large_grower" in done.stdout
    bad = tmp_path / "bad.toml"
    bad.write_text(EXAMPLE.read_text("utf-8").replace('"household"', '"peasant"'), "utf-8")
    done = RUN.invoke(app, ["mapping", "check", str(bad), "--json"])
    assert done.exit_code == 1
    told = json.loads(done.stdout)
    assert told["faults"][0]["path"] == "codes.client_type.01"
    assert told["digest"] is None
    assert "peasant" in RUN.invoke(app, ["mapping", "check", str(bad)]).stdout


def test_list_what_there_is() -> None:
    told = json.loads(RUN.invoke(app, ["mapping", "list", "--json"]).stdout)
    assert "agri_guarantee_old" in [one["name"] for one in told["mappings"]]
    assert told["subjects"]["case_state"]["in_force"] == "已放款（在保）"
    assert "national_entry" in RUN.invoke(app, ["mapping", "list"]).stdout
