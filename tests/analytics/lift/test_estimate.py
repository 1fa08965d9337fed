"""The estimators: by hand, against printed results, and what must not change them."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from analytics.errors import InputError
from analytics.lift import (
    METHODS,
    Estimate,
    Panel,
    did,
    estimate,
    read_panel,
    synthetic_control,
    tbr,
)
from tests.analytics.lift.panels import DATA, added, noisy, panel, public

seeds = st.integers(0, 10_000)


class TestByHand:
    def test_two_by_two(self) -> None:
        found = did(panel([[10, 12, 10, 12, 20, 22], [5, 7, 5, 7, 8, 10]]), ["u00"], 5, 6)
        # (21 − 11) − (9 − 6) = 7 per period
        assert found.per_unit_period == pytest.approx(7)
        assert found.per_period == pytest.approx(7)
        assert found.total == pytest.approx(14)
        assert found.baseline == pytest.approx(28)
        assert found.relative == pytest.approx(0.5)

    def test_two_treated_units_are_averaged_and_summed(self) -> None:
        value = [[1, 1, 1, 1, 5], [3, 3, 3, 3, 5], [2, 2, 2, 2, 3]]
        found = did(panel(value), ["u00", "u01"], 5, 5)
        assert found.att == pytest.approx(2)  # (5 − 2) − (3 − 2)
        assert found.total == pytest.approx(4)

    def test_synthetic_control_finds_the_mixture_and_the_effect(self) -> None:
        random = np.random.default_rng(3)
        donors = random.normal(100, 10, (6, 30))
        mixed = 50 + np.array([0.6, 0.4, 0, 0, 0, 0]) @ donors  # another level: demeaning takes it
        mixed[25:] += 7
        found = synthetic_control(panel(np.vstack([mixed, donors])), ["u00"], 26, 30)
        assert found.weights == pytest.approx({"u01": 0.6, "u02": 0.4})
        assert found.att == pytest.approx(7)
        assert found.fit.r2 == pytest.approx(1)
        assert found.placebo_p == pytest.approx(1 / 7)

    def test_each_treated_unit_may_have_weights_of_its_own(self) -> None:
        random = np.random.default_rng(4)
        donors = random.normal(100, 10, (6, 30))
        treated = np.array([donors[0] + 5, 0.5 * donors[1] + 0.5 * donors[2]])
        treated[:, 20:] += [[1], [2]]
        found = synthetic_control(
            panel(np.vstack([treated, donors])), ["u00", "u01"], 21, 30, pooled=False
        )
        assert found.total == pytest.approx(30)
        assert found.weights == pytest.approx({"u02": 0.5, "u03": 0.25, "u04": 0.25})

    def test_time_based_regression_is_ordinary_least_squares(self) -> None:
        table = noisy(7)
        found = tbr(table, ["u00", "u03"], 31, 40)
        y, x = table.value[[0, 3]].sum(axis=0), np.delete(table.value, [0, 3], 0).sum(axis=0)
        design = np.column_stack([np.ones(40), x])
        a, b = np.linalg.lstsq(design[:30], y[:30])[0]
        gap = y - design @ [a, b]
        s2 = gap[:30] @ gap[:30] / 28
        inverse = np.linalg.inv(design[:30].T @ design[:30])
        together = design[30:].sum(axis=0)
        error = math.sqrt(s2 * (10 + together @ inverse @ together))
        assert found.weights == pytest.approx({"(intercept)": a, "(control total)": b})
        assert found.total == pytest.approx(gap[30:].sum())
        posterior = found.inferences["posterior"]
        half = stats.t.ppf(0.975, 28) * error
        assert posterior.total[1].low == pytest.approx(found.total - half)
        assert posterior.total[1].high == pytest.approx(found.total + half)
        assert posterior.p_value == pytest.approx(2 * stats.t.sf(abs(found.total) / error, 28))


class TestPrintedResults:
    def test_california_smoking(self) -> None:
        table = public("california_smoking.csv")
        assert did(table, ["California"], 1989, 2000).att == pytest.approx(-27.349, abs=5e-4)
        found = synthetic_control(table, ["California"], 1989, 2000)
        assert found.att == pytest.approx(-11.1, abs=0.05)
        assert found.weights["Connecticut"] == pytest.approx(0.266, abs=5e-4)

    def test_geolift_walkthrough(self) -> None:
        found = synthetic_control(
            public("geolift_test.csv"), ["chicago", "portland"], "2021-04-01", "2021-04-15"
        )
        assert found.att == pytest.approx(155.556, abs=5e-4)
        assert found.total == pytest.approx(4667, abs=0.5)
        assert found.relative == pytest.approx(0.054, abs=5e-4)
        assert found.fit.rmse * math.sqrt(90) / 2 == pytest.approx(909.489, abs=1e-3)
        printed = {
            "cincinnati": 0.22717797, "miami": 0.20276981, "baton rouge": 0.13353743,
            "minneapolis": 0.08997973, "dallas": 0.07392298, "nashville": 0.06853184,
        }  # fmt: skip
        assert {name: found.weights[name] for name in printed} == pytest.approx(printed, abs=2e-6)
        # Printed as 0.014 and 0.01 by two runs of a thousand random orders.
        assert found.inferences["conformal_iid"].p_value == pytest.approx(0.012, abs=0.009)

    def test_google_sales_and_cost(self) -> None:
        table = read_panel(DATA / "sales_and_cost.csv", metric="sales", spend="cost")
        found = tbr(table, ["treatment"], "2015-02-16", "2015-03-15", spend="cost")
        assert found.weights["(control total)"] == pytest.approx(0.9997001, abs=5e-8)
        assert found.incremental_spend == pytest.approx(50_000)
        assert found.iroas == pytest.approx(2.946742, abs=5e-7)
        assert found.total == pytest.approx(147337.122, abs=5e-3)
        assert found.relative == pytest.approx(0.173998, abs=5e-5)
        assert found.inference == "posterior"
        one_sided = found.interval(0.90, "iroas")  # its 5% quantile
        assert one_sided.low == pytest.approx(2.79135, abs=1e-3)
        assert one_sided.high == pytest.approx(3.102936, abs=1e-3)
        assert any("no placebos" in text for text in found.warnings)
        share = found.interval(0.90, "relative")
        assert (share.low, share.high) == pytest.approx((0.163273, 0.184885), abs=5e-4)

    def test_google_sales_and_a_cost_that_must_be_estimated(self) -> None:
        table = read_panel(DATA / "sales_and_cost.csv", metric="sales", spend="cost")
        assert table.spend is not None
        noise = np.random.default_rng(0).normal(0, 1e-5, table.spend.shape)
        variable = replace(table, spend=table.spend + noise)
        found = tbr(variable, ["treatment"], "2015-02-16", "2015-03-15", spend="cost")
        assert found.iroas == pytest.approx(2.946742, abs=1e-5)
        bounds = found.interval(0.90, "iroas")
        assert (bounds.low, bounds.high) == pytest.approx((2.79135, 3.102936), abs=5e-3)


class TestRegression:
    def test_did_is_the_coefficient_with_unit_and_period_effects(self) -> None:
        table = noisy(11, units=8, periods=12)
        found = did(table, ["u01", "u04"], 9, 12, inference="cluster")
        count, periods = table.value.shape
        unit, time = np.repeat(np.arange(count), periods), np.tile(np.arange(periods), count)
        treated = np.isin(unit, [1, 4]) & (time >= 8)
        dummies = [unit[:, None] == np.arange(count), time[:, None] == np.arange(1, periods)]
        design = np.column_stack([treated, *dummies]).astype(float)
        y = table.value.ravel()
        inverse = np.linalg.inv(design.T @ design)
        beta = inverse @ design.T @ y
        assert found.att == pytest.approx(beta[0])
        scores = design * (y - design @ beta)[:, None]
        meat = sum(np.outer(s, s) for s in (scores[unit == u].sum(axis=0) for u in range(count)))
        cells = count * periods
        correction = count / (count - 1) * (cells - 1) / (cells - periods - 1)
        error = math.sqrt(correction * (inverse @ meat @ inverse)[0, 0])
        half = stats.t.ppf(0.975, count - 1) * error
        assert found.interval(0.95, "per_unit_period").high == pytest.approx(beta[0] + half)

    @pytest.mark.parametrize("treated", [["u01", "u04", "u06"], ["u01"]])
    def test_welchs_t_is_that_of_the_units_changes(self, treated: list[str]) -> None:
        table = noisy(11, units=8, periods=12)
        found = did(table, treated, 9, 12, inference="welch")
        changes = table.value[:, 8:].mean(axis=1) - table.value[:, :8].mean(axis=1)
        is_treated = np.isin(table.units, treated)
        # A group of one has no spread of its own: Student's t lends it the other's.
        other = stats.ttest_ind(
            changes[is_treated], changes[~is_treated], equal_var=len(treated) == 1
        )
        assert found.p_value == pytest.approx(other.pvalue)
        wanted = other.confidence_interval(0.95)
        interval = found.interval(0.95, "per_unit_period")
        assert (interval.low, interval.high) == pytest.approx((wanted.low, wanted.high))

    def test_few_units_get_welchs_t_and_two_get_no_interval(self) -> None:
        found = did(noisy(11, units=5, periods=12), ["u01", "u04"], 9, 12)
        assert found.inference == "welch"
        assert any("unbounded" in text for text in found.warnings)
        alone = did(noisy(11, units=2, periods=12), ["u01"], 9, 12)
        assert alone.interval(0.95).high == math.inf
        assert alone.p_value == 1


def total(table: Panel, method: str) -> float:
    return estimate(method, table, ["u00", "u05"], 31, 40).total  # type: ignore[arg-type]


class TestWhatMustNotMatter:
    @settings(max_examples=15)
    @given(seed=seeds, method=st.sampled_from(METHODS))
    def test_a_constant_per_unit(self, seed: int, method: str) -> None:
        table = noisy(seed)
        moved = panel(table.value + np.random.default_rng(seed).normal(0, 100, (12, 1)))
        assert total(moved, method) == pytest.approx(total(table, method), abs=1e-6)

    @settings(max_examples=15)
    @given(seed=seeds, method=st.sampled_from(["did", "synth"]))
    def test_a_constant_per_period(self, seed: int, method: str) -> None:
        table = noisy(seed)
        moved = panel(table.value + np.random.default_rng(seed).normal(0, 100, 40))
        assert total(moved, method) == pytest.approx(total(table, method), abs=1e-6)

    @settings(max_examples=15)
    @given(seed=seeds, method=st.sampled_from(METHODS), scale=st.sampled_from([1e-4, 3.0, 1e6]))
    def test_the_unit_of_the_metric(self, seed: int, method: str, scale: float) -> None:
        table = noisy(seed)
        one = estimate(method, table, ["u00"], 31, 40)  # type: ignore[arg-type]
        other = estimate(method, panel(table.value * scale), ["u00"], 31, 40)  # type: ignore[arg-type]
        assert other.total == pytest.approx(scale * one.total)
        assert other.relative == pytest.approx(one.relative)
        assert other.p_value == pytest.approx(one.p_value, rel=1e-4)
        assert other.interval().low == pytest.approx(scale * one.interval().low, rel=1e-4)

    @settings(max_examples=10)
    @given(seed=seeds, method=st.sampled_from(METHODS))
    def test_what_came_after_the_test(self, seed: int, method: str) -> None:
        table = noisy(seed, periods=50)
        assert total(table, method) == total(panel(table.value[:, :40]), method)

    @settings(max_examples=10)
    @given(seed=seeds, method=st.sampled_from(METHODS), effect=st.floats(-50, 200))
    def test_a_constant_effect_moves_the_estimate_by_itself(
        self, seed: int, method: str, effect: float
    ) -> None:
        table = noisy(seed)
        treated = panel(added(table, [0, 5], 30, effect))
        assert total(treated, method) - total(table, method) == pytest.approx(20 * effect, abs=1e-6)

    @pytest.mark.parametrize("method", METHODS)
    def test_it_is_found_within_the_interval(self, method: str) -> None:
        inside = 0
        for seed in range(25):
            table = panel(added(noisy(seed), [0, 5], 30, 30.0))
            found = estimate(method, table, ["u00", "u05"], 31, 40)  # type: ignore[arg-type]
            inside += 600 in found.interval(0.95)
        assert inside >= 21  # 24 expected

    @pytest.mark.parametrize("method", METHODS)
    def test_twice_is_the_same(self, method: str) -> None:
        first, second = (
            estimate(method, noisy(1, units=30), ["u00", "u05", "u07"], 31, 40)  # type: ignore[arg-type]
            for _ in range(2)
        )
        assert first.to_dict() == second.to_dict()


class TestDirections:
    @pytest.mark.parametrize("method", METHODS)
    def test_holdout_turns_the_sign_and_the_baseline(self, method: str) -> None:
        table = panel(added(noisy(2), [0], 30, -40.0))
        plain = estimate(method, table, ["u00"], 31, 40)  # type: ignore[arg-type]
        held = estimate(method, table, ["u00"], 31, 40, holdout=True)  # type: ignore[arg-type]
        assert held.total == -plain.total
        assert held.p_value == plain.p_value
        assert held.interval().low == -plain.interval().high
        observed = table.value[0, 30:].sum()
        assert held.relative == pytest.approx(held.total / observed)
        assert held.interval(0.9, "relative").high == pytest.approx(
            held.interval(0.9).high / observed
        )
        assert np.array_equal(held.series.effect, -plain.series.effect)

    @pytest.mark.parametrize("method", METHODS)
    @pytest.mark.parametrize("holdout", [False, True])
    def test_a_cut_of_spend_has_a_positive_iroas(self, method: str, holdout: bool) -> None:
        table = noisy(3, noise=0.01)
        spend = np.full(table.value.shape, 20.0) + np.arange(40) % 3
        spend[0, 30:] = 0  # 21 a day less
        found = estimate(
            method, panel(added(table, [0], 30, -63.0), spend), ["u00"], 31, 40, holdout=holdout,
            spend="spend",
        )  # type: ignore[arg-type]  # fmt: skip
        sign = 1 if holdout else -1
        assert found.incremental_spend == pytest.approx(sign * 210, rel=0.02)
        assert found.total * sign > 0
        assert found.iroas == pytest.approx(found.total / found.incremental_spend)
        assert 3.0 in found.interval(0.95, "iroas")

    def test_spend_that_did_not_change_has_no_iroas(self) -> None:
        table = panel(noisy(3).value, np.zeros((12, 40)))
        found = tbr(table, ["u00"], 31, 40, spend="spend")
        assert found.iroas is None
        assert any("no iROAS" in text for text in found.warnings)

    def test_relative_bounds_follow_the_total(self) -> None:
        found = synthetic_control(noisy(5), ["u00"], 31, 40)
        observed = noisy(5).value[0, 30:].sum()
        for level in (0.90, 0.95):
            bounds, share = found.interval(level), found.interval(level, "relative")
            assert share.low == pytest.approx(bounds.low / (observed - bounds.low))
            assert share.high == pytest.approx(bounds.high / (observed - bounds.high))


class TestDoubts:
    def test_units_that_have_nothing_in_common_are_called_a_poor_fit(self) -> None:
        random = np.random.default_rng(0)
        table = panel(random.normal(100, 40, (8, 30)))
        for method in METHODS:
            found = estimate(method, table, ["u00"], 21, 30)
            assert any("poor fit" in text for text in found.warnings), method

    def test_a_good_fit_raises_none(self) -> None:
        found = synthetic_control(noisy(1, noise=0.01), ["u00"], 31, 40)
        assert found.warnings == ()

    def test_unbounded_permutations_give_way_and_say_so(self) -> None:
        found = did(noisy(1), ["u00"], 31, 40)  # 12 assignments cannot reach 5%
        assert found.inference == "calibrated"
        assert any("unbounded" in text for text in found.warnings)
        assert found.inferences["permutation"].total[1].high == math.inf

    def test_an_empty_interval_does_not_lead_and_is_said(self) -> None:
        value = noisy(9).value.copy()
        value[0, 30:] += np.tile([4000.0, -3000.0], 5)
        found = synthetic_control(panel(value), ["u00"], 31, 40, inference="conformal_iid")
        assert found.inference == "calibrated"
        assert any("interval is empty (no constant effect fits" in w for w in found.warnings)
        interval = found.inferences["conformal_iid"].total[1]
        assert found.to_dict()["inferences"]["conformal_iid"]["total"][1] == {
            "level": 0.95, "low": None, "high": None, "is_empty": True
        }  # fmt: skip
        relative = replace(found, inference="conformal_iid").interval(0.95, "relative")
        assert interval.is_empty
        assert relative.is_empty
        assert math.isnan(relative.high)

    def test_the_last_week_of_a_panel_ends_six_days_after_it_began(self) -> None:
        weeks = tuple(date(2026, 1, 5) + timedelta(weeks=n) for n in range(40))
        table = replace(noisy(0), periods=weeks)
        last = weeks[-1] + timedelta(days=6)
        assert did(table, ["u00"], weeks[30], last).periods == 10
        with pytest.raises(InputError, match=f"which end with {last}"):
            did(table, ["u00"], weeks[30], last + timedelta(days=1))

    def test_json_has_no_infinity(self) -> None:
        found = did(noisy(1), ["u00"], 31, 40)
        text = json.dumps(found.to_dict(), allow_nan=False)
        again = json.loads(text)
        assert again["total"] == found.total
        assert again["inferences"]["permutation"]["total"][1]["high"] is None
        assert again["intervals"]["relative"][1]["level"] == 0.95


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"treated": ["nobody"]}, "no unit is called nobody"),
        ({"treated": []}, "no treated unit"),
        ({"treated": [f"u{n:02d}" for n in range(12)]}, "nothing to compare"),
        ({"controls": ["u00", "u01"]}, "both treated and a control"),
        ({"start": 90, "end": 99}, "has no period of the panel"),
        ({"start": 40, "end": 31}, "has no period of the panel"),
        ({"end": 41}, "end 41 lies after the data, which end with 40"),
        ({"start": 0}, "start 0 lies before the data, which begin with 1"),
        ({"treated": ["U00"]}, "no unit is called U00; did you mean u00?"),
        ({"start": 3}, "only 2 periods before"),
        ({"start": "2026-03-01"}, "does not fit periods such as 1"),
        ({"spend": "spend"}, "without a spend column"),
        ({"metric": "visits"}, "read with the metric 'value'"),
    ],
)
def test_what_is_no_experiment_is_refused(change: dict[str, object], message: str) -> None:
    wanted = {"treated": ["u00"], "start": 31, "end": 40} | change
    with pytest.raises(InputError, match=message):
        did(noisy(0), **wanted)  # type: ignore[arg-type]


@pytest.mark.parametrize("function", [did, synthetic_control, tbr])
def test_an_unknown_inference_is_refused(function: Callable[..., Estimate]) -> None:
    with pytest.raises(InputError, match="is not an inference of this method"):
        function(noisy(0), ["u00"], 31, 40, inference="guess")
