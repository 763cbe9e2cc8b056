/** Keys of the run view. They rest while someone types or uses a menu, a list or a dialog. */
import { useEffect, useRef } from 'react'
import { RUN_TABS } from '../../../app/router.tsx'
import { type RunView, useRun } from '../run-context.ts'
import type { Playback } from './use-playback.ts'

export function useRunKeys(playback: Playback): void {
  const run = useRun()
  const latest = useRef({ run, playback })
  latest.current = { run, playback }
  useEffect(() => {
    const pressed = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || isBusy(event)) return
      if (act(event, latest.current.run, latest.current.playback)) event.preventDefault()
    }
    window.addEventListener('keydown', pressed)
    return () => window.removeEventListener('keydown', pressed)
  }, [])
}

// internal

function act(event: KeyboardEvent, run: RunView, playback: Playback): boolean {
  const far = Math.max(1, Math.round(run.log.head / 100))
  switch (event.key) {
    case 'ArrowLeft':
      run.seek(run.ordinal - (event.shiftKey ? far : 1))
      return true
    case 'ArrowRight':
      run.seek(Math.min(run.log.head, run.ordinal + (event.shiftKey ? far : 1)))
      return true
    case 'Home':
      run.seek(1)
      return true
    case 'End':
      run.follow()
      return true
    case ' ':
      if (isPressable(event.target)) return false
      playback.toggle()
      return true
    case 'Escape':
      return closePanel(run)
    default:
      return openTab(event.key, run)
  }
}

function closePanel(run: RunView): boolean {
  if (run.search.event !== undefined) run.navigate({ event: undefined })
  else if (run.search.node !== undefined) run.navigate({ node: undefined })
  else return false
  return true
}

function openTab(key: string, run: RunView): boolean {
  const tab = RUN_TABS[Number(key) - 1]
  if (tab === undefined) return false
  run.navigate({ tab }, 'push')
  return true
}

function isBusy(event: KeyboardEvent): boolean {
  const target = event.target
  if (!(target instanceof Element)) return false
  return (
    target.closest(
      'input, textarea, select, [contenteditable="true"], [role="dialog"], [role="menu"], [role="listbox"]',
    ) !== null
  )
}

/** Space presses what has the focus. */
function isPressable(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('button, a, summary, [role="button"]') !== null
}
