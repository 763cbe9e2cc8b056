import type { RunView } from './run-context.ts'

/** How a step, call or tool that has no end at the shown moment is called. Pure. */
export function openWord({ state, following, live }: Pick<RunView, 'state' | 'following' | 'live'>): string {
  if (state.summary?.status !== 'running') return 'never ended'
  return following && !live ? 'no end yet' : 'running'
}
