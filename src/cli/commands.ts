/** The list of subcommands, in the order of help; each is loaded when it is called. */
import type { Command } from './command.ts'

export interface CommandEntry {
  name: string
  description: string
  /** Not for people: left out of help and completion. */
  hidden?: true
  /** Reads its words itself (`runWords`): `--help` among them may be meant for another program. */
  ownWords?: true
  load(): Promise<Command>
}

export const COMMANDS: CommandEntry[] = [
  {
    name: 'start',
    description: 'Start the server in the background',
    load: async () => (await import('./start.ts')).start,
  },
  {
    name: 'stop',
    description: 'Stop the server and wait until it is gone',
    load: async () => (await import('./stop.ts')).stop,
  },
  {
    name: 'restart',
    description: 'Stop the server and start it with the settings it ran with',
    load: async () => (await import('./restart.ts')).restart,
  },
  {
    name: 'status',
    description: 'Say whether the server runs, where, and how it is',
    load: async () => (await import('./status.ts')).status,
  },
  {
    name: 'record',
    description: 'Run a program and record its model calls (also: ao-record)',
    ownWords: true,
    load: async () => (await import('./record.ts')).record,
  },
  {
    name: 'logs',
    description: "Print the server's log",
    load: async () => (await import('./logs.ts')).logs,
  },
  {
    name: 'runs',
    description: 'List the stored runs, newest first',
    load: async () => (await import('./runs.ts')).runs,
  },
  {
    name: 'replay',
    description: 'Show a stored run again to everybody who watches',
    load: async () => (await import('./replay.ts')).replay,
  },
  {
    name: 'export',
    description: 'Write a stored run as its original events, one a line',
    load: async () => (await import('./export.ts')).exportCommand,
  },
  {
    name: 'import',
    description: 'Store exported events again; those that are stored already are skipped',
    load: async () => (await import('./import.ts')).importCommand,
  },
  {
    name: 'clear',
    description: 'Delete recorded runs, experiments and cached calls',
    load: async () => (await import('./clear.ts')).clear,
  },
  {
    name: 'backup',
    description: 'Copy both database files into a folder, also while the server runs',
    load: async () => (await import('./backup.ts')).backup,
  },
  {
    name: 'doctor',
    description: 'Check everything a server needs, and say what to do',
    load: async () => (await import('./doctor.ts')).doctor,
  },
  {
    name: 'demo',
    description: 'Run a sample agent that publishes its events to the server',
    load: async () => (await import('./demo.ts')).demo,
  },
  {
    name: 'completion',
    description: 'Print a script that completes commands and flags in your shell',
    load: async () => (await import('./completion.ts')).completion,
  },
  {
    name: 'serve',
    description: 'Be the server in the background',
    hidden: true,
    load: async () => (await import('./serve.ts')).serve,
  },
]
