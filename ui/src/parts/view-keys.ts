/** Keys that move over a surface which is otherwise dragged and turned with the mouse. Pure. */

export type ViewMove =
  /** By these many pixels, to the right and down. */
  { kind: 'pan'; right: number; down: number } | { kind: 'zoom'; closer: boolean } | { kind: 'all' }

const STEP = 60
const FAR_STEP = 300

/** What a key asks for, or undefined when it means something else. */
export function viewMove(event: {
  key: string
  shiftKey: boolean
  ctrlKey: boolean
  metaKey: boolean
  altKey: boolean
}): ViewMove | undefined {
  if (event.ctrlKey || event.metaKey || event.altKey) return undefined
  const step = event.shiftKey ? FAR_STEP : STEP
  switch (event.key) {
    case 'ArrowLeft':
      return { kind: 'pan', right: -step, down: 0 }
    case 'ArrowRight':
      return { kind: 'pan', right: step, down: 0 }
    case 'ArrowUp':
      return { kind: 'pan', right: 0, down: -step }
    case 'ArrowDown':
      return { kind: 'pan', right: 0, down: step }
    case '+':
    case '=':
      return { kind: 'zoom', closer: true }
    case '-':
      return { kind: 'zoom', closer: false }
    case '0':
      return { kind: 'all' }
    default:
      return undefined
  }
}
