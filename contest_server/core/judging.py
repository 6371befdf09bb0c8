"""What a judge sees and what it answers: the only names of the core that `judges/` and third parties import.

A judge is a frozen dataclass: its fields are the parameters a definition gives it, its methods are pure. It reads no clock, draws no
chance, opens no file. Marks are `Decimal`, times are integer milliseconds of contest time. A judge that raises asks for a referee: it never
accepts and never scores 0.

A class may implement any of the stations below; which ones it has decides where a definition may name it:

* `score(evidence)`        an aspect scorer: evidence to marks                       ([[stages.aspects]])
* `gate(record, stage)`    may this contestant work on this stage?                   ([[stages.rules]], [[rules]])
* `admit(attempt, cell)`   does this attempt count?                                  ([[stages.rules]], [[rules]])
* `charge(cell)`           what the stage costs: marks, time                         ([[stages.rules]], [[rules]])
* `award(field)`           bonus marks that depend on the other contestants          ([[stages.rules]], [[rules]])
* `compare(field)`         an aspect whose marks depend on the other contestants     ([[stages.aspects]])
* `question(field)`        questions about several contestants; never changes a mark (wherever the rule stands in a stage)
* `doubt(attempt, record)` a question for the referee; never changes a mark          ([[doubts]])
* `bonus(record)`          marks for the whole contest, on top of the total          ([[rules]])
* `total(record)`          a contestant's stages to points and time                  ([total])
* `convert(board)`         the standing to other figures: season points, teams, …    ([[conversions]])
* `survey(board)`          questions about the whole contest; never changes a mark   ([[doubts]], [[rules]])

A scorer may also tell surveys what it saw: `marks_given(data)` the marks of a panel (GivenMark), `answers_given(data)` what was answered to
each item and `answers_due()` the right answers, as texts by item. `data` is an attempt's evidence; MissingEvidence: nothing to tell.
`share_of(shares)` is what the rule would make of other marks of such a panel, as shares of the highest (0 to 1): a share of its `max`.

An award may also have `award_steps(field, contestant)`: the arithmetic of what it awards to a contestant, for explanations.

A total may also have `of_tally(tally)`: the points and the time (ms) that `total` answers, where they follow from what the cells add up to
(Tally) alone. Rows of the board are then made by it, and `total` is asked where something is to be explained, or where it raises.

A `convert` that levels referees or venues says so by `adjusts = True`: to enable it after marks could be seen is a question for referees.

A judge that compares may also have `standard(field)`, what everybody is compared with, and `marks_against(cell, standard)`, the marks that
`compare` answers for one of them (None: not judged). Where an event leaves the standard as it was, only the marks of whose work changed are
reckoned anew; `compare` is asked where something is to be explained or asked, or where these raise. `score_against(cell, standard, clears)`
is the whole score that `compare` answers for one of so many: where it is there, to explain one score is no look at everybody.

For whoever enters evidence by hand, any class may tell `wanted()`, the fields of the evidence that it reads (Wanted), and
`violation_codes()`, the codes that it knows, and `violation_names()`, what they are called ({code: (zh, en)}). A rule that tells nothing
has its `field` filled by a device.

Any class may also have `faults(stages)`: what is wrong with a definition that uses it, one sentence a fault (checked when it is read).
"""

from __future__ import annotations

from typing import ClassVar, Protocol

from contest_server.core.cells import HANDED_IN as HANDED_IN
from contest_server.core.cells import ZERO as ZERO
from contest_server.core.cells import AspectView as AspectView
from contest_server.core.cells import Attempt as Attempt
from contest_server.core.cells import CellResult as CellResult
from contest_server.core.cells import CellState as CellState
from contest_server.core.cells import CellView as CellView
from contest_server.core.cells import Cleared as Cleared
from contest_server.core.cells import ContestantRecord as ContestantRecord
from contest_server.core.cells import Field as Field
from contest_server.core.cells import JudgedStatus as JudgedStatus
from contest_server.core.cells import StageView as StageView
from contest_server.core.cells import Violation as Violation
from contest_server.core.evidence import Evidence as Evidence
from contest_server.core.evidence import MissingEvidence as MissingEvidence
from contest_server.core.evidence import Wanted as Wanted
from contest_server.core.evidence import decimal_of as decimal_of
from contest_server.core.expression import Expression as Expression
from contest_server.core.expression import ExpressionError as ExpressionError
from contest_server.core.expression import Value as Value
from contest_server.core.expression import check_names as check_names
from contest_server.core.expression import parse as parse
from contest_server.core.expression import value_of as value_of
from contest_server.core.judged import Bonus as Bonus
from contest_server.core.judged import Charge as Charge
from contest_server.core.judged import Converted as Converted
from contest_server.core.judged import Doubt as Doubt
from contest_server.core.judged import Opinion as Opinion
from contest_server.core.judged import Placed as Placed
from contest_server.core.judged import Score as Score
from contest_server.core.judged import Step as Step
from contest_server.core.judged import Total as Total
from contest_server.core.saying import Coded as Coded
from contest_server.core.saying import Named as Named
from contest_server.core.saying import Said as Said
from contest_server.core.saying import Text as Text
from contest_server.core.saying import half_up as half_up
from contest_server.core.saying import in_seconds as in_seconds
from contest_server.core.saying import plain as plain
from contest_server.core.saying import truth as truth
from contest_server.core.surveyed import PPM as PPM
from contest_server.core.surveyed import AnswerSheet as AnswerSheet
from contest_server.core.surveyed import Contender as Contender
from contest_server.core.surveyed import Finding as Finding
from contest_server.core.surveyed import GivenMark as GivenMark
from contest_server.core.surveyed import OfficialView as OfficialView
from contest_server.core.surveyed import Panel as Panel
from contest_server.core.surveyed import PanelMark as PanelMark
from contest_server.core.surveyed import SeenFile as SeenFile
from contest_server.core.surveyed import Survey as Survey
from contest_server.core.surveyed import SurveyedAspect as SurveyedAspect
from contest_server.core.surveyed import gaps_ppm as gaps_ppm
from contest_server.core.tally import Tally as Tally
from contest_server.core.tally import tally_of as tally_of

API_VERSION = 1
"""The version of these names. A judge class states the one it was written for in `api`; loading refuses another."""


class Judge(Protocol):
    """What every judge class states about itself."""

    api: ClassVar[int]
    version: ClassVar[str]


STATIONS = ("score", "gate", "admit", "charge", "award", "compare", "question", "doubt", "bonus", "total", "convert", "survey")
