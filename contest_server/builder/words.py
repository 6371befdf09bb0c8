"""Faults in both languages. The core words them in English; here the usual ones have a Chinese sentence. What is not here stays English."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from contest_server.builder.option_words import OPTION_FAULTS
from contest_server.core.definition import Text
from contest_server.core.faults import Fault
from contest_server.core.saying import ENGLISH
from contest_server.core.saying import Text as Sentence
from contest_server.words import CHINESE

_FOUND = r"(?: \(found (?P<found>.*)\))?"
_CHINESE: tuple[tuple[str, str, str], ...] = (
    ("missing", r"missing; .*", "必填,还没有填写"),
    ("unknown_key", r"unknown key.*", "没有这一项"),
    ("bad_id", r"(?P<a>.*) is not an id: .*", "{a} 不能作编号:只能用字母、数字、_ - . :,1 到 64 个,不能有空格"),
    ("duplicate_id", r"(?P<a>'.*') is used already by (?P<b>\S+)", "{a} 已被 {b} 使用"),
    ("unknown_venue", r"(?P<a>'.*') is not a venue; expected one of (?P<b>.*)", "{a} 不是赛区;已有:{b}"),
    ("unknown_contestant", r"(?P<a>'.*') is not a contestant", "没有选手 {a}"),
    ("unknown_stage", r"(?P<a>'.*') names no stage or group; .*", "{a} 不是任何关卡或分组"),
    ("too_small", r"input should be greater than or equal to (?P<a>\S+)" + _FOUND, "不能小于 {a}"),
    ("too_small", r"input should be greater than (?P<a>\S+)" + _FOUND, "必须大于 {a}"),
    ("too_large", r"input should be less than or equal to (?P<a>\S+)" + _FOUND, "不能大于 {a}"),
    ("too_large", r"input should be less than (?P<a>\S+)" + _FOUND, "必须小于 {a}"),
    (
        "not_a_number",
        r"(?i)input should be a valid (?:decimal|integer|number).*|decimal input should be .*|must be a finite number.*",
        "应填数字",
    ),
    ("not_a_time", r"(?i)input should be a valid (?:datetime|date).*", "应填日期和时间"),
    ("not_a_text", r"(?i)input should be a valid string.*", "应填文字"),
    ("not_yes_or_no", r"(?i)input should be a valid boolean.*", "应填是或否"),
    ("not_a_list", r"(?i)input should be a valid (?:list|tuple).*", "应填列表"),
    ("bad_choice", r"(?i)input should be (?P<a>'.*')" + _FOUND, "应为 {a} 之一"),
    ("too_few", r"(?i)(?:list|tuple) should have at least (?P<a>\d+) items?.*", "至少要有 {a} 项"),
    ("too_many", r"(?i)(?:list|tuple) should have at most (?P<a>\d+) items?.*", "最多 {a} 项"),
    ("too_short", r"(?i)string should have at least (?P<a>\d+) characters?.*", "至少 {a} 个字"),
    ("too_long", r"(?i)string should have at most (?P<a>\d+) characters?.*", "最多 {a} 个字"),
    ("no_zone", r"has no time zone; .*", "缺少时区"),
    ("bad_year", r"is out of range; expected a year .*", "年份应在 1971 到 2254 之间"),
    ("freeze_without_end", r"needs contest\.minutes: .*", "要先填比赛时长:封榜时间从结束往回算"),
    ("freeze_too_long", r"is longer than the contest \((?P<a>\d+) minutes\)", "比整场比赛({a} 分钟)还长"),
    ("points_and_aspects", r"a stage has points or aspects, not both: .*", "有评分项的关卡不另设分值:各评分项满分相加即为关卡分值"),
    ("cannot_pass", r"(?P<a>\S+) cannot be reached: the stage is worth (?P<b>\S+)", "{a} 达不到:本关满分只有 {b}"),
    (
        "panel_too_large",
        r"a panel of (?P<a>\d+) can never be complete: there are (?P<b>\d+) referees",
        "{a} 人评分组凑不齐:只有 {b} 名裁判",
    ),
    ("twice", r"(?P<a>'.*') is named twice", "{a} 写了两次"),
    ("nothing_fits", r"(?P<a>\S+) is above max \((?P<b>\S+)\); .*", "下限 {a} 大于上限 {b},无法录入"),
    ("unknown_rule", r"no rule is called (?P<a>'.*'); .*", "没有叫 {a} 的规则"),
    ("wrong_place", r"(?P<a>'.*') cannot stand here: .*", "规则 {a} 不能用在这里"),
    ("unknown_option", r"rule (?P<a>'.*') has no such parameter; .*|the rule has no such parameter", "该规则没有这个参数"),
    ("unknown_measure", r"no measure is called (?P<a>'.*'); .*", "没有叫 {a} 的排名依据"),
    ("never_opens", r"stage (?P<a>'.*') can never be opened: .*", "关卡 {a} 永远打不开:前置条件互相等待,或者无法完成"),
    ("empty", r"(?P<a>\w+) is empty; .*", "{a} 还是空的"),
    ("table_elsewhere", r"no file is read here; .*", "这里不读取外部名单文件;请在“选手”一步导入"),
    ("unwritable", r"holds a character that cannot be written", "含有无法保存的字符"),
    ("document", r"expected an object with .*", "不是比赛定义"),
    ("bad_toml", r"is not TOML: (?P<a>.*)", "不是 TOML:{a}"),
)
_PATTERNS = tuple((code, re.compile(pattern, re.DOTALL), zh) for code, pattern, zh in (*_CHINESE, *OPTION_FAULTS))


def fault_document(fault: Fault) -> dict[str, Any]:
    """A fault as a page shows it: place, sentence in both languages, and a stable word."""
    english = ENGLISH.tell(fault.message)
    code, zh = _chinese(english)
    return {"where": fault.where, "code": code, "message": {"zh": CHINESE.tell(fault.message) if code == "other" else zh, "en": english}}


def _chinese(message: str) -> tuple[str, str]:
    for code, pattern, zh in _PATTERNS:
        if match := pattern.fullmatch(message):
            return code, zh.format(**{name: said or "" for name, said in match.groupdict().items()})
    return "other", message


def said(where: str, code: str, zh: str, en: str) -> dict[str, Any]:
    """A fault or warning that is worded here."""
    return {"where": where, "code": code, "message": {"zh": zh, "en": en}}


def both(text: Sentence) -> dict[str, str]:
    """A judge's sentence in both languages; the English one where there is no Chinese."""
    return {"zh": CHINESE.tell(text), "en": ENGLISH.tell(text)}


def words(text: Text | None) -> Mapping[str, str] | None:
    return None if text is None else {"zh": text.zh, "en": text.en}
