/** A phrase that this project's prose does not use, and a better wording. */
export type Phrase = readonly [pattern: RegExp, better: string];

/** A blank in a pattern stands for any white space, so that a phrase is also found across a line break. */
const phrase = (pattern: string, better: string, flags = 'gi'): Phrase => [
  new RegExp(pattern.replaceAll(' ', '\\s+'), flags),
  better,
];

const be = '(?:is|are|was|were|be|been|being)';

/** Archaic, oblique or translated phrases. Ordinary English that is merely frequent does not belong here. */
export const phrases: readonly Phrase[] = [
  // Who says what to whom.
  phrase('\\btold\\b', 'is notified of, receives, is configured with, reports'),
  phrase('\\btells\\b|\\btell(?:ing)? of\\b|\\bnot tell\\b', 'reports, shows, indicates, notifies'),
  phrase('\\bhears?\\b|\\bheard\\b', 'receives, is notified of, last status'),
  phrase('\\blearn(?:s|ed|t)? of\\b|\\blearnt\\b', 'discovers, receives'),
  phrase('\\b(?:says?|said) of\\b', 'reports about; name what it returns'),
  phrase('\\b(?:know|knows|knew) (?:of|no|nothing)\\b', 'has, is aware of, does not know'),
  phrase(`\\b${be} asked\\b`, 'is called, is queried, is requested'),
  phrase('\\bg[ia]ves? no answer\\b|\\banswer of use\\b', 'does not respond, unusable response'),
  phrase('\\bgives\\b(?! up\\b)', 'returns, provides, yields'),
  phrase('\\bgiv(?:e|en|es|ing) back\\b|\\bgave back\\b', 'return, release'),
  phrase('\\bown words\\b|\\bin words\\b', 'as text, describes, in its own message'),
  phrase('\\banswers? for\\b(?! (?:each|every|all|a|the)\\b)', 'is responsible for'),
  phrase('\\bwhat becomes of\\b', 'what happens to'),
  phrase(
    '\\bwhat (?:is|was|are|were) (?:wanted|asked|heard|told|said|there)\\b',
    'desired state, request, status',
  ),

  // Trying, ending, coming and going.
  phrase('\\banew\\b', 'again; restart, recreate, reconnect, reload'),
  phrase('\\bonce more\\b', 'again'),
  phrase(`\\b${be} tried\\b|\\btr(?:ies|ied) again\\b`, 'retries, is retried, is attempted, is tested'),
  phrase('\\bg(?:ive|ives|iven|ave|iving) up\\b', 'drop, abandon, stop retrying, time out'),
  phrase(
    '\\bg(?:ive|ives|iven|ave|iving) (?:it|them|him|a \\w+|the \\w+) up\\b',
    'drop, abandon, stop retrying',
  ),
  phrase('\\bno more\\b(?! (?:than|often|\\w+s|\\w+ing)\\b)', 'no longer, stopped'),
  phrase(`\\b${be} away\\b`, 'is unreachable, is unavailable, is down'),
  phrase(
    `\\b${be} back\\b(?! (?:to|in|at|on)\\b)|\\bcomes? back\\b|\\bcame back\\b`,
    'is reachable again, returns, recovers',
  ),
  phrase(
    '\\b(?:is|are|has|have|had|was|were|be|been) gone\\b',
    'was deleted, no longer exists, has exited, disconnected',
  ),
  phrase('\\b(?:has|have|had|is|are) come\\b', 'has arrived, was received'),
  phrase('\\bbegun\\b', 'started'),
  phrase('\\bbegin(?:s|ning)? again\\b|\\bbegan again\\b', 'restarts'),
  phrase(`\\b${be} ended\\b`, 'is stopped, is terminated, is closed'),
  phrase('\\bg(?:o|oes|oing) on\\b(?! (?:a|an|the|its)\\b)|\\bwent on\\b', 'continues'),
  phrase('\\bon (?:its|their) way\\b', 'in progress, in flight, starting, terminating'),
  phrase('\\bat work\\b', 'running, in progress'),
  phrase('\\bat an end\\b|\\bcomes? to an end\\b', 'ended, ends'),
  phrase('\\b(?:broken|breaks?|broke) off\\b', 'cancelled, aborted'),
  phrase('\\b(?:brought|brings?|bringing) (?:\\w+ )?up to date\\b', 'updated, current'),
  phrase('\\bfor good\\b', 'permanently'),
  phrase('\\bgot lost\\b|\\bgets? lost\\b', 'is lost'),

  // Looking.
  phrase('\\blook(?:s|ed|ing) at\\b|\\ba look at\\b', 'inspects, processes, reconciles, checks, reads'),
  phrase('\\bjudge[sd]?\\b|\\bjudging\\b', 'evaluates, decides, checks, validates'),
  phrase('\\btaken for\\b', 'treated as, mistaken for'),

  // Being and not being.
  phrase(
    `\\bthere (?:is|are|was|were) none\\b|\\bis none\\b|\\bare none\\b`,
    'does not exist, is not set, if absent',
  ),
  phrase(`\\b${be} not there\\b`, 'is missing, does not exist'),
  phrase(
    '(?<!\\b(?:there|here)\\s+)\\b(?:is|are|was|were) no (?!longer\\b|more\\b|different\\b|need\\b|reason\\b|less\\b)\\w+',
    'is not a …, has no …',
  ),
  phrase('\\b(?:is|are|was|were) (?:not )?to be\\b', 'must be, should be, will be'),
  phrase('\\bto be had\\b', 'available'),
  phrase(
    '\\b(?:is|are|was|were) of (?:another|no|the same|usual|any|that|this|its)\\b',
    'has another …, belongs to',
  ),
  phrase(
    '\\b(?:left|leaves?|keeps?|kept|stays?|passed on) as (?:it|they) (?:is|are|was|were)\\b',
    'unchanged',
  ),
  phrase('\\b(?<!(?:for|stand|stands)\\s)stands? (?:in|at|on|between)\\b(?! for\\b)', 'is in, is at'),
  phrase('\\blies? (?:in|at|on|below|under|beside)\\b', 'is in, is stored in'),
  phrase('\\bwanted\\b', 'requested, desired, required'),
  phrase('\\bof use\\b(?! cases?\\b)', 'usable, useful'),
  phrase('\\bin vain\\b', 'unused, without effect'),
  phrase('\\b(?:with|do|does|did) no harm\\b|\\bwithout harm\\b', 'safely, harmless'),
  phrase('\\bin step\\b', 'in sync'),

  // Whose, which and who.
  phrase('(?<!\\bout )\\bof which\\b', 'split the sentence'),
  phrase('\\bwho(?:m)?ever\\b', 'name the actor: the caller, the client, the user'),
  phrase('\\bwhatever\\b', 'any, regardless of, everything'),
  phrase('\\bsomebody\\b', 'someone; better: a client, a viewer, another process'),
  phrase('\\bnobody\\b(?![:"\'/`])', 'no client, no viewer, no one'),
  phrase("\\bof (?:its|their|one's|his|our|your|my) own\\b", 'its own …, a separate …, a dedicated …'),
  phrase('\\bsuch (?:a )?ones?\\b', 'repeat the noun'),
  phrase('\\bin the moment\\b|\\bmoment in which\\b', 'when, while'),
  phrase(
    '\\bmakes? of (?:it|this|that|them|each|what|a|the|every)\\b|\\bmade of\\b',
    'creates, is built from, consists of',
  ),
  phrase('\\b(?:the|its|a) leave (?:of|to)\\b|\\bg[ia]ves? leave\\b', 'permission'),

  // How many.
  phrase('\\bas many (?:\\w+ )?as\\b', 'up to, at most, one per'),
  phrase(
    '\\bMost (?:\\w+ ){1,4}(?:that (?:are|may|is|a)|a (?:second|minute|camera|client)|at once)\\b',
    'Maximum …',
    'g',
  ),
  phrase(
    '\\b(?:frames|times|messages|bytes|requests|pictures|images|lines|looks|starts|keys|attempts|MB|MiB|kB|KB) a (?:second|minute|hour|day)\\b',
    'per second, per minute',
  ),
  phrase(
    '\\b(?:one|two|three|some|\\d+) (?:\\w+ )?a (?:camera|folder|file|row|line|processor|core|frame|replica|node|topic|key|client|stream|person|place)\\b',
    'per camera, per file',
  ),
  phrase('\\ba (?:process|file|thread|pod|row|line) a \\w+\\b', 'one … per …'),
  phrase('\\bgive or take\\b', '±, with jitter'),
  phrase('\\bfor so long\\b|\\bso many\\b', 'for this time, this number of'),
  phrase('\\btakes none\\b', 'takes nothing, refuses'),

  // Connectives and archaisms.
  phrase('\\bbe (?:it|they)\\b(?! (?:a|an) (?:url|uri))', 'whether; rewrite the sentence'),
  phrase('\\blikewise\\b', 'also, the same way'),
  phrase('\\b(?:and|or) (?:the like|alike|such)\\b', 'similar, and so on; or name them'),
  phrase('\\bbut for\\b', 'except for'),
  phrase('\\bsave for\\b', 'except for'),
  phrase(
    '(?<!\\b(?:set|sets|put|puts|move|moves|moved|step|left|stepping)\\s+(?:\\w+\\s+)?)\\baside\\b',
    'except for, apart from',
  ),
  phrase('(?<!\\b(?:neither|not)\\b[^.;]{0,120})\\bnor\\b', 'and not; start a new sentence'),
  phrase(
    ',\\s+for (?:it|they|he|she|we|only|nothing|there|this|that|what) (?:\\w+ )?(?:is|are|was|may|might|can|could|has|have|would|does|do|cannot)\\b',
    'because',
  ),
  phrase('\\b(?:by|of) (?:itself|themselves)\\b', 'automatically, on its own'),
  phrase('\\ball the same\\b', 'still, anyway'),
  phrase('\\bas good as\\b', 'almost'),
  phrase('\\bmerely\\b', 'only, just'),
  phrase('\\bought\\b|\\bshall\\b', 'should, must, will'),
  phrase('\\bin (?:its|their) turn\\b', 'then, in turn'),
  phrase('\\bin a circle\\b|\\bin circles\\b', 'cyclically, import cycle'),
  phrase('\\b(?:two|in this|in that|in the same|in a|in any) manners?\\b|\\bin manners\\b', 'way'),
  phrase('\\bat will\\b|\\bone (?:likes|wishes|pleases)\\b', 'any number of times; name the limit'),
  phrase('\\b(?:one|package|process|file|part)s? of (?:ours|theirs|yours)\\b', 'our …, their …'),
  phrase('\\bwould have it\\b', 'requires, does'),
  phrase('\\bfalls? to\\b(?! (?:\\d|zero|below|the))', 'is taken over by'),
  phrase('\\bcontent with\\b', 'needs only, accepts'),
  phrase('\\blets? (?:us|them|him|it|\\w+s) (?:in|pass)\\b|\\blets? pass\\b', 'accepts, allows'),
  phrase(
    '\\b(?:obey|obeys|obeyed|obeying|bury|buries|buried)\\b',
    'apply, follow; send to the dead-letter topic',
  ),
  phrase('\\bmend(?:s|ed|ing)?\\b', 'fix, repair'),
  phrase('\\bsought\\b', 'searched for'),
  phrase('\\bowe[sd]?\\b', 'rewrite the sentence'),
  phrase(
    '\\b(?:lest|hence|thereof|therein|thereby|thereupon|whence|whilst|amongst|albeit|henceforth|hitherto|notwithstanding|forthwith|upon)\\b',
    'so that, so, on, while, among, although',
  ),
  phrase(
    '\\b(?:by way of|with regard to|in respect of|on account of|for the time being|so as to)\\b',
    'by, about, because of, for now, to',
  ),
  phrase('\\brelayed way\\b', 'relay route, TURN relay'),
];

