"""The chief referee's page, from the overview to the final result."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.conftest import Screens
from tests.browser.evening import clear, outcome
from tests.browser.hall import Contest, Hall
from tests.browser.office import PASSWORDS, Desk, Referee, document, office
from tests.browser.wording import say


def chief(hall: Hall, screens: Screens, contest: Contest, part: str = "overview") -> Referee:
    page = Referee(screens(hall.url), contest)
    page.screen.may_be_refused = ("/me", "/login", "/rulings", "/apply", "/finalise", "/rejudgings")
    return page.log_in("C1", "chief", f"#{part}")


def press(page: Referee, name: str) -> None:
    """A button that asks once more."""
    button = page.page.locator(f"[data-do={name}]")
    button.click()
    expect(button).to_contain_text("?")
    button.click()


def test_the_page_is_the_chief_referees_alone(hall: Hall, screens: Screens) -> None:
    contest = office(hall, "alone")
    referee = Referee(screens(hall.url), contest).log_in("R1", "chief")
    expect(referee.page.get_by_role("alert")).to_have_text(say("chiefsOnly", "en"))
    expect(referee.page.locator("[data-count]")).to_have_count(0)
    referee.page.get_by_role("link", name=say("refereeConsole", "en")).click()
    expect(referee.case("A1", "insulation")).to_be_visible()


def test_the_overview_counts_and_every_reason_leads_to_where_it_is_dealt_with(hall: Hall, screens: Screens) -> None:
    contest = office(hall, "overview")
    page = chief(hall, screens, contest)
    expect(page.page.locator("[data-count=unjudged] b")).to_have_text("1")
    page.page.locator("[data-count=waiting_second] a").click()
    expect(page.page.get_by_role("heading", name=say("part_seconds", "en"))).to_be_visible()
    page.page.go_back()
    finalise = page.page.locator("[data-do=finalise]").first
    expect(finalise).to_have_attribute("aria-disabled", "true")
    expect(page.page.locator("[data-reason=running]").first).to_be_visible()
    page.page.locator("[data-reason=unjudged] a").first.click()
    expect(page.page.locator("[data-case-title]")).to_contain_text("Power-up")


def test_a_sample_is_drawn_with_its_seed_and_what_is_found_is_on_record(hall: Hall, screens: Screens) -> None:
    contest = office(hall, "sample")
    referee = chief(hall, screens, contest, "recheck")
    page = referee.page
    page.get_by_label(say("recheckSeed", "en")).fill("from the hat")
    press(referee, "sample")
    expect(page.locator("#content")).to_contain_text(say("recheckSeedIs", "en", seed="from the hat"))
    members = page.locator("[data-member]")
    expect(members.first).to_be_visible()
    members.nth(0).get_by_role("button", name=say("recheckRight", "en"), exact=True).click()
    expect(members.nth(0)).to_have_attribute("data-right", "true")
    members.nth(1).get_by_role("button", name=say("recheckWrong", "en")).click()
    members.nth(1).get_by_label(say("recheckReason", "en")).fill("the sum is off by one")
    members.nth(1).get_by_role("button", name=say("submit", "en")).click()
    expect(members.nth(1)).to_have_attribute("data-right", "false")
    sample = Desk(contest, "C1").get("/samples")["samples"][0]
    assert (sample["seed"], [each["right"] for each in sample["members"]][:2]) == ("from the hat", [True, False])


def test_an_appeal_goes_from_filed_to_upheld(hall: Hall, screens: Screens) -> None:
    contest = office(hall, "appeal")
    Desk(contest, "R3").rule("measured-again", "A1", "insulation", verb="confirm")
    page = chief(hall, screens, contest, "appeals").page
    page.locator("summary").click()
    page.get_by_label(say("fieldContestant", "en")).fill("A1")
    page.get_by_label(say("appealText", "en")).fill("The meter was not zeroed.")
    page.locator("[data-do=file]").click()
    appeal = page.locator("[data-appeal]")
    expect(appeal).to_have_attribute("data-state", "filed")
    for state in ("admitted", "under_review", "upheld"):
        appeal.get_by_label(say("appealTo", "en")).select_option(state)
        appeal.get_by_label(say("appealReason", "en")).fill(f"it is {state}")
        if state == "upheld":
            appeal.get_by_label("R2 Jin Hai").check()
            appeal.locator("[data-choose]").check()
        appeal.locator("[data-do=move]").click()
        expect(appeal).to_have_attribute("data-state", state)
    told = Desk(contest, "C1").get("/appeals")["appeals"][0]
    assert told["rulings"] == ["measured-again"]
    assert [(each["to"], each["panel"]) for each in told["moves"]] == [("admitted", []), ("under_review", []), ("upheld", ["R2"])]


def assert_faults(page: Page, rules: str) -> None:
    """What is wrong with a rulebook stands there in the page's language."""
    page.locator("[data-rules]").fill(rules)
    page.locator("[data-do=rejudge]").click()
    expect(page.get_by_text("no rule is called 'thresold'; did you mean 'threshold'?", exact=True)).to_be_visible()
    page.get_by_role("link", name=say("otherLanguage", "en"), exact=True).click()
    expect(page.get_by_text("没有叫 'thresold' 的规则；是不是 'threshold'？", exact=True)).to_be_visible()
    page.get_by_role("link", name=say("otherLanguage", "zh"), exact=True).click()


