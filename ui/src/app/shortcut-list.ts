/** Every keyboard shortcut, as the help lists them. */
export interface ShortcutGroup {
  title: string
  keys: { keys: string[]; does: string }[]
}

export const SHORTCUTS: readonly ShortcutGroup[] = [
  {
    title: 'Everywhere',
    keys: [
      { keys: ['Ctrl', 'K'], does: 'Go to a run, a node or a command' },
      { keys: ['?'], does: 'This list' },
      { keys: ['/'], does: 'Search in the view' },
      { keys: ['Shift', 'H'], does: 'All runs' },
      { keys: ['Shift', 'C'], does: 'Compare two runs' },
      { keys: ['Shift', 'S'], does: 'Server' },
      { keys: ['Shift', 'T'], does: 'Dark or light theme' },
    ],
  },
  {
    title: 'Graph and timeline, once reached with Tab',
    keys: [
      { keys: ['←', '↑', '→', '↓'], does: 'Move over it' },
      { keys: ['Shift', '→'], does: 'Move further' },
      { keys: ['+'], does: 'Closer' },
      { keys: ['-'], does: 'Further away' },
      { keys: ['0'], does: 'Everything in sight' },
    ],
  },
  {
    title: 'Lists',
    keys: [
      { keys: ['↑', '↓'], does: 'Move' },
      { keys: ['Enter'], does: 'Open' },
    ],
  },
  {
    title: 'Run',
    keys: [
      { keys: ['1'], does: 'Overview' },
      { keys: ['2'], does: 'Graph' },
      { keys: ['3'], does: 'Timeline' },
      { keys: ['4'], does: 'Events' },
      { keys: ['←'], does: 'One event back' },
      { keys: ['→'], does: 'One event on' },
      { keys: ['Shift', '←'], does: 'A hundredth of the run back' },
      { keys: ['Shift', '→'], does: 'A hundredth of the run on' },
      { keys: ['Home'], does: 'First event' },
      { keys: ['End'], does: 'Follow the live run' },
      { keys: ['Space'], does: 'Play or pause' },
      { keys: ['Esc'], does: 'Close the panel' },
    ],
  },
]
