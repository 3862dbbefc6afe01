"""Small valid files that the tests of this folder break in one place at a time."""

POLICY = """\
name: mine
title: {id: Milik saya, en: Mine}
description: {id: Contoh, en: An example}
author: a test
sources: ["assumption: none"]
appraisal:
  period: quarterly
  scheme: permenpan6
  weights:
    results: 0.50
    supervisor: 0.30
    citizens: 0.20
  stakes: 0.3
channels: [app, paper]
feedback: {to_officers: true}
training:
  - {kind: technical, hours_jp: 20}
  - {kind: communication, hours_jp: 10, every_months: 6}
"""

REGION = """\
name: my-city
title: {id: Kota saya, en: My city}
level: city
population: {value: 100000, unit: residents, source: a count, grade: measured}
resistance_cause: habit
preset: baseline
hypotheses:
  - claim: {id: Lebih cepat, en: Faster}
    phrase: lebih cepat
    unit: ktp
    metric: turnaround_days_mean
    direction: falls
    primary: true
units:
  ktp:
    title: {id: KTP, en: Identity card}
    service: ktp
    day_minutes: {value: 450, unit: minutes, source: a rule, grade: published}
    arrivals:
      per_day: {value: 50, unit: cases per working day, source: a count, grade: measured}
      half_hour: {values: [2, 1, 1, 1], unit: relative rate, source: a count, grade: measured}
      weekday: {values: [1.2, 1, 1, 0.9, 0.9], unit: relative rate, source: a count, grade: measured}
      month: {values: [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1], unit: relative rate, source: a count, grade: measured}
    counter:
      officers: {value: 2, unit: officers, source: a count, grade: measured}
      minutes: {value: 8, unit: minutes per case, source: a count, grade: measured}
      complexity: routine
    processing:
      officers: {value: 1, unit: officers, source: a count, grade: measured}
      minutes: {value: 6, unit: minutes per case, source: a count, grade: measured}
      complexity: medium
    standard: {quantity: turnaround, value: {value: 2, unit: working days, source: a rule, grade: published}}
    error_share: {value: 0.08, unit: share of first attempts, source: a guess, grade: estimate}
    restriction_days: {value: 60, unit: working days, source: a choice, grade: estimate}
    satisfaction_base: {value: 82, unit: index 25-100, source: a survey, grade: measured}
"""


def broken(text: str, old: str, new: str) -> str:
    """Return `text` with its one `old` replaced by `new`."""
    assert text.count(old) == 1, f"{old!r} must occur once"
    return text.replace(old, new)
