"""The controls: their labels say the numbers that they are made with."""

from acai_ray.protocol.controls import BY_KIND, CHAOS_LAM, CONTROLS, SHRINKAGE


def test_labels_say_the_controls_own_numbers() -> None:
    assert float(BY_KIND["chaos"].label.split("λ = ")[1]) == CHAOS_LAM
    assert float(BY_KIND["shrunk"].label.split("× ")[1]) == SHRINKAGE


def test_each_kind_and_label_is_there_once() -> None:
    assert len(BY_KIND) == len({control.label for control in CONTROLS}) == len(CONTROLS)
