/** What the sample agent works on: a tree of tasks, with what its tools and its model answer. */

export interface Task {
  goal: string
  taskType: 'COMPOSITION' | 'REASONING' | 'RETRIEVAL'
  /** Positions, from 1, of the siblings whose results this task needs. */
  needs?: number[]
  /** What a planner splits it into; tasks without are executed. */
  parts?: Task[]
  tools?: ToolUse[]
  /** The model's answer: the plan's reasoning for a task with parts, the result for others. */
  answer: string
  /** The merged result of a task with parts. */
  summary?: string
}

export interface ToolUse {
  tool: string
  api: string
  args: string
  result: string
  /** The first call fails with this and the whole step is done again. */
  fails?: string
}

export const PROMPT =
  'Should the Lindholm city library open on Sundays? Find the facts and write a brief on which the council can decide.'

const visitors: Task = {
  goal: 'Find out how people use the library today',
  taskType: 'RETRIEVAL',
  answer: 'Two sources are enough: the door counter for when people come, the survey for what they miss.',
  summary:
    'Saturdays are the busiest day (1,940 visits against 870 on weekdays); 41 % of those asked want Sunday hours.',
  parts: [
    {
      goal: 'Collect visits per weekday of the last twelve months',
      taskType: 'RETRIEVAL',
      tools: [
        {
          tool: 'DoorCounter',
          api: 'visits_by_weekday',
          args: '{"from":"2025-11-01","to":"2026-10-31"}',
          result: 'Mon 810, Tue 850, Wed 930, Thu 880, Fri 880, Sat 1,940 visits on average',
        },
      ],
      answer:
        'An average weekday has 870 visits, Saturday 1,940. The last two Saturday hours are the fullest of the week.',
    },
    {
      goal: 'Collect what visitors asked for in the last survey',
      taskType: 'RETRIEVAL',
      tools: [
        {
          tool: 'DocumentSearch',
          api: 'search',
          args: '{"query":"visitor survey opening hours","limit":5}',
          result: '2 documents: survey-2026.pdf (612 answers), survey-2024.pdf (540 answers)',
        },
        {
          tool: 'DocumentReader',
          api: 'read_page',
          args: '{"document":"survey-2026.pdf","page":7}',
          result:
            'Q9 "What would make you come more often?": Sunday hours 41 %, later evenings 23 %, quieter rooms 18 %',
        },
      ],
      answer:
        'Sunday hours are the most frequent wish: 251 of 612 people (41 %), far ahead of later evenings (23 %).',
    },
  ],
}

const elsewhere: Task = {
  goal: 'Find out what Sunday opening brings and costs elsewhere',
  taskType: 'RETRIEVAL',
  answer: 'First find comparable libraries, then look up cost and visits for each of them.',
  summary:
    'Three comparable libraries gained 9–14 % visits a week for 61,000–78,000 a year, mostly staff cost.',
  parts: [
    {
      goal: 'Find libraries of similar size that open on Sundays',
      taskType: 'RETRIEVAL',
      tools: [
        {
          tool: 'WebSearch',
          api: 'search',
          args: '{"query":"city library sunday opening 40000 inhabitants","limit":10}',
          result: '10 hits; 3 of similar size: Norrby, Vastervik Harbour, Alder Mills',
        },
      ],
      answer:
        'Norrby, Vastervik Harbour and Alder Mills have 38,000 to 47,000 inhabitants and have opened on Sundays since 2022.',
    },
    {
      goal: 'Collect their additional yearly cost',
      taskType: 'RETRIEVAL',
      needs: [1],
      tools: [
        {
          tool: 'WebPage',
          api: 'fetch',
          args: '{"url":"https://norrby.example/budget/2025","timeout_s":5}',
          result: 'Budget 2025, line 4.3: Sunday opening 61,000 (staff 52,000, security 6,000, energy 3,000)',
          fails: 'TimeoutError: no answer from norrby.example within 5 s',
        },
        {
          tool: 'WebPage',
          api: 'fetch',
          args: '{"url":"https://aldermills.example/council/minutes-114","timeout_s":15}',
          result: 'Item 6: Sunday hours cost 78,000 in 2025, of which 69,000 staff',
        },
      ],
      answer:
        'Between 61,000 (Norrby, four hours) and 78,000 (Alder Mills, six hours) a year; 85 to 88 % of it is staff.',
    },
    {
      goal: 'Collect how their visits changed',
      taskType: 'RETRIEVAL',
      needs: [1],
      tools: [
        {
          tool: 'WebSearch',
          api: 'search',
          args: '{"query":"norrby library visits before after sunday opening","limit":5}',
          result:
            'Annual report 2024: visits per week +9 %; Alder Mills 2025: +14 %, a fifth of it new cards',
        },
      ],
      answer:
        'Visits a week rose by 9 % in Norrby and 14 % in Alder Mills; weekday visits fell by less than 2 %.',
    },
  ],
}