def test_a_rule_is_mended_previewed_and_applied(hall: Hall, screens: Screens) -> None:
    contest = office(hall, "rejudge")
    page = chief(hall, screens, contest, "rejudge").page
    page.locator("[data-way]").select_option("changes")
    page.get_by_label(say("rejudgePart", "en")).select_option("stages")
    text = page.locator("[data-rules]")
    expect(text).not_to_have_value("")
    text.fill("{")
    expect(page.locator("[data-do=rejudge]")).to_have_attribute("aria-disabled", "true")
    stages = Desk(contest, "C1").get("/definition")["definition"]["stages"]
    page.get_by_label(say("rejudgePart", "en")).select_option("stages")
    whole = text.input_value()
    assert '"limit": "1"' in whole or '"limit": 1' in whole, stages
    assert_faults(page, whole.replace('"rule": "threshold"', '"rule": "thresold"'))
    text.fill(whole.replace('"limit": "1"', '"limit": "1.03"').replace('"limit": 1,', '"limit": "1.03",'))
    page.locator("[data-do=rejudge]").click()
    preview = page.locator("[data-rejudging]")
    expect(preview).to_have_attribute("data-rejudging", "ready")
    expect(preview.locator('[data-row="A1"]')).to_contain_text("0")
    assert {row["id"]: row["points"] for row in contest.board()["rows"]}["A1"] == "8", "a preview changes nothing"
    expect(page.locator("[data-do=apply]")).to_have_attribute("aria-disabled", "true")
    preview.get_by_label(say("rejudgeReason", "en")).fill("the limit is 1.03 by the technical description")
    page.locator("[data-do=apply]").click()
    page.locator("[data-do=apply]").click()
    expect(preview).to_have_attribute("data-rejudging", "applied")
    assert {row["id"]: row["points"] for row in contest.board()["rows"]}["A1"] == "0"


def test_a_stage_is_held_and_let_go_again(hall: Hall, screens: Screens) -> None:
    contest = office(hall, "hold")
    page = chief(hall, screens, contest, "holds")
    page.page.locator("[data-do=hold]").click()
    page.page.get_by_label(say("fieldStage", "en"), exact=True).select_option("quiz")
    page.page.locator("[data-field=code]").select_option("device_fault")
    page.page.locator("[data-field=reason]").fill("the buzzers of Yueqing are dead")
    page.page.locator('[data-form="hold"]').get_by_role("button", name=say("now", "en"), exact=True).click()
    page.decide()
    held = page.page.locator("[data-ruling]")
    expect(held).to_contain_text("Quiz")
    held.locator("[data-do=undo]").click()
    page.page.locator('[data-form="undo"] [data-field=code]').select_option("device_fault")
    page.page.locator('[data-form="undo"] [data-field=reason]').fill("they work again")
    page.decide()
    expect(page.page.locator("[data-ruling]")).to_have_count(0)
    assert [each["action"]["verb"] for each in Desk(contest, "C1").rulings()] == ["hold", "undo"]


def test_a_contestants_clock_that_stands_is_seen_and_goes_on_from_there(hall: Hall, screens: Screens) -> None:
    contest = office(hall, "stopped")
    action, why = {"verb": "stop_clock"}, {"code": "device_fault", "reason": "the lamp is broken"}
    Desk(contest, "R2").post("/rulings", id="stop", contestant="A1", action=action, **why)
    page = chief(hall, screens, contest, "holds")
    stop = page.page.locator("[data-ruling]")
    expect(stop).to_contain_text(say("clockStands", "en"))
    stop.locator("[data-do=start_clock]").click()
    form = page.page.locator('[data-form="start_clock"]')
    form.locator("[data-field=code]").select_option("device_fault")
    form.locator("[data-field=reason]").fill("the stage is set up again")
    page.decide()
    expect(stop.locator("[data-do=start_clock]")).to_have_count(0)
    expect(stop).not_to_contain_text(say("clockStands", "en"))
    assert [(each["action"]["verb"], each["contestant"]) for each in Desk(contest, "C1").rulings()] == [
        ("stop_clock", "A1"),
        ("start_clock", "A1"),
    ]


