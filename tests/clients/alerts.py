"""Reads the alert rules as Prometheus does, their expressions apart: each says what is wrong and what to do."""

import sys

import yaml

with open(sys.argv[1], encoding="utf-8") as file:
    groups = yaml.safe_load(file)["groups"]

rules = [rule for group in groups for rule in group["rules"]]
assert len(rules) > 10, rules
for rule in rules:
    assert set(rule) <= {"alert", "expr", "for", "labels", "annotations"}, rule
    assert rule["alert"].startswith("Wxgate") and rule["expr"], rule
    assert rule["labels"]["severity"] in ("critical", "warning", "info"), rule
    assert rule["annotations"]["summary"] and len(rule["annotations"]["description"]) > 40, rule
assert len({rule["alert"] for rule in rules}) == len(rules), "two alerts have one name"