/** Words in declared names and file names that are riddles to a reader of this field. */
export const nameWords: readonly Phrase[] = [
  [/^(obey|obeys|obeyed)$/, 'apply'],
  [/^(bury|buries|buried)$/, 'sendToDeadLetter'],
  [/^anew$/, 'restart, recreate, again'],
  [/^(sight|sights|said|saying)$/, 'a noun of the field: report, status, observation'],
  [/^(told|telling|tells)$/, 'notified, reported, published'],
  [/^(heard|hears|hearing)$/, 'received, lastReport'],
  [/^(judge|judges|judged)$/, 'evaluate, decide'],
  [/^(whoever|whatever|nobody|somebody)$/, 'name the actor'],
  [/^(wanted|wants)$/, 'desired, requested'],
];

/** Runs of words in names, in kebab-case. */
export const nameRuns: readonly Phrase[] = [
  [/(^|-)in-words($|-)/, 'describe…, format…'],
  [/(^|-)look(s|ed)?-at($|-)/, 'inspect, probe, reconcile'],
  [/(^|-)tells?-of($|-)/, 'report, notify'],
];

/** Runs of words in the names of functions. */
export const functionRuns: readonly Phrase[] = [
  [/^demand(-|$)/, 'require… or get…OrThrow for a lookup that throws'],
];

/** Texts of other programs, quoted as they are. */
export const quotedTexts: readonly RegExp[] = [/wants to publish[^'"`\n]*/g];