def test_a_status_that_was_set_is_seen_named_and_undone_there(hall: Hall, screens: Screens) -> None:
    contest = office(hall, "status")
    page = chief(hall, screens, contest, "holds")
    page.page.locator("[data-do=status]").click()
    page.page.get_by_label(say("fieldContestant", "en"), exact=True).fill("B2")
    form = page.page.locator('[data-form="status"]')
    form.locator("[data-field=code]").select_option("checked")
    form.locator("[data-field=reason]").fill("was not there when called")
    form.locator("[data-field=status]").select_option("dns")
    page.decide()
    expect(page.acknowledged).to_contain_text("B2 Zhu Zhenhua at")
    ruled = page.page.locator("[data-ruling]")
    expect(ruled).to_contain_text("B2 Zhu Zhenhua · DNS")
    ruled.locator("[data-do=undo]").click()
    undo = page.page.locator('[data-form="undo"]')
    undo.locator("[data-field=code]").select_option("checked")
    undo.locator("[data-field=reason]").fill("was at the other door")
    page.decide()
    expect(ruled).to_have_count(0)
    expect(page.acknowledged).to_contain_text("B2 Zhu Zhenhua at")


def test_before_publishing_the_page_says_what_is_open_and_what_the_result_is(hall: Hall, screens: Screens) -> None:
    contest = office(hall, "unsettled")
    page = chief(hall, screens, contest, "publication").page
    told = page.locator("[data-unsettled]")
    expect(told).to_contain_text("the contest has not ended")
    expect(told).to_contain_text("A3 Pan Ruotong")
    expect(told).to_contain_text(say("publishCases", "en", n=3))
    page.locator("[data-do=preview]").click()
    first = page.locator("[data-part=would-publish] tbody tr").first
    expect(first.locator("td").first).to_have_text("1")
    expect(first).to_contain_text(str(contest.board()["rows"][0]["points"]))
    told.get_by_role("link", name="the contest has not ended").click()
    expect(page.locator("[data-do=end]")).to_be_visible()


def test_the_result_as_it_stands_is_asked_for_by_hand_alone(hall: Hall, screens: Screens) -> None:
    """It is long: a contest that goes on would have it asked for every two seconds."""
    contest = office(hall, "by-hand")
    chiefs = chief(hall, screens, contest, "publication")
    page, told = chiefs.page, chiefs.page.locator("[data-unsettled]")

    def asked() -> int:
        return sum("/results" in each for each in chiefs.screen.requests)

    expect(told).to_contain_text(say("publishCases", "en", n=3))
    assert asked() == 0
    page.locator("[data-do=preview]").click()
    expect(page.locator("[data-part=would-publish] tbody tr").first).to_be_visible()
    contest.tell(outcome("pending", "B2", "final", 1_100))
    expect(told).to_contain_text("2 attempts are unjudged")
    assert asked() == 1
    contest.tell(clear("B2", "insulation", 1_200, mohm="3"))
    page.locator("[data-do=look-again]").click()
    points = next(str(row["points"]) for row in contest.board()["rows"] if row["id"] == "B2")
    expect(page.locator("[data-part=would-publish] tr[data-contestant=B2] td").nth(1)).to_have_text(points)
    assert asked() == 2


def test_blind_codes_are_shown_once_marked_without_names_and_revealed_before_a_witness(hall: Hall, screens: Screens) -> None:
    contest = office(hall, "blind")
    page = chief(hall, screens, contest, "blind")
    press(page, "draw")
    codes = page.page.locator(".note.wait tbody tr")
    expect(codes).to_have_count(5)  # a guest has none
    code = codes.filter(has=page.page.get_by_role("rowheader", name="A1 Chen Jianguo")).locator("code").inner_text()
    page.page.get_by_role("button", name=say("blindHide", "en")).click()
    expect(codes).to_have_count(0)
    referee = Referee(screens(hall.url), contest).log_in("R1")
    referee.page.keyboard.press("m")
    task = referee.page.locator(f'[data-mark^="{code}/insulation"]')
    expect(task).to_contain_text(say("markBlind", "en", code=code))
    expect(task).not_to_contain_text("Chen")
    task.get_by_role("button", name="3").click()
    task.locator("[data-send]").click()
    expect(task).to_have_attribute("data-task", "in")
    page.page.get_by_label(say("blindWitness", "en"), exact=True).select_option("R2")
    page.page.get_by_label(say("blindWitnessPassword", "en")).fill(PASSWORDS["R2"])
    press(page, "reveal")
    expect(page.page.locator("[data-layer]")).to_contain_text("revealed by C1")
    marks = Desk(contest, "R1").get("/cases/A1/insulation")["marks"]
    assert [(each["in"], each["mine"]) for each in marks] == [(1, "3")]


