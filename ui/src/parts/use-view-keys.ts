import { useRef } from 'react'
import { type ViewMove, viewMove } from './view-keys.ts'

/**
 * Handlers for a surface that keys move over. Arrows do so only where the focus came by keyboard: who clicked into it
 * means the time slider with them, as everywhere in a run. `act` says whether it did anything.
 */
export function useViewKeys(act: (move: ViewMove) => boolean): {
  onFocus: React.FocusEventHandler
  onPointerDownCapture: React.PointerEventHandler
  onKeyDown: React.KeyboardEventHandler
} {
  const byKeyboard = useRef(false)
  return {
    onFocus(event) {
      byKeyboard.current = event.target === event.currentTarget && event.target.matches(':focus-visible')
    },
    // What has the focus already is told nothing of a click into it.
    onPointerDownCapture() {
      byKeyboard.current = false
    },
    onKeyDown(event) {
      const move = viewMove(event)
      if (move === undefined || !(event.target instanceof HTMLElement)) return
      if (event.target.closest('input') !== null) return
      if (move.kind === 'pan' && !byKeyboard.current) return
      if (act(move)) event.preventDefault()
    },
  }
}
