"""A few of the programs of `alarms`; `python -m tests.validate.alarms` does more."""

import sys

import pytest

from ad_compiler.validate.questions import GradQuestion
from tests.validate import alarms


def found(parts, *words):
    options = alarms.arguments(words)
    return [one for part in parts for program in alarms.listed(part, options) for one in alarms.looked(program, options)]


@pytest.mark.parametrize("part", ["corpus", "kernels", "published", "aliasing", "random"])
def test_no_alarm(part):
    several = found([part], "--limit", "6", "--seed", "7", "--order", "1")
    assert len(several) > 50
    assert not [str(one) for one in several if one.is_alarm]


def test_second_order():
    several = found(["kernels", "random"], "--limit", "4", "--seed", "3", "--order", "2", "--at", "given", "ones")
    assert {one.order for one in several} == {2}
    assert not [str(one) for one in several if one.is_alarm]


def test_most_is_told_at_the_programs_own_arguments():
    words = [one.word for one in found(["published"], "--limit", "10", "--order", "1", "--at", "given")]
    assert sum(word.endswith("slope agrees") for word in words) >= 0.9 * sum(word != alarms.REFUSED for word in words)


def run(monkeypatch):
    words = ["--part", "corpus", "--match", "logistic", "--order", "1", "--at", "given", "ones", "--jobs", "1"]
    monkeypatch.setattr(sys, "argv", ["alarms", *words])
    return alarms.main()


def test_the_command(monkeypatch, capsys):
    assert run(monkeypatch) == 0
    assert "value agrees, slope agrees" in capsys.readouterr().out


def test_a_hundredth_too_much_is_an_alarm(monkeypatch, capsys):
    grads = GradQuestion.grads

    def spoilt(self, result):
        return [1.01 * each for each in grads(self, result)]
    monkeypatch.setattr(GradQuestion, "grads", spoilt)
    assert run(monkeypatch) == 1
    assert "FAULT corpus.ml.logistic_regression, grad, order 1, at ones" in capsys.readouterr().out


def test_known_ones_are_no_alarms(monkeypatch):
    one = alarms.Found("corpus.a", "ones", 1, "grad", alarms.FAULT, "it is wrong")
    assert one.is_alarm
    monkeypatch.setitem(alarms.KNOWN, "corpus.a at ones", "for a reason")
    assert not one.is_alarm
    assert "known: for a reason" in str(one)