def test_from_the_end_to_the_final_result(hall: Hall, screens: Screens) -> None:
    contest = office(hall, "final")
    contest.tell(outcome("rejected", "A3", "final", 1_001))
    desk = Desk(contest, "C1")
    page = chief(hall, screens, contest, "control")
    press(page, "end")
    expect(page.page.locator("#content")).to_contain_text(say("ended", "en"))
    page.page.locator('nav a[href="#publication"]').click()
    press(page, "publish")
    expect(page.page.locator("#content")).to_contain_text("Published at position")
    desk.rule("seen-b1", "B1", "insulation", verb="override", marks="7")
    expect(page.page.locator("tbody").last).to_contain_text("looked at the photo")
    why = screens(hall.url).open(f"/why?contest={contest.id}&contestant=B1&lang=en").page
    expect(why.locator("[data-correction]")).to_contain_text("looked at the photo")
    expect(why.locator("[data-correction]")).to_contain_text("7 marks")
    page.page.locator('nav a[href="#signoffs"]').click()
    page.page.get_by_label(say("signFor", "en")).fill("A1, B1")
    page.page.locator("[data-do=sign]").click()
    expect(page.page.locator("tbody").get_by_text(say("signValid", "en"))).to_have_count(2)
    page.page.locator('nav a[href="#finalise"]').click()
    reasons = page.page.locator("[data-reason]")
    expect(reasons).to_have_count(2)
    expect(page.page.locator("[data-reason=missing_mark]").first).to_contain_text(
        "A1 Chen Jianguo at Insulation test: Workmanship: 0 of 3 marks are in"
    )
    for contestant in ("A1", "A2"):
        desk.rule(f"seen-{contestant}", contestant, "insulation", verb="confirm")
    expect(reasons).to_have_count(0)
    page.page.locator("[data-do=finalise]").click()
    page.page.locator("[data-do=finalise-yes]").click()
    expect(page.page.locator("#content")).to_contain_text(say("finaliseDone", "en"))
    assert desk.get("/chief")["final"] is True


def test_what_was_published_by_mistake_is_withdrawn_with_a_reason_that_everybody_reads(hall: Hall, screens: Screens) -> None:
    contest = office(hall, "withdrawn")
    page = chief(hall, screens, contest, "control")
    press(page, "end")
    page.page.locator('nav a[href="#publication"]').click()
    press(page, "publish")
    expect(page.page.locator("#content")).to_contain_text("Published at position")
    page.page.locator("[data-do=withdraw]").click()
    page.page.get_by_label(say("appealReason", "en")).fill("the wrong contest was published")
    press(page, "withdraw-yes")
    told = page.page.locator("[data-withdrawn]")
    expect(told).to_contain_text("the wrong contest was published")
    why = screens(hall.url).open(f"/why?contest={contest.id}&contestant=B1&lang=en").page
    expect(why.locator("[data-withdrawn]")).to_contain_text("the wrong contest was published")
    press(page, "publish")
    expect(told).to_have_count(0)


def test_adjusted_points_stand_beside_those_that_count(hall: Hall, screens: Screens) -> None:
    rules = [{"rule": "venue_fairness", "adjust": "percentile"}, {"rule": "season_points"}]
    contest = hall.adopt(document("adjusted") | {"conversions": rules})
    hall.give_passwords(contest.id, PASSWORDS)
    contest.tell(clear("A1", "quiz", 600), clear("B2", "wiring", 700))
    page = chief(hall, screens, contest, "publication").page
    line = page.locator("[data-part=adjusted] tr[data-contestant=A1]")
    expect(line).to_contain_text("Chen Jianguo")
    raw, adjusted = line.locator("td.number").nth(1), line.locator("td.number").nth(2)
    expect(raw).to_have_text(next(str(row["points"]) for row in contest.board()["rows"] if row["id"] == "A1"))
    expect(adjusted).to_have_text("100")
    expect(page.locator("[data-remark]")).to_have_count(1)
    expect(page.locator("[data-remark]")).to_contain_text("fewer than 30 contestants")
    expect(page.locator("[data-part=adjusted] thead th")).to_have_count(4)
