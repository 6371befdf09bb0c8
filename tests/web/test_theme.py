"""What a contest wears: checked before anybody sees it, and never a file from anywhere else."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from contest_server.intake.theme_file import IMAGE_MAX_BYTES, IMAGE_MAX_PX, USUAL, ThemeFault, contrast, read_image, read_theme
from tests.contests import CUP
from tests.web.places import Place, served

PNG = b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR" + (64).to_bytes(4) + (32).to_bytes(4) + b"\x08\x06\0\0\0"
PATH = f"/api/contests/{CUP}/theme"


def written(folder: Path, text: str, **images: bytes) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "theme.toml").write_text(text, "utf-8")
    for name, content in images.items():
        (folder / f"{name}.png").write_bytes(content)
    return folder


def faults(folder: Path) -> list[str]:
    with pytest.raises(ThemeFault) as raised:
        read_theme(folder)
    return [fault.where for fault in raised.value.faults]


def test_a_theme_is_its_colours_and_the_images_beside_it(tmp_path: Path) -> None:
    text = '[colours]\naccent = "#ffcc00"\n[images]\nlogo = "logo.png"\nsponsors = ["one.png", "two.png"]\n'
    theme = read_theme(written(tmp_path, text, logo=PNG, one=PNG, two=PNG))
    assert (dict(theme.colours), theme.logo, theme.sponsors) == ({"accent": "#ffcc00"}, "logo.png", ("one.png", "two.png"))


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("colours = 3", ["colours"]),
        ("[colours]\naccent = 'red'", ["colours.accent"]),
        ("[colours]\nglow = '#ffffff'", ["colours.glow"]),
        ("[fonts]\nface = 'x'", ["fonts"]),
        ("[images]\nlogo = 'none.png'", ["images: none.png"]),
        ("[images]\nlogo = '../secret.png'", ["../secret.png"]),
        ("[images]\nlogo = 'page.svg'", ["page.svg"]),
        ("[images]\nsponsors = 'x.png'", ["images.sponsors"]),
        ("[images]\nlogo = 3", ["images"]),
        ("[colours", ["theme.toml"]),
        (f"colours = {'9' * 5_000}", ["theme.toml"]),
        (f"[images]\nlogo = 0x{'f' * 5_000}", ["theme.toml"]),
    ],
)
def test_what_cannot_be_worn_is_refused_by_its_place(tmp_path: Path, text: str, where: list[str]) -> None:
    assert faults(written(tmp_path, text)) == where


def test_colours_that_nobody_could_read_are_refused(tmp_path: Path) -> None:
    assert set(faults(written(tmp_path, '[colours]\nbackground = "#ffffff"'))) == {"colours.ink", "colours.ink_dim", "colours.accent"}
    assert faults(written(tmp_path, '[colours]\naccent = "#7a1020"'))[-1] == "colours.accent"
    assert round(contrast("#ffffff", "#000000")) == 21
    assert all(contrast(USUAL[ink], USUAL[ground]) >= 4.5 for ink in ("ink", "ink_dim") for ground in ("background", "floor", "plate"))


def test_an_image_is_what_its_name_says_and_not_too_large(tmp_path: Path) -> None:
    large = PNG[:16] + (IMAGE_MAX_PX + 1).to_bytes(4) + PNG[20:]
    written(tmp_path, "", page=b"<script>1</script>", heavy=PNG + bytes(IMAGE_MAX_BYTES), wide=large, good=PNG)
    for name in ("page.png", "heavy.png", "wide.png"):
        with pytest.raises(ThemeFault):
            read_image(tmp_path, name)
    assert read_image(tmp_path, "good.png") == (PNG, "image/png")


def test_a_link_out_of_the_folder_is_no_image(tmp_path: Path) -> None:
    (tmp_path / "secret.png").write_bytes(PNG)
    folder = written(tmp_path / "theme", "")
    (folder / "link.png").symlink_to(tmp_path / "secret.png")
    with pytest.raises(FileNotFoundError):
        read_image(folder, "link.png")


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    text = '[colours]\naccent = "#ffcc00"\n[images]\nlogo = "logo.png"\n'
    written(tmp_path / "themes" / CUP, text, logo=PNG, card=PNG)
    (tmp_path / "themes" / "secret.png").write_bytes(PNG)
    async with served(themes=str(tmp_path / "themes")) as place:
        yield place


async def test_everybody_is_told_what_a_contest_wears_and_gets_its_images(place: Place) -> None:
    theme = await place.get(PATH)
    assert theme == {"colours": {"accent": "#ffcc00"}, "logo": "logo.png", "background": None, "sponsors": [], "faults": []}
    for name in ("logo.png", "card.png"):
        answer = await place.http.get(f"{place.url}{PATH}/{name}")
        assert (answer.status_code, answer.headers["content-type"], answer.content) == (200, "image/png", PNG)


@pytest.mark.parametrize("name", ["theme.toml", "none.png", "..%2Fsecret.png", "%2e%2e%2fsecret.png", "LOGO.PNG"])
async def test_nothing_but_its_images_is_given_away(place: Place, name: str) -> None:
    answer = await place.http.get(f"{place.url}{PATH}/{name}")
    assert answer.status_code in (400, 404, 422), answer.text
    assert PNG not in answer.content


async def test_a_theme_with_faults_is_not_worn_and_says_why(place: Place, tmp_path: Path) -> None:
    written(tmp_path / "themes" / CUP, '[colours]\nink = "#000000"')
    theme = await place.get(PATH)
    assert (theme["colours"], bool(theme["faults"])) == ({}, True)


async def test_without_a_folder_nothing_is_worn() -> None:
    async with served() as place:
        assert await place.get(PATH) == {"colours": {}, "logo": None, "background": None, "sponsors": [], "faults": []}
        assert (await place.http.get(f"{place.url}{PATH}/logo.png")).status_code == 404