const weighing: Task = {
  goal: 'Weigh what Lindholm would gain against what it would cost',
  taskType: 'REASONING',
  needs: [1, 2],
  answer:
    'Estimate visitors and cost separately, then compare opening times on the same scale: cost per visit.',
  summary: 'Four hours from 12 to 16 give about 31,000 visits a year at 2.10 each; six hours cost 2.60 each.',
  parts: [
    {
      goal: 'Estimate Sunday visits per year',
      taskType: 'REASONING',
      answer:
        'With 6,330 visits a week and 9–14 % more, 570 to 890 a Sunday; over 50 Sundays about 31,000 for four hours.',
    },
    {
      goal: 'Estimate the yearly cost for four and for six hours',
      taskType: 'REASONING',
      answer:
        'Four hours: 65,000 (three staff, security, energy). Six hours: 96,000, since a second shift is needed.',
    },
    {
      goal: 'Compare both by cost per visit',
      taskType: 'REASONING',
      needs: [1, 2],
      answer:
        'Four hours cost 2.10 per visit, six hours 2.60. An average weekday visit costs 2.40, so four hours are the cheaper time.',
    },
  ],
}

const writing: Task = {
  goal: 'Write the brief',
  taskType: 'COMPOSITION',
  needs: [3],
  answer:
    'A council member reads the first paragraph and maybe the table: recommendation first, evidence second, risks last.',
  summary: 'Brief of 640 words: recommendation, evidence with one table, risks and a trial of twelve months.',
  parts: [
    {
      goal: 'Write the recommendation in one paragraph',
      taskType: 'COMPOSITION',
      answer:
        'Open on Sundays from 12 to 16 for a trial of twelve months. It answers the most frequent wish of visitors at a cost per visit below that of a weekday.',
    },
    {
      goal: 'Write the evidence with a table of the three libraries',
      taskType: 'COMPOSITION',
      answer:
        '| library | hours | cost a year | visits |\n| --- | --- | --- | --- |\n| Norrby | 4 | 61,000 | +9 % |\n| Vastervik Harbour | 5 | 70,000 | +11 % |\n| Alder Mills | 6 | 78,000 | +14 % |',
    },
    {
      goal: 'Write risks and how the trial is judged',
      taskType: 'COMPOSITION',
      needs: [1, 2],
      answer:
        'Judge the trial by visits per Sunday (at least 450), cost per visit (at most 2.40) and weekday visits (no more than 3 % fewer). Sick leave is the main risk: plan a pool of five.',
    },
  ],
}

export const STORY: Task = {
  goal: PROMPT,
  taskType: 'COMPOSITION',
  answer:
    'Facts about our own visitors and about other libraries can be collected side by side; both feed the comparison, which feeds the brief.',
  summary:
    'Recommendation: open on Sundays from 12 to 16 for a trial of twelve months, about 31,000 visits a year at 2.10 each.',
  parts: [visitors, elsewhere, weighing, writing],
}
