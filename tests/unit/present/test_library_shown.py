"""The policy library beside the policies that are shown in detail."""

import re

import pandas as pd
import pytest

from kinerja_sim.present.claims_book import Book
from kinerja_sim.present.findings import all_findings
from kinerja_sim.present.findings_backup import library_finding
from kinerja_sim.present.markdown import Report
from kinerja_sim.present.saved import Saved, library_scenarios, shown_scenarios
from kinerja_sim.present.style import style_of
from kinerja_sim.present.tables import effect_tables, region_page
from tests.fakes import printed

REGION = "tebing-tinggi"
MORE = ("citizen_heavy", "full_360", "online_queue", "training_only")


@pytest.fixture
def full(saved):
    """The saved tables with four presets of the library as copies of one more officer, and a policy of the user's."""
    like, names = "one_more_officer", [*MORE, "mine"]
    entry = saved.manifest["policies"][like]
    policies = saved.manifest["policies"] | {n: entry | {"title": {"id": n, "en": n}} for n in names}
    policies |= {n: policies[n] | {"grade_only": True} for n in MORE[:2]}
    policies["online_queue"] = policies["online_queue"] | {"capacity": {"online_queue": True}}
    scenarios = {r: [*has, *names] for r, has in saved.manifest["scenarios"].items()}
    copies = [saved.contrasts[saved.contrasts["scenario"] == like].assign(scenario=n) for n in names]
    other = Saved(saved.folder, saved.manifest | {"policies": policies, "scenarios": scenarios})
    other.__dict__.update(contrasts=pd.concat([saved.contrasts, *copies]), results=saved.results)
    return other


def test_presets_of_the_library_leave_the_stage_to_the_usual_policies_and_the_users_own(saved, full):
    """With more policies than can be read, only the library's others are left to the compact table."""
    assert library_scenarios(saved.manifest, REGION) == []
    assert library_scenarios(full.manifest, REGION) == list(MORE)
    assert shown_scenarios(full.manifest, REGION) == [*shown_scenarios(saved.manifest, REGION), "mine"]
    looks = [style_of(full.manifest, REGION, s) for s in full.manifest["scenarios"][REGION][2:]]
    assert len(set(looks)) == len(looks)


def test_the_rest_of_the_library_is_one_table_in_its_own_order_with_a_word_about_selection(saved, full):
    """The detailed tables stay; one more has the library on the primary metric with n, and nobody is named best."""
    before, after = (effect_tables(s.contrasts, s.manifest, REGION, "en") for s in (saved, full))
    text = printed(region_page(full.contrasts, full.manifest, REGION, "en"))

    assert [t.title for t in after[:-1]] == [t.title for t in before]
    assert [row[0] for row in after[-1].rows] == list(MORE)
    assert "n = " in after[-1].title
    assert "policies are compared with today's practice here" in " ".join(text.split())
    assert "The rest of the policy library" not in printed(region_page(saved.contrasts, saved.manifest, REGION, "en"))


@pytest.mark.parametrize("region", ["tebing-tinggi", "tangerang-selatan"])
def test_the_end_of_a_shortage_is_shown_only_where_there_is_one(saved, region):
    """Where no unit runs short the policy is not modelled, and says "unchanged" nowhere; alone it stays."""
    name, has = "no_supply_outage", saved.manifest["scenarios"][region][:3]
    policies = saved.manifest["policies"] | {
        name: saved.manifest["policies"][name] | {"capacity": {"no_shortage": True}}
    }
    manifest = saved.manifest | {"policies": policies, "scenarios": {region: [*has, name]}}
    alone = manifest | {"scenarios": {region: ["baseline", name]}}

    assert (name in shown_scenarios(manifest, region)) == (region == "tebing-tinggi")
    assert shown_scenarios(alone, region) == [name]
    report = Report(saved.folder, "en", region)
    report.__dict__["saved"] = Saved(saved.folder, manifest)
    assert ("No blank-card shortage" in report.opening()) == (region == "tebing-tinggi")


def test_an_online_queue_without_a_counter_does_not_apply(full):
    """Where the unit of the primary hypothesis has no counter, the row says so and shows no number."""
    regions = full.manifest["regions"]
    unit = next(h["unit"] for h in regions[REGION]["hypotheses"] if h["primary"])
    units = regions[REGION]["units"] | {unit: regions[REGION]["units"][unit] | {"stages": ["processing"]}}
    manifest = full.manifest | {"regions": regions | {REGION: regions[REGION] | {"units": units}}}
    rows = {row[0]: row for row in effect_tables(full.contrasts, manifest, REGION, "en")[-1].rows}

    assert "does not apply: no counter" in rows["online_queue"]
    assert not any(c.isdigit() for cell in rows["online_queue"] for c in cell)


@pytest.mark.parametrize("lang", ["id", "en"])
def test_the_deck_has_one_more_slide_whose_counts_are_bound(saved, full, lang):
    """One backup slide counts regions by answer; its numbers are recomputed from the tables and add up."""
    book = Book(full, lang)
    finding = library_finding(book)

    assert library_finding(Book(saved, lang)) is None
    assert [f.name for f in all_findings(book) if f.name not in {x.name for x in all_findings(Book(saved, lang))}] == [
        "library"
    ]
    assert len(finding.table) == 1 + len(MORE)
    counts = [sum(int(cell) for cell in row[1:]) for row in finding.table[1:]]
    assert sum(counts) == book.fact("library")
    assert len(finding.notes) > book.fact("library")
    selected, idle = finding.lines
    assert re.findall(r"\d+", selected) == [str(book.fact("compared", REGION)), str(len(MORE))]
    assert idle.endswith(": citizen_heavy; full_360.")
