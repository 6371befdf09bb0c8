"""What `/metrics` says, to compare with."""

from __future__ import annotations

from prometheus_client.parser import text_string_to_metric_families

from tests.web.places import Place

Labels = dict[str, str]


class Figures:
    """One look at the figures of a server."""

    def __init__(self, text: str) -> None:
        self.families = {family.name: family for family in text_string_to_metric_families(text)}
        self.samples = [sample for family in self.families.values() for sample in family.samples]

    def of(self, name: str, **labels: str) -> float:
        """The only sample of this name with these labels."""
        (found,) = (each.value for each in self.samples if each.name == name and labels.items() <= each.labels.items())
        return found

    def names(self) -> set[str]:
        return {sample.name for sample in self.samples}


async def look(place: Place) -> Figures:
    answer = await place.http.get(f"{place.url}/metrics")
    assert answer.status_code == 200, answer.text
    return Figures(answer.text)
