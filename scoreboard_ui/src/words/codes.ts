/**
 * The words for stable codes, which the server knows as well: what judges ask (`code_…`), what rules are called (`rule_…`), what is refused
 * (`error_…`), reasons, deeds, outcomes, states. They are written once, beside the server; a code that is not there is shown as it is.
 */

import codes from "../../../contest_server/words/codes.json";
import type { Phrase } from "../board/types.ts";

export const codeWords = codes satisfies Record<string, Phrase>;
