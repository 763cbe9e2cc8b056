/** The tone of a status, which stands for one colour everywhere. Pure. */

export type Tone = 'run' | 'plan' | 'done' | 'wait' | 'need' | 'fail' | 'tool'

const NODE_TONES: Record<string, Tone> = {
  NOT_READY: 'wait',
  READY: 'wait',
  SUSPEND: 'wait',
  NEED_UPDATE: 'need',
  NEED_POST_REFLECT: 'need',
  PLANNING: 'plan',
  PLANNING_POST_REFLECT: 'plan',
  PLAN_DONE: 'plan',
  DOING: 'run',
  FINAL_TO_FINISH: 'run',
  FINISH: 'done',
  FAILED: 'fail',
  running: 'run',
  completed: 'done',
  finished: 'done',
  error: 'fail',
}

export const LEGEND: readonly { tone: Tone; label: string }[] = [
  { tone: 'wait', label: 'Waiting' },
  { tone: 'plan', label: 'Planning' },
  { tone: 'run', label: 'Doing' },
  { tone: 'need', label: 'Needs another look' },
  { tone: 'done', label: 'Finished' },
  { tone: 'fail', label: 'Failed' },
]

/** The tone of a node's or a run's status; statuses that are not known wait. */
export function toneOf(status: string | undefined): Tone {
  return NODE_TONES[status ?? ''] ?? 'wait'
}

export function toneColor(tone: Tone): string {
  return `var(--ao-${tone})`
}
